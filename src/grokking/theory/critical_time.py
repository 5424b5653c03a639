"""The time at which the kernel regime ends (Lyu et al. 2024, Theorems 3.4, 3.5, 3.9 and 3.10)."""

import math
from collections.abc import Callable
from typing import Any

from grokking.specs.models import Model
from grokking.specs.tasks import Task

INIT_SCALES: dict[str, Callable[[Any, Any], float]] = {  # by the model's name
    "diagonal_net": lambda model, task: model.init_norm / math.sqrt(2 * task.d),
    "factorization": lambda model, task: model.init_scale,
    "two_layer_net": lambda model, task: model.init_scale,
}


def initial_scale(model: Model, task: Task) -> float:
    """The initialisation scale α of a homogeneous model.

    The common initial value of all entries of a diagonal net, and a factor of the whole initial θ of the others.
    """
    return INIT_SCALES[model.name](model, task)


def critical_time(alpha: float, weight_decay: float) -> float:
    """(1/λ) log α, in units of continuous time; natural logarithm, the same for every homogeneity L.

    Infinite where the theorems name no time: for α ≤ 1, and without weight decay.
    """
    if alpha <= 1 or weight_decay == 0:
        return math.inf
    return math.log(alpha) / weight_decay
