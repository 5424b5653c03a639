"""Try a user's task, net, loss and start once before a run trains, and refuse what cannot work."""

import math
import random
from collections.abc import Callable
from dataclasses import fields
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from grokking.data.data import Data
from grokking.dynamics.steps.contract import described
from grokking.losses.loss import Loss
from grokking.nets.objective import Objective
from grokking.nets.sum_objective import SumObjective
from grokking.parts.errors import MISSING, ConfigError
from grokking.parts.own import is_own, uses_own
from grokking.parts.registry import place_of
from grokking.specs.run import RunSpec

STREAM = 'draw random numbers from grokking.rng.stream(seed, "a name"), which depend on the seed alone'


def drawn(spec: RunSpec) -> Data:
    """The data of a run. Raises `ConfigError` if its task draws something else."""
    data: Any = spec.task.draw(spec.seed)
    if not hasattr(data, "evaluate"):
        allowed = f"must return data of the kind {spec.task.data} (grokking.data)"
        raise ConfigError(place_of(spec.task, "draw"), described(data), allowed)
    return cast(Data, data)


def try_parts(spec: RunSpec, data: Data, make: Callable[[], Objective]) -> None:
    """Try the user's task, net and loss of a run on its `data`, before the run trains.

    `make` builds the run's objective with its initial weights. Raises `ConfigError`, which names
    the part that gives other data or weights the second time, or outputs that cannot be trained.
    """
    if uses_own(spec.task) and not equal(spec.task.draw(spec.seed), spec.task.draw(spec.seed)):
        raise ConfigError(place_of(spec.task, "draw"), MISSING, f"gave other data the second time; {STREAM}")
    if uses_own(spec.model):
        objective = make()
        if isinstance(objective, SumObjective) and is_own(objective.loss):
            try_loss(objective)
        if not torch.equal(objective.initial, make().initial):
            raise ConfigError(place_of(spec.model, "objective"), MISSING, f"has other initial weights now; {STREAM}")
        try_objective(spec, objective)


def try_loss(objective: SumObjective) -> None:
    """Compute a user's loss of two samples, and its gradient, at outputs of 0.

    Raises `ConfigError` unless the values are finite, have the shape [2] and depend on the outputs,
    and the gradient has the outputs' shape and type.
    """
    loss, c = objective.loss, objective.results[:2]
    z = objective.initial.new_zeros((len(c), objective.data.p + 2))
    values = loss.values(z.double().requires_grad_().clone(), c)
    if not isinstance(values, Tensor) or values.shape != c.shape:
        raise ConfigError(place_of(loss, "values"), described(values), f"must return {described(c)}, one each")
    if not bool(values.isfinite().all()):
        raise ConfigError(place_of(loss, "values"), float(values.detach()[0]), "must be finite where all outputs are 0")
    if type(loss).residuals is Loss.residuals and not values.requires_grad:
        raise ConfigError(
            place_of(loss, "values"), MISSING, "does not depend on z smoothly, or detaches what it returns"
        )
    slopes = loss.residuals(z, c)
    if not isinstance(slopes, Tensor) or (slopes.shape, slopes.dtype) != (z.shape, z.dtype):
        raise ConfigError(place_of(loss, "residuals"), described(slopes), f"must return {described(z)} of {z.dtype}")


def try_objective(spec: RunSpec, objective: Objective) -> None:
    """Compute one gradient and one observation of a user's net at the initial weights.

    Raises `ConfigError` if the net draws random numbers or changes its weights, if the gradient or
    the columns have other shapes or names than declared, or if the loss is not finite.
    """
    theta, before = objective.initial.clone(), generators()
    gradient = objective.gradient(theta, torch.arange(min(2, objective.samples)))
    columns, _ = objective.observe(theta)
    if generators() != before:
        raise ConfigError(place_of(spec.model, "objective"), MISSING, "the net must draw no random numbers")
    if not torch.equal(theta, objective.initial):
        raise ConfigError(place_of(spec.model, "objective"), MISSING, "the net must not change its weights")
    if gradient.shape != theta.shape:
        raise ConfigError(place_of(spec.model, "objective"), list(gradient.shape), "gradient must be shaped like theta")
    declared = {*spec.model.columns(spec.task, spec.dynamics.log_loss)}
    if declared != columns.keys():
        differing = ", ".join(sorted(declared ^ columns.keys()))
        raise ConfigError(place_of(spec.model, "columns"), MISSING, f"must be those of an observation: {differing}")
    if spec.model.counts_right != objective.counts_right:
        allowed = f"must be {objective.counts_right}, as its objective says"
        raise ConfigError(place_of(spec.model, "counts_right"), spec.model.counts_right, allowed)
    if not math.isfinite(loss := columns.get("train_loss", 0.0)):
        raise ConfigError(place_of(spec.model, "objective"), loss, "the loss must be finite at the initial weights")


def require_weights(spec: RunSpec, theta: Any, initial: Tensor) -> Tensor:
    """Return the weights `theta` that the start of a run has given.

    Raises `ConfigError` unless they have the shape and the dtype of `initial`.
    """
    if not isinstance(theta, Tensor) or theta.shape != initial.shape or theta.dtype != initial.dtype:
        allowed = f"must return weights {list(initial.shape)} of {initial.dtype}"
        raise ConfigError(place_of(spec.start, "weights"), MISSING, allowed)
    return theta


def equal(one: Any, other: Any) -> bool:
    """Return whether two values, or all fields of two dataclasses, are equal."""
    if isinstance(one, Tensor):
        return torch.equal(one, other)
    if hasattr(one, "__dataclass_fields__"):
        return all(equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    return bool(one == other)


def generators() -> tuple[bytes, bytes, Any]:
    """Return the state of the random generators of torch, numpy and Python."""
    numpys: Any = np.random.get_state()
    return torch.get_rng_state().numpy().tobytes(), numpys[1].tobytes(), random.getstate()
