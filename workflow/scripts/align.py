"""Compare a run with its reference solutions."""

from pathlib import Path

from grokking.files import write_sealed
from grokking.kernels.computing import computing
from grokking.logs import job_log
from grokking.runs.results import ANALYSIS, csv_bytes
from grokking.theory.run_alignment import align_run

with job_log(snakemake.log[0]), computing():
    output, run = Path(snakemake.output.run).parent, snakemake.wildcards.run
    results = output.parents[1]
    table = align_run(results / "runs" / run, Path(snakemake.input.references).parent)
    about = {"run": run, "code": snakemake.params.code}
    write_sealed(output, {ANALYSIS: csv_bytes(table)}, about)
