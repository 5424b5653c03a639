"""How close a finished run is, at each observation, to what theory names for the early and the late phase."""

from pathlib import Path

import pandas as pd
from torch import Tensor

from grokking.analyses.tables.references import phases_of
from grokking.data.data import Data
from grokking.runs.start import started_objective
from grokking.store.references import read_references
from grokking.store.trajectory import Trajectory, read_trajectory
from grokking.theory.critical_time import critical_time


def align_run(run: Path, references: Path) -> pd.DataFrame:
    """One row per observation: `step`, the time in units of the critical time, and the alignment with each reference.

    Raises `DamagedResult`.
    """
    trajectory = read_trajectory(run)
    spec, table = trajectory.spec, trajectory.table
    data = spec.task.draw(spec.seed)
    seen = predictors(trajectory, data, run.with_name(spec.parent) if spec.parent else None)
    columns = pd.DataFrame(
        phases_of(spec.task.data).align(data, seen, read_references(references)), index=range(len(seen))
    )
    columns.insert(0, "step", table["step"].to_numpy())  # an array must have a row for each predictor
    critical = critical_time(spec.model.alpha(data), spec.weight_decay)
    columns.insert(1, "relative_time", table["time"].to_numpy() / critical)
    return columns


def predictors(trajectory: Trajectory, data: Data, parent: Path | None) -> Tensor:
    """What the test set sees at each observation, [T, …]; the records may be in coordinates of the run's flow.

    `parent` is the folder of the run that it starts from, if any.
    """
    spec = trajectory.spec
    system = spec.dynamics.motion(started_objective(spec, data, parent), spec).system
    return system.predictors(trajectory.times, trajectory.records)
