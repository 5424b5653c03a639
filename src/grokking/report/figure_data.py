"""The tables behind figures in two builds: by events where rounding may differ, else cell by cell."""

import gzip
import math
from collections.abc import Iterable, Iterator, Set
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from grokking.measures.events import compare_events, events, net_events, ratio

Key = tuple[str, int]  # paper/experiment and seed
TEXTS = ["label", "role"]  # columns that only say how a curve is drawn


def compare_figures(published: Path, fresh: Path, figures: Iterable[str], wanted: Set[Key]) -> pd.DataFrame:
    """Compare the events of runs and analyses behind `figures` in two builds.

    Only the experiments and seeds in `wanted` are compared, each once even if several figures show
    it. The columns are those of `compare_events`, and experiment (<paper>/<name>) and seed.
    """
    parts = [compare_events({}, {}).assign(experiment="", seed=0)]
    for name in figures if wanted else ():
        old, new = (dict(groups(file, name)) for file in files_of(name, published, fresh))
        for key in (key for key in old if key in new and key in wanted):
            experiment, seed = key
            parts.append(compare_rows(old[key], new[key]).assign(experiment=experiment, seed=seed))
    return pd.concat(parts, ignore_index=True).drop_duplicates(["experiment", "seed", "event"])


def changed_data(published: Path, fresh: Path, figures: Iterable[str], same: Set[Key]) -> list[str]:
    """Return the files of tables that differ although the results behind them are equal.

    The tables are those behind `figures`, as CSV and in Markdown. `same` are the experiments and
    seeds whose results are equal; other rows of a CSV file are not compared. A table in Markdown is
    compared if all rows behind it are equal.
    """
    changed = []
    for name in figures:
        old, new = files_of(name, published, fresh)
        if not (old.exists() and new.exists()):
            continue
        if gzip.decompress(old.read_bytes()) != new.read_bytes():
            rows = [dict(groups(file, name, dtype=str, keep_default_na=False)) for file in (old, new)]
            if any(not alike(*(part.get(key) for part in rows)) for key in same & (rows[0].keys() | rows[1].keys())):
                changed.append(f"figures/{name}.csv")
        elif differ(published / f"tables/{name}.md", fresh / f"tables/{name}.md"):
            changed.append(f"tables/{name}.md")
    return changed


def files_of(name: str, published: Path, fresh: Path) -> tuple[Path, Path]:
    """Return the tables behind the figure `name` in the published and in the fresh build."""
    return published / f"figures/{name}.csv.gz", fresh / f"figures/{name}.csv"


def differ(old: Path, new: Path) -> bool:
    """Return whether both files exist and their bytes differ."""
    return old.exists() and new.exists() and old.read_bytes() != new.read_bytes()


def groups(file: Path, figure: str, **how: Any) -> Iterator[tuple[Key, pd.DataFrame]]:
    """Yield the rows of each experiment and seed in a figure's table, without empty columns.

    Yields nothing if `file` is missing. `how` are arguments of `pandas.read_csv`.
    """
    if not file.exists():
        return
    paper, table = figure.partition("/")[0], pd.read_csv(file, encoding="utf-8", low_memory=False, **how)
    for (experiment, seed), rows in table.groupby(["experiment", "seed"], sort=False):
        filled = rows.loc[:, (rows.notna() & (rows != "")).any()]
        yield (f"{paper}/{experiment}", int(seed)), filled.reset_index(drop=True)


def alike(old: pd.DataFrame | None, new: pd.DataFrame | None) -> bool:
    """Return whether two tables have the same cells, labels apart; False if one is missing."""
    if old is None or new is None:
        return False
    return old.drop(columns=TEXTS, errors="ignore").equals(new.drop(columns=TEXTS, errors="ignore"))


def compare_rows(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Compare the rows of one experiment and seed in two builds, in the form of `compare_events`.

    Runs and nets of a sweep are compared by events, analyses by columns.
    """
    if "dynamics" not in old or "dynamics" not in new:
        return compare_columns(old, new)
    read = events if "step" in old else net_events
    return compare_events(read(old), read(new))


def compare_columns(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return, for each column of numbers, the cell that differs most between two tables.

    The difference is in units of the column's largest number. The columns of the result are those
    of `compare_events`; a column whose length has changed has moved infinitely far.
    """
    compared = compare_events({}, {})
    for column in dict.fromkeys([*old.select_dtypes("number"), *new.select_dtypes("number")]):
        a, b = (table.get(column, pd.Series(dtype=float)).to_numpy(dtype=float) for table in (old, new))
        if len(a) != len(b):
            compared.loc[len(compared)] = [f"rows of {column}", len(a), len(b), len(b) / max(len(a), 1), math.inf]
            continue
        with np.errstate(divide="ignore", invalid="ignore"):  # a column of zeros, infinite numbers
            far = np.abs(b - a) / np.nanmax(np.abs(a), initial=0.0)
        far[(a == b) | (np.isnan(a) & np.isnan(b))] = 0
        row = int(np.nan_to_num(far, nan=math.inf).argmax())
        moved = math.inf if np.isnan(far[row]) else float(far[row])
        compared.loc[len(compared)] = [f"{column} in row {row + 1}", a[row], b[row], ratio(a[row], b[row]), moved]
    return compared
