"""From the files of runs to tables: the observations of each, and the tidy table of many."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from grokking.files import DamagedResult
from grokking.runs.trajectory import Trajectory
from grokking.specs.run import RunSpec


def read_tables(trajectories: Sequence[str], alignments: Sequence[str]) -> list[pd.DataFrame]:
    """The verified table of each run, with the columns of its alignment beside it where there is one.

    Raises `DamagedResult`.
    """
    alignment_of = {Path(file).stem: Path(file) for file in alignments}
    tables = []
    for run in (Path(file).parent for file in trajectories):
        table = Trajectory.read(run).table
        tables.append(beside(table, alignment_of[run.name]) if run.name in alignment_of else table)
    return tables


def beside(table: pd.DataFrame, alignment: Path) -> pd.DataFrame:
    """`table` with the columns of the file `alignment`; `DamagedResult` unless it has a row for each of its steps."""
    try:
        columns = pd.read_csv(alignment)
        complete = columns["step"].equals(table["step"])
    except (ValueError, KeyError):
        complete = False
    if not complete:
        raise DamagedResult(
            f"{alignment} does not fit its run (cut or edited since): delete it and call snakemake again"
        )
    return table.join(columns.drop(columns="step"))


def tidy(runs: Iterable[tuple[str, RunSpec, pd.DataFrame]]) -> list[pd.DataFrame]:
    """The table of every run, one row per observation, led by what tells the runs apart."""
    tables = []
    for experiment, spec, table in runs:
        names = spec.to_mapping()
        keys = {
            "experiment": experiment,
            "task": names["task"]["name"],
            "function": names["task"].get("function"),
            "observed": names["task"].get("observed"),
            "dynamics": names["dynamics"]["name"],
            "weight_decay": spec.schedule.weight_decay,
            "init_scale": names["model"].get("init_scale"),
        }
        tables.append(pd.DataFrame({**keys, "seed": spec.seed}, index=table.index).join(table))
    return tables
