"""The distance of θ from a KKT point of problems (R1) and (R2) of Lyu et al. 2024.

At a KKT point θ = Σ μ_i ∇g_i(θ), with a multiplier μ_i for each constraint g_i, not negative if g_i
is a margin. The loss provides multipliers, since -∇L = Σ μ_i ∇g_i with margins or outputs g_i. Two
conditions remain:

* stationarity: the cosine of θ and -∇L is 1, as where weight decay balances the gradient;
* complementarity, for margins q_i: Σ μ_i (q_i / q_min - 1) / Σ μ_i is 0, so that only the smallest
  margin has a multiplier.
"""

import math

import torch
from torch import Tensor


def cosine(x: Tensor, y: Tensor) -> float:
    """Return the cosine of the angle between two arrays of the same shape."""
    return float(torch.nn.functional.cosine_similarity(x.flatten(), y.flatten(), dim=0))


def complementarity(mean_margin: float, least_margin: float) -> float:
    """Return Σ μ_i (q_i / q_min - 1) / Σ μ_i; NaN unless all samples are fitted.

    `mean_margin` is the mean of the margins q_i weighted by the multipliers μ_i, `least_margin` is
    q_min.
    """
    return mean_margin / least_margin - 1 if least_margin > 0 else math.nan
