"""The numbers behind one figure as a table."""

from pathlib import Path

from grokking.figures.data import read_data
from grokking.figures.kinds import load_table
from grokking.files import write_atomically
from grokking.logs import job_log

with job_log(snakemake.log[0]):
    text = load_table(snakemake.params.kind)(read_data(Path(snakemake.input.data)))
    write_atomically(Path(snakemake.output[0]), text.encode())
