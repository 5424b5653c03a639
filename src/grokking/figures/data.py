"""The table behind a figure, by kind of evidence, and the CSV file that holds it."""

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

    Every row has `experiment`, `seed`, `evidence` (its kind) and settings that distinguish runs:
    `task`, `function`, `observed`, `dynamics`, `learning_rate`, `weight_decay` and `init_scale`.
    `label` is the label of the experiment in the config, if any; `role` is "reference" for the
    figure's reference.
    """

    table: pd.DataFrame

    @cached_property
    def rows(self) -> pd.DataFrame:
        """All rows, with NaN for infinite numbers, such as a diverged loss: no axis shows them."""
        return self.table.replace([np.inf, -np.inf], np.nan)

    def of(self, *evidence: str) -> pd.DataFrame:
        """The rows of some kinds of evidence, without columns that only other kinds fill.

        A kind is a run's kind of data, "sweep", or the name of an analysis.
        """
        rows = self.rows[self.rows[EVIDENCE].isin(evidence)]
        foreign = rows.isna().all() & self.rows.notna().any()
        return rows if rows.empty else rows.loc[:, ~foreign]


def write_data(path: Path, table: pd.DataFrame) -> None:
    """Write `table` as CSV, compressed if `path` ends in .gz. Equal tables give equal bytes."""
    content = table.to_csv(index=False, float_format=f"%.{DIGITS}g", lineterminator="\n").encode("utf-8")
    write_atomically(path, compressed(content) if path.suffix == ".gz" else content)


def read_data(path: Path) -> pd.DataFrame:
    """Read a table written by `write_data`."""
    return pd.read_csv(path, encoding="utf-8", low_memory=False)


def compressed(content: bytes) -> bytes:
    """Compress with gzip, without file name and time in the header."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.write(content)
    return buffer.getvalue()
