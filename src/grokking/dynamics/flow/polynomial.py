"""Polynomials through values of y at uneven times, in Lagrange's form."""

import math
from collections.abc import Sequence

from torch import Tensor


def interpolated(times: Sequence[float], values: Sequence[Tensor], time: float) -> Tensor:
    """The polynomial through `values` at `times`, evaluated at `time`; exact at the `times`."""
    weights = [math.prod((time - s) / (t - s) for s in times if s != t) for t in times]
    return combined(weights, values)


def divided_difference(times: Sequence[float], values: Sequence[Tensor]) -> Tensor:
    """The leading coefficient of the polynomial through k + 1 values: y⁽ᵏ⁾/k! at some point."""
    return combined([1 / math.prod(t - s for s in times if s != t) for t in times], values)


def combined(weights: Sequence[float], values: Sequence[Tensor]) -> Tensor:
    """Σ weights · values."""
    total = values[0].mul(weights[0])
    for weight, value in zip(weights[1:], values[1:], strict=True):
        total.add_(value, alpha=weight)
    return total
