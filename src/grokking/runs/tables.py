"""From the files of results to tables: observations of runs, nets of sweeps, analyses; alone, and many in one."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from grokking.failures import DamagedResult
from grokking.files import read_sealed
from grokking.measures.curves import Crossing, Evidence
from grokking.runs.trajectory import TABLE, read_csv, read_spec
from grokking.specs.run import RunSpec
from grokking.specs.source import Source

ANALYSIS = "table.csv"  # of an analysis or an alignment
LEVEL = 0.99  # of an accuracy: memorised, and grokked
TASK = ("function", "p", "observed")
MODEL = ("width", "init_scale")
DYNAMICS = ("tolerance", "momentum", "beta1", "beta2", "epsilon")


def settings(spec: RunSpec) -> dict[str, Any]:
    """What tells runs apart, as columns; None where a run has no such setting."""
    parts = spec.to_mapping()
    return {
        "task": spec.task.name,
        **{key: parts["task"].get(key) for key in TASK},
        **{key: parts["model"].get(key) for key in MODEL},
        "dynamics": spec.dynamics.name,
        **{key: parts["dynamics"].get(key) for key in DYNAMICS},
        "learning_rate": spec.learning_rate,
        "weight_decay": spec.weight_decay,
        "l2": spec.l2,
        "seed": spec.seed,
    }


def table_of(source: Source, results: Path) -> pd.DataFrame:
    """The verified rows of a source, from the folder of all results. Raises `DamagedResult`."""
    if source.analysis:
        return sealed_table(results / "analyses" / source.analysis, ANALYSIS)
    folders = [results / "runs" / run for run in source.runs]
    if source.sweep:
        return pd.DataFrame([net(folder) for folder in folders])
    (folder,) = folders
    table = sealed_table(folder, TABLE)
    return with_alignment(table, results / "alignments" / folder.name) if source.problem else table


def tidy(sources: Iterable[Source], results: Path) -> pd.DataFrame:
    """The rows of many sources, led by what tells them apart."""
    tables = []
    for source in sources:
        table = table_of(source, results)
        keys: dict[str, Any] = {"experiment": source.experiment, "seed": source.seed}
        keys |= {key: value for key in ("label", "role") if (value := getattr(source, key))}
        if source.runs and not source.sweep and not source.analysis:
            keys = settings(read_spec(results / "runs" / source.runs[0])[0]) | keys
        named = pd.DataFrame(keys, index=table.index)
        tables.append(named.join(table.drop(columns=named.columns, errors="ignore")))
    return pd.concat(tables, ignore_index=True)


def sealed_table(folder: Path, name: str) -> pd.DataFrame:
    """A table of a sealed result; `DamagedResult` if a file is cut, edited or missing."""
    read_sealed(folder)
    return read_csv(folder / name)


def with_alignment(table: pd.DataFrame, alignment: Path) -> pd.DataFrame:
    """`table` with the columns of an alignment; `DamagedResult` unless it has a row for each of its steps."""
    columns = sealed_table(alignment, ANALYSIS)
    if not columns["step"].equals(table["step"]):
        raise DamagedResult(f"{alignment} does not fit its run: delete it and call snakemake again")
    return table.join(columns.drop(columns="step"))


def net(run: Path) -> dict[str, Any]:
    """One row for a net of a sweep: its settings, when it memorised and grokked, how it ended. Raises `DamagedResult`.

    `memorised` and `grokked` are the steps at which training and test accuracy first pass 0.99, NaN if they never do;
    `cost` is `grokked`, or the budget where it has not: what a figure can show. The accuracies are the last ones.
    """
    spec, about = read_spec(run)
    table = read_csv(run / TABLE)
    path = Evidence(table, {})
    memorised, grokked = (Crossing(f"{name}_accuracy", LEVEL).read(path) for name in ("train", "test"))
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
        **{name: last[name] for name in ("train_accuracy", "test_accuracy", "ipr") if name in last},
    }
