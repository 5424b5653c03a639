"""∂L/∂z of the mean cross entropy as torch computes it, with the rounding that decides how soon these nets grok.

Where a sample is fitted, p - 1 is the difference of two numbers near 1: in float32 multiples of 6e-8, and 0 below.
What is left pushes all outputs one way and throws the net off again and again while it memorises. Without that error
(`grokking.kernels.losses`) the same transformer sits still at a loss of 1e-8 and generalises three times later.
"""

import torch
from torch import Tensor


def cross_entropy_gradient(z: Tensor, c: Tensor) -> Tensor:
    """(softmax(z) - onehot(c)) / m for outputs z [m, C], to the bit that of `torch.nn.functional.cross_entropy`."""
    slopes = torch.zeros_like(z)
    slopes[torch.arange(len(c), device=c.device), c] = -1 / len(c)
    return torch.ops.aten._log_softmax_backward_data(slopes, torch.log_softmax(z, 1), 1, z.dtype)
