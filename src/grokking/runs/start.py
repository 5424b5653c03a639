"""The initial weights of a run."""

from functools import partial
from pathlib import Path

from grokking.data.data import Data
from grokking.nets.objective import Objective
from grokking.parts.errors import ConfigError
from grokking.runs.contract import require_weights, try_parts
from grokking.specs.run import RunSpec
from grokking.starts.start import Beginning
from grokking.store.trajectory import read_weights


def started_objective(spec: RunSpec, data: Data, parent: Path | None) -> Objective:
    """Return the objective of a run, with its initial weights set.

    `parent` is the folder of the run whose final weights this run starts from, if any. Raises
    `ConfigError` if the parent is not trained or its weights do not fit the model, or if a user's
    part breaks its contract, `DamagedResult` if the parent's result is truncated or modified, and
    `Failure` if the parent diverged.
    """
    if spec.parent and (parent is None or not parent.exists()):
        raise ConfigError("start.run", spec.parent, f"is not trained: {parent} is missing; train that run first")
    make = spec.model.log_loss_objective if spec.dynamics.log_loss else spec.model.objective
    try_parts(spec, data, partial(make, data, spec.seed))
    objective = make(data, spec.seed)
    before = read_weights(parent) if spec.parent and parent else None
    theta = spec.start.weights(Beginning(objective, spec.model, data, spec.seed, before))
    objective.initial = require_weights(spec, theta, objective.initial)
    return objective
