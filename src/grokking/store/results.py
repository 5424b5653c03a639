"""Read the tables and specs of results without loading torch."""

import io
from pathlib import Path
from typing import Any

import pandas as pd

from grokking.failures import DamagedResult
from grokking.specs.run import RunSpec
from grokking.store.sealed import RUN, read_sealed

TABLE = "trajectory.csv"  # of a run
ANALYSIS = "table.csv"  # of an analysis or an alignment


def read_spec(directory: Path) -> tuple[RunSpec, dict[str, Any]]:
    """The spec of the run in `directory`, and its `run.json`.

    Raises `DamagedResult` if a file is truncated, modified or missing.
    """
    about = read_sealed(directory)
    spec = RunSpec.from_mapping(about["spec"], str(directory / RUN))
    if not spec.id == about["run"] == directory.name:
        raise DamagedResult(f"{directory / RUN} belongs to another run: delete {directory} and call snakemake again")
    return spec, about


def read_csv(path: Path) -> pd.DataFrame:
    """Read a table written by `csv_bytes`."""
    return pd.read_csv(path, encoding="utf-8")


def csv_bytes(table: pd.DataFrame) -> bytes:
    """`table` as CSV with ten significant digits and reproducible bytes."""
    text = io.StringIO()
    table.to_csv(text, index=False, float_format="%.10g", lineterminator="\n")
    return text.getvalue().encode()
