"""The distance of a finished run from the predictors that theory names for its phases."""

from pathlib import Path

import pandas as pd
from torch import Tensor

from grokking.data.data import Data
from grokking.runs.start import started_objective
from grokking.store.references import read_references
from grokking.store.trajectory import Trajectory, read_trajectory
from grokking.theory.critical_time import critical_time
from grokking.theory.phases_of import phases_of


def align_run(run: Path, references: Path) -> pd.DataFrame:
    """Compute one row per observation: `step`, `relative_time`, the alignment with each reference.

    `relative_time` is in units of the critical time. `run` and `references` are folders of
    results. Raises `DamagedResult`.
    """
    trajectory = read_trajectory(run)
    spec, table = trajectory.spec, trajectory.table
    data = spec.task.draw(spec.seed)
    along = predictors(trajectory, data, run.with_name(spec.parent) if spec.parent else None)
    columns = pd.DataFrame(
        phases_of(spec.task.data).align(data, along, read_references(references)), index=range(len(along))
    )
    columns.insert(0, "step", table["step"].to_numpy())  # as an array, so that lengths must agree
    critical = critical_time(spec.model.alpha(data), spec.weight_decay)
    columns.insert(1, "relative_time", table["time"].to_numpy() / critical)
    return columns


def predictors(trajectory: Trajectory, data: Data, parent: Path | None) -> Tensor:
    """Return the predictor at each observation, [T, …], in the shape that the test set scores.

    A flow may have recorded its state in other coordinates, from which the predictor is computed.
    `parent` is the folder of the run from whose weights this one starts, if any.
    """
    spec = trajectory.spec
    system = spec.dynamics.motion(started_objective(spec, data, parent), spec).system
    return system.predictors(trajectory.times, trajectory.records)
