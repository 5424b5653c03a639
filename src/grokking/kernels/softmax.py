"""∂L/∂z of the mean cross entropy with the rounding errors of torch.

Where a sample is fitted, p - 1 is the difference of two numbers near 1: in float32 a multiple of
6·10⁻⁸, or 0. The error pushes all outputs one way, again and again, once the training set is fitted.
`grokking.kernels.losses` has the gradient without it; the claims `rounding.*` of the course report
say what it changes.
"""

import torch
from torch import Tensor


def cross_entropy_gradient(z: Tensor, c: Tensor) -> Tensor:
    """(softmax(z) - onehot(c)) / m for outputs z [m, C], with torch's rounding.

    The result equals the gradient of `torch.nn.functional.cross_entropy` bit for bit.
    """
    gradient = torch.zeros_like(z)
    gradient[torch.arange(len(c), device=c.device), c] = -1 / len(c)
    return torch.ops.aten._log_softmax_backward_data(gradient, torch.log_softmax(z, 1), 1, z.dtype)
