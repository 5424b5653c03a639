"""Train the runs of one job."""

from pathlib import Path

from grokking.files import sha256, write_json
from grokking.logs import job_log
from grokking.runs.train import train
from grokking.runs.training import Order
from grokking.specs.run import RunSpec
from grokking.store.paths import RESULTS
from grokking.store.sealed import RUN

log = Path(snakemake.log[0])
with job_log(str(log), RESULTS.checkpoint(log.stem).with_suffix(".log")):
    specs = [RunSpec.from_mapping(values, run) for run, values in snakemake.params.runs.items()]
    orders = [Order(spec, RESULTS, snakemake.params.code[spec.id]) for spec in specs]
    train(orders, snakemake.resources.device)
    if "sweep" in snakemake.wildcards.keys():  # noqa: SIM118 (not a dict)
        write_json(Path(snakemake.output.run), {order.spec.id: sha256(order.directory / RUN) for order in orders})
