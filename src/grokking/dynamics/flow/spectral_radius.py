"""The spectral radius ρ of a flow's Jacobian, by power iteration on differences of velocities."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

SAFETY = 1.2  # the iteration approaches ρ from below
AGREEMENT = 0.01
MOST_ITERATIONS = 50


def spectral_radius(
    velocity: Callable[[Tensor], Tensor], y: Tensor, dy: Tensor, direction: Tensor, displacement: float = 0.0
) -> tuple[float, Tensor, int]:
    """An estimate of ρ(∂velocity/∂y) at y, its direction, and the number of evaluations.

    `direction` is where the iteration starts: the last result, or dy = velocity(y). `displacement`
    is how far y moves in a step, 0 if unknown. The estimate is seldom below ρ. Where eigenvalues
    lie close together it can stay up to 15 % low; a step that becomes unstable is then rejected by
    its error, and ρ is estimated again.
    """
    size = difference(y, dy, displacement)
    direction = with_every_mode(direction)
    gain = estimate = 0.0
    for evaluations in range(1, MOST_ITERATIONS + 1):
        shift = direction * (size / float(direction.norm()))
        direction = (velocity(y + shift) - dy).div_(size)
        gain_before, gain = gain, float(direction.norm())
        last, estimate = estimate, math.sqrt(gain_before * gain)
        if gain == 0 or not math.isfinite(gain):
            break
        if evaluations > 3 and abs(estimate - last) <= AGREEMENT * estimate:
            break
    if estimate == 0 or not math.isfinite(estimate):
        return 0.0, dy.clone(), evaluations
    return SAFETY * estimate, direction, evaluations


def difference(y: Tensor, dy: Tensor, displacement: float) -> float:
    """Return the distance ‖δ‖ from y at which the Jacobian J is estimated by a difference.

    J δ is taken as velocity(y + δ) - dy with dy = velocity(y). The distance is 1 % of
    `displacement`, the distance that y moves in one step, but with s = max(‖y‖, √eps ‖dy‖, √eps) at
    least eps^(3/4) s, below which rounding errors dominate, and at most √eps s. A larger share than
    1 % is too much: nets that start from large weights and zero outputs are linear only over much
    less than √eps ‖y‖, and the curvature of a net that fits its training set falls along a step. At
    10 % the estimated spectral radius was up to a half too low.
    """
    eps, size = torch.finfo(y.dtype).eps, float(y.norm())
    size = max(size, math.sqrt(eps) * float(dy.norm()), math.sqrt(eps))
    return min(max(0.01 * displacement, eps**0.75 * size), math.sqrt(eps) * size)


def with_every_mode(direction: Tensor) -> Tensor:
    """`direction`, scaled to 1, plus a tenth of a fixed generic one, so that no mode is missing."""
    generic = torch.arange(1, direction.numel() + 1, dtype=direction.dtype, device=direction.device).cos_()
    size = float(direction.norm())
    return (direction / size if size else direction) + generic.reshape(direction.shape) * (0.1 / float(generic.norm()))
