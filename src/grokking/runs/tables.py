"""From the files of runs to tables: the observations of each, the tidy table of many, one row for each net of a sweep."""

from pathlib import Path
from typing import Any

import pandas as pd

from grokking.failures import DamagedResult
from grokking.measures.curves import Crossing, Evidence
from grokking.runs.trajectory import TABLE, read_csv, read_spec
from grokking.specs.run import RunSpec

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


def observations(run: Path, alignment: Path | None = None) -> pd.DataFrame:
    """The verified table of a run, with the columns of its alignment beside it if there is one. Raises `DamagedResult`."""
    read_spec(run)
    table = read_csv(run / TABLE)
    return table if alignment is None else with_alignment(table, alignment)


def with_alignment(table: pd.DataFrame, alignment: Path) -> pd.DataFrame:
    """`table` with the columns of the file `alignment`; `DamagedResult` unless it has a row for each of its steps."""
    try:
        columns = read_csv(alignment)
        complete = columns["step"].equals(table["step"])
    except (ValueError, KeyError):
        complete = False
    if not complete:
        raise DamagedResult(
            f"{alignment} does not fit its run (cut or edited since): delete it and call snakemake again"
        )
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
