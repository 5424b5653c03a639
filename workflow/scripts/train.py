"""Train the runs of one job."""

from pathlib import Path

import torch

from grokking.files import RUN, sha256, write_json
from grokking.logs import job_log
from grokking.runs.train import train
from grokking.runs.training import Order
from grokking.specs.run import RunSpec

with job_log(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    results, orders = Path(snakemake.log[0]).parents[2], []
    runs = results / "runs"
    for run, values in snakemake.params.runs.items():
        spec, checkpoint = RunSpec.from_mapping(values, run), results / "checkpoints" / f"{run}.safetensors"
        parent = runs / spec.parent if spec.parent else None
        orders.append(Order(spec, runs / run, checkpoint, snakemake.params.code[run], parent))
    train(orders, snakemake.resources.device)
    if "sweep" in snakemake.wildcards.keys():  # noqa: SIM118 (not a dict)
        write_json(Path(snakemake.output.run), {order.spec.id: sha256(order.directory / RUN) for order in orders})
