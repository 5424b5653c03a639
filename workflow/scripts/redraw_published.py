"""Draw the figures of a paper from their published data."""

import gzip
from pathlib import Path

import pandas as pd

from grokking.claims.marks import MARK_COLUMNS
from grokking.figures.data import FigureData, read_data
from grokking.figures.render import drawing, render
from grokking.files import write_atomically
from grokking.logs import job_log

with job_log(snakemake.log[0]):
    look = snakemake.params.look
    for figure in snakemake.params.figures:
        stem = Path(snakemake.output[0]) / figure["name"]
        write_atomically(stem.with_suffix(".csv"), gzip.decompress(Path(figure["data"]).read_bytes()))
        data, marks = (
            FigureData(read_data(stem.with_suffix(".csv"))),
            pd.DataFrame(figure["marks"], columns=MARK_COLUMNS),
        )
        paths = (stem.with_suffix(suffix) for suffix in (".svg", ".png", ".pdf"))
        draw = drawing(figure["module"], figure["function"])
        render(draw, data, marks, *paths, style=look["style"], width=look["width"])
