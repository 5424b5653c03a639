"""Tables of observations of runs, of the runs of sweeps, and of analyses, read from results."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from grokking.failures import DamagedResult
from grokking.measures.curves import Crossing
from grokking.measures.evidence import Evidence
from grokking.specs.run import RunSpec
from grokking.store.paths import Results
from grokking.store.results import ANALYSIS, TABLE, read_csv, read_spec
from grokking.store.sealed import read_sealed
from grokking.store.settings import settings, steps_per_epoch
from grokking.store.source import EVIDENCE, SWEEP, Source

LEVEL = 0.99  # the accuracy at which a run has memorised or grokked


def table_of(source: Source, results: Results) -> pd.DataFrame:
    """Return the verified rows of a source. Raises `DamagedResult`."""
    return rows_and_settings(source, results)[0]


def rows_and_settings(source: Source, results: Results) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the verified rows of a source, and for a run its settings.

    Raises `DamagedResult` if a file of the result is truncated or modified.
    """
    if source.analysis:
        return sealed_table(results.analysis(source.analysis), ANALYSIS), {}
    if source.evidence == SWEEP:
        return pd.DataFrame([net(results.run(run)) for run in source.runs]), {}
    (run,) = source.runs
    spec, _ = read_spec(results.run(run))
    table = with_epochs(read_csv(results.run(run) / TABLE), spec)
    return with_alignment(table, results.alignment(run)) if source.problem else table, settings(spec)


def tidy(sources: Iterable[Source], results: Results) -> pd.DataFrame:
    """Return the rows of many sources as one table.

    Columns of settings, experiment, seed and evidence come first.
    """
    tables = [named(source, *rows_and_settings(source, results)) for source in sources]
    return pd.concat(tables, ignore_index=True)


def named(source: Source, table: pd.DataFrame, keys: dict[str, Any]) -> pd.DataFrame:
    """Return `table` after columns of the settings `keys` and of the source.

    The source's columns are experiment, seed and evidence, and any label and role.
    """
    keys |= {"experiment": source.experiment, "seed": source.seed, EVIDENCE: source.evidence}
    keys |= {key: value for key in ("label", "role") if (value := getattr(source, key))}
    leading = pd.DataFrame(keys, index=table.index)
    return leading.join(table.drop(columns=leading.columns, errors="ignore"))


def sealed_table(folder: Path, name: str) -> pd.DataFrame:
    """Return a table of a sealed result. Raises `DamagedResult`."""
    read_sealed(folder)
    return read_csv(folder / name)


def with_epochs(table: pd.DataFrame, spec: RunSpec) -> pd.DataFrame:
    """Return `table` with a column `epoch`, passes over the training set, if a run uses batches."""
    steps = steps_per_epoch(spec)
    return table if steps == 1 else table.assign(epoch=table["step"] / steps)


def with_alignment(table: pd.DataFrame, alignment: Path) -> pd.DataFrame:
    """Return `table` with the columns of an alignment.

    Raises `DamagedResult` if the steps of both differ.
    """
    columns = sealed_table(alignment, ANALYSIS)
    if not columns["step"].equals(table["step"]):
        raise DamagedResult(f"{alignment} does not have the steps of its run: delete it and call snakemake again")
    return table.join(columns.drop(columns="step"))


def net(run: Path) -> dict[str, Any]:
    """Return the row of one run in the table of a sweep. Raises `DamagedResult`.

    `memorised` and `grokked` are the steps at which training and test accuracy first reach 0.99,
    NaN if never or not observed. `cost` is `grokked`, or the budget in steps for a run that has not
    grokked. The accuracies are the last and, as `largest_…`, the largest observed.
    """
    spec, about = read_spec(run)
    table = read_csv(run / TABLE)
    memorised, grokked = (first_at_level(table, f"{name}_accuracy") for name in ("train", "test"))
    last = table.iloc[-1]
    return {
        **settings(spec),
        "memorised": memorised,
        "grokked": grokked,
        "has_grokked": float(grokked == grokked),
        "budget": spec.steps,
        "cost": grokked if grokked == grokked else spec.steps,
        "ended": about["ended"],
        "diverged": float(about["ended"] == "diverged"),
        **{name: last.get(name, math.nan) for name in ("train_accuracy", "test_accuracy", "ipr")},
        **{f"largest_{name}": table[name].max() for name in table if name.endswith("_accuracy")},
    }


def first_at_level(table: pd.DataFrame, column: str) -> float:
    """Return the step at which an accuracy first reaches 0.99; NaN if never or not observed."""
    if column not in table:
        return math.nan
    return 0.0 if table[column].iloc[0] >= LEVEL else Crossing(column, LEVEL).read(Evidence(table, {}))
