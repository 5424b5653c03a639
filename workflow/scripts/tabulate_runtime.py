"""Tabulate minutes and memory per figure; list seconds per job and peak memory per rule."""

from pathlib import Path

from grokking.files import write_atomically, write_json
from grokking.logs import job_log
from grokking.report.runtime import costs_of, peak_memory, runtime_table, runtimes
from grokking.store.checksums import write_checksums

with job_log(snakemake.log[0]):
    jobs = snakemake.params.jobs
    costs = costs_of({file: runs for behind in jobs.values() for file, runs in behind.items()})
    write_atomically(Path(snakemake.output.table), runtime_table(jobs, costs).encode())
    write_json(Path(snakemake.output.seconds), runtimes(costs))
    write_json(Path(snakemake.output.memory), peak_memory(costs))
    write_checksums(snakemake.output)
