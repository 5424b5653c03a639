"""The table behind a figure, as a file: the digits that a figure shows, and the same bytes whenever the numbers are."""

import gzip
import io
from pathlib import Path

import pandas as pd

from grokking.files import write_atomically

DIGITS = 6  # significant ones; a drawn curve shows three


def write_data(path: Path, table: pd.DataFrame) -> None:
    """Write `table` as CSV, compressed if `path` ends in .gz."""
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
