"""Write the table behind a figure, and draw the figure from it."""

from pathlib import Path

import pandas as pd

from grokking.claims.collections import verdict_rows
from grokking.claims.evidence import evidence_by_experiment
from grokking.claims.load import read_collections
from grokking.claims.marks import MARK_COLUMNS
from grokking.figures.data import write_data
from grokking.figures.render import drawing, render_table
from grokking.logs import job_log
from grokking.store.checksums import write_checksums
from grokking.store.paths import RESULTS
from grokking.store.source import Source
from grokking.store.tables import tidy

with job_log(snakemake.log[0]):
    params, output = snakemake.params, snakemake.output
    sources = [Source.from_mapping(source) for source in params.sources]
    if params.claims:
        collections = read_collections(Path(params.claims["file"]), params.claims["file"], params.claims["variable"])
        table = pd.DataFrame(verdict_rows(collections, evidence_by_experiment(sources, RESULTS)))
    else:
        table = tidy(sources, RESULTS)
    write_data(Path(output.csv), table)
    marks = pd.DataFrame(params.marks, columns=MARK_COLUMNS)
    draw = drawing(params.drawn_by["module"], params.drawn_by["function"])
    paths = (Path(output.svg), Path(output.png), Path(output.pdf))
    render_table(Path(output.csv), draw, marks, params.look, *paths)
    write_checksums(output)
