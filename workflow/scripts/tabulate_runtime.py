"""Tabulate minutes and memory per figure; list seconds per job and peak memory per rule."""

from pathlib import Path

from grokking.files import write_atomically, write_json
from grokking.logs import job_log
from grokking.report.runtime import peak_memory, runtime_table, runtimes

with job_log(snakemake.log[0]):
    jobs = snakemake.params.jobs
    write_atomically(Path(snakemake.output.table), runtime_table(jobs).encode())
    files = {file for files in jobs.values() for file in files}
    write_json(Path(snakemake.output.seconds), runtimes(files))
    write_json(Path(snakemake.output.memory), peak_memory(files))
