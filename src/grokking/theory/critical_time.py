"""The time at which the kernel regime ends (Lyu et al. 2024, Theorems 3.4, 3.5, 3.9 and 3.10)."""

import math


def critical_time(init_scale: float, weight_decay: float) -> float:
    """(1/λ) log α, in units of continuous time; natural logarithm, the same for every homogeneity L."""
    return math.log(init_scale) / weight_decay
