"""The settings of a run as columns of tables; without pandas, for the Snakefile reads it at every start."""

import math
from collections.abc import Mapping
from typing import Any

from grokking.specs.run import RunSpec

PARTS = ("task", "model", "dynamics")
# Columns of every table, NaN where a run has no such setting; after them comes whatever else its parts have.
SETTINGS = (
    *("task", "function", "p", "observed", "model", "width", "init_scale"),
    *("dynamics", "tolerance", "momentum", "beta1", "beta2", "epsilon", "learning_rate", "weight_decay", "l2", "seed"),
)


def settings(spec: RunSpec) -> dict[str, Any]:
    """What tells runs apart, as columns: every parameter of task, model and dynamics, and the run's own."""
    values = spec.to_mapping()
    found = dict.fromkeys(SETTINGS, math.nan) | {key: values[key] for key in SETTINGS if key in values}
    for part in PARTS:
        found |= flat(part, values[part])
    return found


def flat(part: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A part's name and parameters as columns; those of a part inside it, such as a filter, begin with its key."""
    found: dict[str, Any] = {part: values["name"]}
    for key, value in values.items():
        if isinstance(value, Mapping):
            inner = {f"{key}_{name}": parameter for name, parameter in value.items() if name != "name"}
            found |= {key: value["name"], **inner}
        elif key != "name":
            found[key] = value
    return found


def steps_per_epoch(spec: RunSpec) -> int:
    """The number of batches in a pass over the training set; 1 for all data at once."""
    samples = spec.task.train_samples
    return max(1, samples // spec.dynamics.batch_size(samples))
