"""Draw the figures of a paper from their published data."""

import gzip
from pathlib import Path

import pandas as pd

from grokking.claims.marks import MARK_COLUMNS
from grokking.figures.render import drawing, render_table
from grokking.files import write_atomically
from grokking.logs import job_log

with job_log(snakemake.log[0]):
    for figure in snakemake.params.figures:
        stem = Path(snakemake.output[0]) / figure["name"]
        table, *paths = (stem.with_suffix(suffix) for suffix in (".csv", ".svg", ".png", ".pdf"))
        write_atomically(table, gzip.decompress(Path(figure["data"]).read_bytes()))
        marks = pd.DataFrame(figure["marks"], columns=MARK_COLUMNS)
        render_table(table, drawing(figure["module"], figure["function"]), marks, snakemake.params.look, *paths)
