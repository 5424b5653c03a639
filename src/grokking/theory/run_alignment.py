"""The alignment of a finished run, from its files."""

from pathlib import Path

import pandas as pd
from torch import Tensor

from grokking.models import objective
from grokking.store.trajectory import Trajectory, read_trajectory
from grokking.tasks import draw
from grokking.theory.alignment import align
from grokking.theory.critical_time import critical_time, initial_scale
from grokking.theory.references import References


def align_run(run: Path, references: Path) -> pd.DataFrame:
    """One row per observation: `step`, the time in units of the critical time, and the alignment with each reference.

    Raises `DamagedResult`.
    """
    trajectory = read_trajectory(run)
    spec = trajectory.spec
    data = draw(spec.task, spec.seed)
    columns = align(spec.task.data, data, predictors(trajectory, data), References.read(references))
    critical = critical_time(initial_scale(spec.model, spec.task), spec.weight_decay)
    columns.insert(0, "step", trajectory.table["step"].to_numpy())  # an array must have a row for each predictor
    columns.insert(1, "relative_time", trajectory.table["time"].to_numpy() / critical)
    return columns


def predictors(trajectory: Trajectory, data: object) -> Tensor:
    """What the test set sees at each observation, [T, …]: the records, which a flow may keep in its own coordinates."""
    spec = trajectory.spec
    if spec.dynamics.name != "gradient_flow" or spec.parent:
        return trajectory.records
    system = objective(spec.model, data, spec.seed).flow(spec.weight_decay)
    return system.predictors(trajectory.times, trajectory.records)
