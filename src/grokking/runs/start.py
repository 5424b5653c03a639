"""Where a run begins."""

from pathlib import Path
from typing import Any

from grokking.models import closed_form_weights, log_loss_objective, objective
from grokking.models.objective import Objective
from grokking.runs.trajectory import read_weights
from grokking.specs.fields import ConfigError
from grokking.specs.run import RunSpec
from grokking.specs.starts import ClosedForm, FinalWeights


def started_objective(spec: RunSpec, data: Any, parent: Path | None) -> Objective:
    """What the run minimises, from its initial weights; `parent` is the folder of the run that it starts from, if any.

    Raises `ConfigError` where the parent's weights do not fit the model.
    """
    make = log_loss_objective if spec.dynamics.log_loss else objective
    found = make(spec.model, data, spec.seed)
    if isinstance(spec.start, ClosedForm):
        found.initial = closed_form_weights(spec.model, data, spec.seed).to(found.initial)
    if isinstance(spec.start, FinalWeights) and parent:
        weights = read_weights(parent)
        if weights.shape != found.initial.shape:
            raise ConfigError(
                "start", spec.start.run, f"its weights {tuple(weights.shape)} must be {tuple(found.initial.shape)}"
            )
        found.initial = weights.to(found.initial)
    return found
