"""The settings of a run as table columns; without pandas, which would slow down the Snakefile."""

import math
from collections.abc import Mapping
from typing import Any

from grokking.specs.run import RunSpec

PARTS = ("task", "model", "dynamics")
# Columns of every table, NaN where a run lacks the setting; other parameters of its parts follow.
SETTINGS = (
    *("task", "function", "p", "observed", "model", "width", "init_scale"),
    *("dynamics", "tolerance", "momentum", "beta1", "beta2", "epsilon", "learning_rate", "weight_decay", "l2", "seed"),
)


def settings(spec: RunSpec) -> dict[str, Any]:
    """All parameters of task, model and dynamics, and the run's settings, by column."""
    values = spec.to_mapping()
    columns = dict.fromkeys(SETTINGS, math.nan) | {key: values[key] for key in SETTINGS if key in values}
    for part in PARTS:
        columns |= flat(part, values[part])
    return columns


def flat(part: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A part's name and parameters by column; those of a nested part are prefixed with its key."""
    columns: dict[str, Any] = {part: values["name"]}
    for key, value in values.items():
        if isinstance(value, Mapping):
            inner = {f"{key}_{name}": parameter for name, parameter in value.items() if name != "name"}
            columns |= {key: value["name"], **inner}
        elif key != "name":
            columns[key] = value
    return columns


def steps_per_epoch(spec: RunSpec) -> int:
    """The number of batches in a pass over the training set; 1 for full-batch training."""
    samples = spec.task.train_samples
    return max(1, samples // spec.dynamics.batch_size(samples))
