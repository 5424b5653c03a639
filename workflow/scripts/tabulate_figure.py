"""Tabulate the numbers behind a figure."""

from importlib import import_module
from pathlib import Path

from grokking.figures.data import read_data
from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.store.checksums import require_unchanged, write_checksums

with job_log(snakemake.log[0]):
    require_unchanged(snakemake.input)
    text = import_module(snakemake.params.module).table(read_data(Path(snakemake.input.data)))
    write_atomically(Path(snakemake.output[0]), text.encode())
    write_checksums(snakemake.output)
