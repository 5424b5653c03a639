"""Train the runs of one job."""

from pathlib import Path

from grokking.code import Codebase, require_unchanged
from grokking.logs import job_log
from grokking.runs.again import forget_finished_attempt
from grokking.runs.train import train
from grokking.runs.training import Order
from grokking.specs.run import RunSpec
from grokking.store.paths import RESULTS
from grokking.store.sweeps import mark_finished

log = Path(snakemake.log[0])
is_sweep = "sweep" in snakemake.wildcards.keys()  # noqa: SIM118 (not a dict)
with job_log(str(log), RESULTS.checkpoint(log.stem).with_suffix(".log")):
    specs = [RunSpec.from_mapping(values, run) for run, values in snakemake.params.runs.items()]
    codebase, code = Codebase.running(), snakemake.params.code
    for spec in specs:
        require_unchanged(code[spec.id], codebase.of_run(spec))
    orders = [Order(spec, RESULTS, code[spec.id]) for spec in specs]
    forget_finished_attempt(orders, RESULTS.benchmark("train_sweep" if is_sweep else "train", log.stem))
    train(orders, snakemake.resources.device)
    if is_sweep:
        mark_finished(RESULTS, log.stem, snakemake.params.runs)
