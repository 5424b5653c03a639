"""Where a run begins."""

from pathlib import Path
from typing import Any

from torch import Tensor

from grokking.models import closed_form_weights, log_loss_objective, objective
from grokking.models.objective import Objective
from grokking.specs.fields import ConfigError
from grokking.specs.run import RunSpec
from grokking.specs.starts import ClosedForm, FinalWeights
from grokking.store.trajectory import read_weights


def started_objective(spec: RunSpec, data: Any, parent: Path | None) -> Objective:
    """What the run minimises, from its initial weights; `parent` is the folder of the run that it starts from, if any.

    Raises `ConfigError` where the parent's weights are not there or do not fit the model, `DamagedResult` where they
    are cut or edited, `Failure` where the parent diverged.
    """
    make = log_loss_objective if spec.dynamics.log_loss else objective
    found: Objective = make(spec.model, data, spec.seed)
    match spec.start:
        case ClosedForm():
            found.initial = closed_form_weights(spec.model, data, spec.seed).to(found.initial)
        case FinalWeights():
            weights = parent_weights(spec.start, parent, found.initial)
            found.initial = with_part(spec.start.part, found, weights) if spec.start.part else weights
    return found


def parent_weights(start: FinalWeights, parent: Path | None, like: Tensor) -> Tensor:
    """θ at the end of the run in the folder `parent`, in the number format and on the device of `like`."""
    if parent is None or not parent.exists():
        raise ConfigError("start.run", start.run, f"is not trained: {parent} is not there")
    weights = read_weights(parent)
    if weights.shape != like.shape:
        raise ConfigError(
            "start.run",
            start.run,
            f"its weights {list(weights.shape)} do not fit the model, which has {list(like.shape)}",
        )
    return weights.to(like)


def with_part(part: str, objective: Objective, weights: Tensor) -> Tensor:
    """The objective's own start with one named part of `weights`."""
    if objective.layout is None:
        raise ConfigError("start.part", part, "this model's parameters have no names")
    own, others = (objective.layout.views(theta) for theta in (objective.initial, weights))
    if part not in own:
        raise ConfigError("start.part", part, f"no such parameter; allowed: {', '.join(own)}")
    return objective.layout.flat({**own, part: others[part]})
