"""Inverse participation ratio: large if a neuron's weights are few waves (Gromov 2023, eq. (20)).

The paper does not say over which transform it sums, and the value of the exact solution depends on
it. `TRANSFORMS` has four readings.
"""

from collections.abc import Callable

import torch
from torch import Tensor

Transform = Callable[[Tensor], Tensor]
# First-layer weights [2, p, N] to coefficients [blocks, ν, N], normalised over ν.
TRANSFORMS: dict[str, Transform] = {
    "block_rfft": lambda W: torch.fft.rfft(W, dim=1),
    "block_fft": lambda W: torch.fft.fft(W, dim=1),
    "joint_rfft": lambda W: torch.fft.rfft(W, dim=1).flatten(0, 1)[None],
    "joint_fft": lambda W: torch.fft.fft(W, dim=1).flatten(0, 1)[None],
}


def inverse_participation_ratio(W1: Tensor, transform: str = "block_rfft") -> float:
    """Return the mean over neurons (and blocks) of Σ|w̃|⁴ / (Σ|w̃|²)², for W₁ [2p, N].

    It is eq. (21) with r = 2. With the default, a real transform of each block of p weights, it is
    1 for a single wave and about 2/ν for Gaussian weights.
    """
    power = TRANSFORMS[transform](W1.to(torch.float64).reshape(2, -1, W1.shape[1])).abs().square()
    return float((power.square().sum(1) / power.sum(1).square()).mean())
