"""Train the runs of one job."""

from pathlib import Path

from grokking.code import Codebase, require_unchanged
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
    codebase, code = Codebase.running(), snakemake.params.code
    for spec in specs:
        require_unchanged(code[spec.id], codebase.of_run(spec))
    orders = [Order(spec, RESULTS, code[spec.id]) for spec in specs]
    train(orders, snakemake.resources.device)
    if "sweep" in snakemake.wildcards.keys():  # noqa: SIM118 (not a dict)
        write_json(Path(snakemake.output.run), {order.spec.id: sha256(order.directory / RUN) for order in orders})
