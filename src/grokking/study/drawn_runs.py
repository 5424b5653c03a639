"""The table behind a figure that is drawn from Python: of runs, trajectories and DataFrames."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

import pandas as pd

from grokking.figures.kind import ANY_RUN
from grokking.figures.kinds import kinds
from grokking.parts.errors import ConfigError
from grokking.parts.registry import parts
from grokking.specs.run import RunSpec
from grokking.store.settings import settings
from grokking.store.source import EVIDENCE, Source
from grokking.store.tables import named, with_epochs
from grokking.store.trajectory import Trajectory
from grokking.study.figures import require_number, require_taken
from grokking.tasks.task import Task

Drawn: TypeAlias = RunSpec | Trajectory | pd.DataFrame
Read = Callable[[RunSpec], Trajectory]


def rows_of(kind: str, runs: Mapping[str, Drawn], read: Read) -> pd.DataFrame:
    """Return the rows of a figure of the kind `kind` with `runs`, given by label.

    A run is a `RunSpec`, a `Trajectory` or a DataFrame; `read` returns the trajectory of a
    `RunSpec`. Raises `ConfigError` unless the kind can draw these runs.
    """
    evidence = [task.data for task in parts(Task).values()]
    known = [
        name
        for name, figure in kinds().items()
        if {ANY_RUN, *evidence} & {*figure.takes} and not figure.reference and not figure.judges
    ]
    if kind not in known:
        raise ConfigError("kind", kind, f"unknown, or needs more than runs; allowed: {', '.join(known)}")
    if not isinstance(runs, Mapping) or not runs:
        raise ConfigError("runs", runs, "must be a mapping from labels to runs, with at least one")
    require_number(kind, len(runs), "runs")
    curves = {label: run for label, run in runs.items() if isinstance(run, pd.DataFrame)}
    trained = {label: trajectory(kind, label, run, read) for label, run in runs.items() if label not in curves}
    rows = {label: rows_of_run(label, run) for label, run in trained.items()}
    observed = next((run.spec.task.data for run in trained.values()), None)
    observed = observed or next(name for name in (*kinds()[kind].takes, *evidence) if name in evidence)
    columns = {name for run in trained.values() for name in run.table} - {"step", "time"}
    for label, curve in curves.items():
        require_curve(curve, columns, f"runs: {label}")
        rows[label] = pd.DataFrame({"seed": 0, **curve, "experiment": label, "label": label, EVIDENCE: observed})
    return pd.concat([rows[label] for label in runs], ignore_index=True)


def trajectory(kind: str, label: str, run: Any, read: Read) -> Trajectory:
    """Return the trajectory of one run of a figure.

    Raises `ConfigError`, which names the `label`, unless the kind of figure can draw the run.
    """
    where = f"runs: {label}"
    spec = run.spec if isinstance(run, Trajectory) else run
    if not isinstance(spec, RunSpec):
        raise ConfigError(where, run, "must be a run, a trajectory or a DataFrame with the column step")
    require_taken(kind, source(label, spec), where, spec.id)
    try:
        return run if isinstance(run, Trajectory) else read(spec)
    except ConfigError as error:
        raise ConfigError(where, error.value, error.allowed) from None


def source(label: str, spec: RunSpec) -> Source:
    """Return a run as a source of rows for a figure, with its label."""
    return Source(experiment=label, label=label, seed=spec.seed, evidence=spec.task.data, runs=(spec.id,))


def rows_of_run(label: str, run: Trajectory) -> pd.DataFrame:
    """Return the rows of one run, with its label and settings as the first columns."""
    return named(source(label, run.spec), with_epochs(run.table, run.spec), settings(run.spec))


def require_curve(curve: pd.DataFrame, columns: Collection[str], where: str) -> None:
    """Raise `ConfigError` unless a curve has rows and a column `step`.

    If there are runs beside the curve, it must also have one of their `columns`.
    """
    if "step" not in curve or curve.empty:
        raise ConfigError(where, list(curve), "must have rows, and the column step")
    if columns and not set(curve) & set(columns):
        raise ConfigError(where, list(curve), f"must have a column to draw, such as {', '.join(sorted(columns))}")
