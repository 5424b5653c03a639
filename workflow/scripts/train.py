"""Train the runs of one job."""

from pathlib import Path

from grokking.logs import job_log
from grokking.runs.again import is_finished, repeat
from grokking.runs.train import train
from grokking.runs.training import Order
from grokking.specs.run import RunSpec
from grokking.store.paths import RESULTS
from grokking.store.sweeps import mark_finished

log = Path(snakemake.log[0])
history = RESULTS.checkpoint(log.stem).with_suffix(".log")
is_sweep = "sweep" in snakemake.wildcards.keys()  # noqa: SIM118 (not a dict)
benchmark = RESULTS.benchmark("train_sweep" if is_sweep else "train", log.stem)
if repeated := is_finished(history, benchmark):
    history.unlink(missing_ok=True)
with job_log(str(log), history):
    specs = [RunSpec.from_mapping(values, run) for run, values in snakemake.params.runs.items()]
    orders = [Order(spec, RESULTS, snakemake.params.code[spec.id]) for spec in specs]
    if repeated:
        repeat(orders, benchmark)
    train(orders, snakemake.resources.device)
    if is_sweep:
        mark_finished(RESULTS, log.stem, snakemake.params.runs)
