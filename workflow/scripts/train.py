"""Train the runs of one job."""

from pathlib import Path

import torch

from grokking.files import RUN, sha256, write_json
from grokking.logs import job_log
from grokking.runs.train import train
from grokking.specs.run import RunSpec

with job_log(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    results, sealed = Path(snakemake.log[0]).parents[2], {}
    for run, values in snakemake.params.runs.items():
        spec, folder = RunSpec.from_mapping(values, run), results / "runs" / run
        checkpoint = results / "checkpoints" / f"{run}.safetensors"
        parent = results / "runs" / spec.parent if spec.parent else None
        train(spec, folder, snakemake.resources.device, checkpoint, snakemake.params.code[run], parent)
        sealed[run] = sha256(folder / RUN)
    if "sweep" in snakemake.wildcards.keys():  # noqa: SIM118 (not a dict)
        write_json(Path(snakemake.output.run), sealed)
