"""Tabulate the inverse participation ratio of the exact solution."""

from pathlib import Path

import pandas as pd

from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.report.ipr_values import ipr_values

with job_log(snakemake.log[0]):
    values = pd.read_csv(snakemake.input.data).dropna(subset=["transform"])
    text = "# Inverse participation ratio by transform\n\n" + ipr_values(values)
    write_atomically(Path(snakemake.output[0]), text.encode())
