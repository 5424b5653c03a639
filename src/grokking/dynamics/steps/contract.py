"""Check at the steps of a run that a user's optimiser, filter and schedule keep their contract.

An error names the file, the class and the method, and says how to mend them.
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from grokking.dynamics.filters.filter import GradientFilter
from grokking.dynamics.optimizer import Optimizer
from grokking.dynamics.schedules.schedule import Schedule
from grokking.parts.errors import MISSING, ConfigError
from grokking.parts.part import Part
from grokking.parts.registry import place_of

NUMBERS = (int, float, bool, type(None))
KEPT = "must be a tensor, an int, a float, a bool or None: a checkpoint keeps nothing else"


def require_filtered(part: GradientFilter, gradient: Any, theta: Tensor) -> Tensor:
    """Return the `gradient` that a filter has returned.

    Raises `ConfigError`, which names the filter `part`, unless it is a tensor shaped like θ.
    """
    if not isinstance(gradient, Tensor) or gradient.shape != theta.shape:
        raise ConfigError(place_of(part, "filtered"), described(gradient), f"must return {described(theta)}, as θ is")
    return gradient


def require_factor(part: Schedule, factor: Any) -> float:
    """Return the `factor` of the learning rate that a schedule has returned.

    Raises `ConfigError`, which names the schedule `part`, unless `factor` is a finite number ≥ 0.
    """
    if not isinstance(factor, int | float) or not 0 <= factor < math.inf:
        raise ConfigError(place_of(part, "factor"), factor, "must return a number of at least 0")
    return factor


def require_nothing(part: Optimizer, returned: Any) -> None:
    """Raise `ConfigError` if the `step` of an optimiser has `returned` something.

    A step changes θ in place; a returned θ would be ignored.
    """
    if returned is not None:
        allowed = "must change theta in place, as theta.sub_(…) does, and return nothing"
        raise ConfigError(place_of(part, "step"), described(returned), allowed)


def require_moved(part: Optimizer, theta: Tensor, initial: Tensor, gradient: Tensor, steps: int) -> None:
    """Raise `ConfigError` if `steps` steps of an optimiser have not changed θ at all.

    θ still equals `initial` although the `gradient` is not 0: the method `step` does not change θ
    in place.
    """
    first = theta.reshape(-1, *initial.shape)[0]  # of the runs of a batch
    if torch.equal(first, initial) and bool(gradient.any()):
        allowed = f"has not changed theta in {steps} steps: change it in place, as theta.sub_(…) does"
        raise ConfigError(place_of(part, "step"), MISSING, allowed)


def require_kept(parts: Mapping[str, tuple[Part, str]], memory: Mapping[str, Any], theta: Tensor) -> None:
    """Raise `ConfigError` for a value in `memory` that a checkpoint would not restore as it is.

    `parts` gives, for the prefix of a key of `memory`, the part and the method that has set the
    value; other values are the package's own. Allowed are int, float, bool, None and tensors on the
    device of θ without gradient. Two tensors must not share memory, because an operation in place
    would change both, but only one of them after a resume. Tensors must be contiguous, because
    products of other strides round differently.
    """
    owners = {theta.untyped_storage().data_ptr(): "theta"}
    for key, value in memory.items():
        section, _, name = key.partition(".")
        if section not in parts:
            continue
        part, method = parts[section]
        where = f"{place_of(part, method)}: memory[{name!r}]"
        if not isinstance(value, Tensor):
            if type(value) not in NUMBERS:
                raise ConfigError(where, described(value), KEPT)
            continue
        if value.device != theta.device:
            raise ConfigError(where, str(value.device), f"must be on {theta.device}, like theta")
        if value.requires_grad:
            raise ConfigError(where, MISSING, "must not require a gradient: use .detach()")
        if value.layout != torch.strided or not value.is_contiguous():
            raise ConfigError(where, MISSING, "must be contiguous: use .contiguous()")
        owner = owners.setdefault(value.untyped_storage().data_ptr(), key) if value.numel() else key
        if owner != key:
            raise ConfigError(
                where, MISSING, f"shares its memory with {owner.removeprefix('optimizer.')}: use .clone()"
            )


def described(value: Any) -> str:
    """Return how an error message shows a value: `a tensor [3, 4]`, else the value's type."""
    return f"a tensor {list(value.shape)}" if isinstance(value, Tensor) else f"a {type(value).__name__}"
