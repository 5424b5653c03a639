"""The time at which the kernel regime ends (Lyu et al. 2024, Theorems 3.4, 3.5, 3.9 and 3.10)."""

import math


def critical_time(alpha: float, weight_decay: float) -> float:
    """Return (1/λ) log α, in units of continuous time, with the natural logarithm.

    It does not depend on the homogeneity L. It is infinite where the theorems name no time: for
    α ≤ 1 and for λ = 0.
    """
    if alpha <= 1 or weight_decay == 0:
        return math.inf
    return math.log(alpha) / weight_decay
