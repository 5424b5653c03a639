"""Draw one figure from its table."""

import pandas as pd

from grokking.claims.marks import MARK_COLUMNS
from grokking.figures import FIGURES
from grokking.figures.style import render
from grokking.logs import job_log

with job_log(snakemake.log[0]):
    marks = pd.DataFrame(snakemake.params.marks, columns=MARK_COLUMNS)
    data = pd.read_csv(snakemake.input.data)
    render(FIGURES[snakemake.params.kind], data, marks, snakemake.output.svg, snakemake.output.png)
