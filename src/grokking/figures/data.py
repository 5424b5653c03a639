"""The table behind a figure: by kind of evidence, and as a file with the digits that a figure shows."""

import gzip
import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from grokking.files import write_atomically
from grokking.store.source import EVIDENCE

DIGITS = 6  # significant ones; a drawn curve shows three


@dataclass(frozen=True)
class FigureData:
    """The `table` behind a figure: rows of runs, of nets of sweeps and of analyses.

    A row is led by `experiment`, `seed`, `evidence` (which kind it is of) and what tells runs apart (`task`,
    `function`, `observed`, `dynamics`, `learning_rate`, `weight_decay`, `init_scale`). `label` names the experiments
    that the config names, `role` is "reference" for the figure's reference.
    """

    table: pd.DataFrame

    @cached_property
    def rows(self) -> pd.DataFrame:
        """All rows; numbers that are infinite, such as a diverged loss, are NaN, for no axis holds them."""
        return self.table.replace([np.inf, -np.inf], np.nan)

    def of(self, *evidence: str) -> pd.DataFrame:
        """The rows of some kinds of evidence, without the columns that only rows of other kinds fill.

        A kind is the kind of data of a run, "sweep", or the name of an analysis.
        """
        rows = self.rows[self.rows[EVIDENCE].isin(evidence)]
        foreign = rows.isna().all() & self.rows.notna().any()
        return rows if rows.empty else rows.loc[:, ~foreign]


def write_data(path: Path, table: pd.DataFrame) -> None:
    """Write `table` as CSV, compressed if `path` ends in .gz; equal tables give equal bytes."""
    content = table.to_csv(index=False, float_format=f"%.{DIGITS}g", lineterminator="\n").encode("utf-8")
    write_atomically(path, compressed(content) if path.suffix == ".gz" else content)


def read_data(path: Path) -> pd.DataFrame:
    """The table that `write_data` wrote."""
    return pd.read_csv(path, encoding="utf-8", low_memory=False)


def compressed(content: bytes) -> bytes:
    """gzip without a name and a time in its header."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.write(content)
    return buffer.getvalue()
