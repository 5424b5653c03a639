"""How far θ is from a KKT point of norm minimisation under the constraints that its task sets (problems (R1), (R2)).

A KKT point is θ = Σ μ_i ∇g_i(θ) with multipliers μ_i on the constraints g_i, not negative where these are margins. The
loss names its own multipliers, since -∇L = Σ μ_i ∇g_i with g_i a margin or an output; what is left to see is

* stationarity: the cosine of θ and -∇L, 1 at a KKT point, and where weight decay balances the gradient;
* complementarity, for margins: Σ μ_i (q_i / q_min - 1) / Σ μ_i, 0 where only the smallest margin has a multiplier.
"""

import math

import torch
from torch import Tensor


def cosine(x: Tensor, y: Tensor) -> float:
    """Cosine of the angle between two arrays of the same shape."""
    return float(torch.nn.functional.cosine_similarity(x.flatten(), y.flatten(), dim=0))


def complementarity(mean_margin: float, least_margin: float) -> float:
    """From the mean of the margins under the multipliers as weights, and the least; NaN before all data are fitted."""
    return mean_margin / least_margin - 1 if least_margin > 0 else math.nan
