"""Tabulate the sample sizes of Appendix E."""

from pathlib import Path

import pandas as pd

from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.report.sample_sizes import sample_sizes

with job_log(snakemake.log[0]):
    data = pd.read_csv(snakemake.input.data)
    sections = [sample_sizes(name, rows) for name, rows in data.groupby("experiment", sort=False)]
    text = "# Samples that the max-margin classifiers need\n\n" + "\n".join(sections)
    write_atomically(Path(snakemake.output[0]), text.encode())
