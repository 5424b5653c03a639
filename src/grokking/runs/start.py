"""Where a run begins."""

from pathlib import Path

from grokking.data.data import Data
from grokking.nets.objective import Objective
from grokking.parts.errors import ConfigError
from grokking.specs.run import RunSpec
from grokking.starts.start import Beginning
from grokking.store.trajectory import read_weights


def started_objective(spec: RunSpec, data: Data, parent: Path | None) -> Objective:
    """What a run minimises, from its initial weights; `parent` is the folder of the run that it starts from, if any.

    Raises `ConfigError` where the parent's weights are not there or do not fit the model, `DamagedResult` where they
    are cut or edited, `Failure` where the parent diverged.
    """
    if spec.parent and (parent is None or not parent.exists()):
        raise ConfigError("start.run", spec.parent, f"is not trained: {parent} is not there")
    make = spec.model.log_loss_objective if spec.dynamics.log_loss else spec.model.objective
    objective = make(data, spec.seed)
    before = read_weights(parent) if spec.parent and parent else None
    objective.initial = spec.start.weights(Beginning(objective, spec.model, data, spec.seed, before))
    return objective
