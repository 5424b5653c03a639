"""Collect where every run and every theorem's table came from."""

from pathlib import Path

from grokking.files import write_json
from grokking.logs import job_log
from grokking.runs.provenance import environment
from grokking.runs.trajectory import read_run

with job_log(snakemake.log[0]):
    runs = [read_run(Path(file).parent) for file in snakemake.input.runs]
    theorems = [read_run(Path(file).parent) for file in snakemake.input.theorems]
    totals = {
        "runs": len(runs),
        "evaluations": sum(run["evaluations"] for run in runs),
        "wall_seconds": round(sum(run["wall_seconds"] for run in [*runs, *theorems]), 1),
    }
    write_json(Path(snakemake.output[0]), {**environment(), "totals": totals, "runs": runs, "theorems": theorems})
