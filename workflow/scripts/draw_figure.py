"""Draw one figure from its table."""

from pathlib import Path

import pandas as pd

from grokking.claims.marks import MARK_COLUMNS
from grokking.figures.data import read_data
from grokking.figures.kinds import load
from grokking.figures.render import render
from grokking.logs import job_log

with job_log(snakemake.log[0]):
    marks = pd.DataFrame(snakemake.params.marks, columns=MARK_COLUMNS)
    data = read_data(Path(snakemake.input.data))
    render(load(snakemake.params.kind), data, marks, *map(Path, snakemake.output))
