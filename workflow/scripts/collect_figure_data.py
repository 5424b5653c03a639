"""Collect the tidy table behind one figure."""

from pathlib import Path

from grokking.figures.data import write_data
from grokking.logs import job_log
from grokking.runs.tables import tidy
from grokking.specs.source import Source

with job_log(snakemake.log[0]):
    write_data(Path(snakemake.output[0]), tidy(map(Source.from_mapping, snakemake.params.sources), Path("results")))
