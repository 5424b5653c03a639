"""Collect the tidy table behind one figure."""

from pathlib import Path

import pandas as pd

from grokking.files import write_atomically
from grokking.logs import job_log
from grokking.runs import RunSpec
from grokking.runs.tables import read_tables, tidy
from grokking.runs.trajectory import csv_bytes
from grokking.specs.analysis import read_table

with job_log(snakemake.log[0]):
    tables = read_tables(snakemake.input.trajectories, snakemake.input.alignments)
    names = [(experiment, RunSpec.from_mapping(spec, experiment)) for experiment, spec in snakemake.params.runs]
    theorems = [
        read_table(Path(file).parent).assign(experiment=name, seed=seed)
        for (name, seed), file in zip(snakemake.params.theorems, snakemake.input.theorems, strict=True)
    ]
    together = pd.concat([*tidy((*name, table) for name, table in zip(names, tables, strict=True)), *theorems])
    write_atomically(Path(snakemake.output[0]), csv_bytes(together))
