"""Tabulate minutes and memory per figure."""

from pathlib import Path

from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.report.runtime import runtime_table

with job_log(snakemake.log[0]):
    write_atomically(Path(snakemake.output[0]), runtime_table(snakemake.params.jobs).encode())
