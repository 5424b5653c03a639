"""The spectral radius ρ of a flow's Jacobian, by power iteration on differences of velocities."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

SAFETY = 1.2  # the iteration approaches ρ from below
AGREEMENT = 0.01
MOST_ITERATIONS = 50


def spectral_radius(
    velocity: Callable[[Tensor], Tensor], y: Tensor, dy: Tensor, direction: Tensor
) -> tuple[float, Tensor, int]:
    """An upper estimate of ρ(∂velocity/∂y) at y, the direction it acts in, and the evaluations spent.

    `direction` is where to start: the last one found, or dy. dy = velocity(y).
    """
    root = math.sqrt(torch.finfo(y.dtype).eps)
    size = root * max(float(y.norm()), root * float(dy.norm()), root)
    estimate = 0.0
    for evaluations in range(1, MOST_ITERATIONS + 1):
        push = direction * (size / float(direction.norm()))
        direction = (velocity(y + push) - dy).div_(size)
        last, estimate = estimate, float(direction.norm())
        if estimate == 0 or not math.isfinite(estimate):
            break
        if evaluations > 2 and abs(estimate - last) <= AGREEMENT * estimate:
            break
    if estimate == 0 or not math.isfinite(estimate):
        return 0.0, dy.clone(), evaluations
    return SAFETY * estimate, direction, evaluations
