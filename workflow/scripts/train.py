"""Train the runs of one job."""

from pathlib import Path

from grokking.files import RUN, sha256, write_json
from grokking.logs import job_log
from grokking.runs.train import train
from grokking.runs.training import Order
from grokking.specs.run import RunSpec

log = Path(snakemake.log[0])
results = log.parents[2]
with job_log(str(log), results / "checkpoints" / log.name):
    specs = [RunSpec.from_mapping(values, run) for run, values in snakemake.params.runs.items()]
    orders = [Order.within(results, spec, snakemake.params.code[spec.id]) for spec in specs]
    train(orders, snakemake.resources.device)
    if "sweep" in snakemake.wildcards.keys():  # noqa: SIM118 (not a dict)
        write_json(Path(snakemake.output.run), {order.spec.id: sha256(order.directory / RUN) for order in orders})
