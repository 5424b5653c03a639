"""Collect the tidy table behind one figure."""

from pathlib import Path

from grokking.figures.data import write_data
from grokking.logs import job_log
from grokking.store.paths import RESULTS
from grokking.store.source import Source
from grokking.store.tables import tidy

with job_log(snakemake.log[0]):
    write_data(Path(snakemake.output[0]), tidy(map(Source.from_mapping, snakemake.params.sources), RESULTS))
