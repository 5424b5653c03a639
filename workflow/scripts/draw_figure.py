"""Write the table behind a figure, and draw the figure from it."""

from pathlib import Path

import pandas as pd

from grokking.claims.marks import MARK_COLUMNS
from grokking.figures.data import FigureData, read_data, write_data
from grokking.figures.render import drawing, render
from grokking.logs import job_log
from grokking.store.checksums import write_checksums
from grokking.store.paths import RESULTS
from grokking.store.source import Source
from grokking.store.tables import tidy

with job_log(snakemake.log[0]):
    params, output = snakemake.params, snakemake.output
    write_data(Path(output.csv), tidy(map(Source.from_mapping, params.sources), RESULTS))
    marks = pd.DataFrame(params.marks, columns=MARK_COLUMNS)
    draw = drawing(params.drawn_by["module"], params.drawn_by["function"])
    data = FigureData(read_data(Path(output.csv)))
    render(draw, data, marks, Path(output.svg), Path(output.png), Path(output.pdf))
    write_checksums(output)
