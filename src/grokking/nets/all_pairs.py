"""A net on all p² pairs at once, with any activation (Gromov 2023, Figures 2 and 6 to 9).

θ is [3p, N] as in `grokking.nets.quadratic_net`, which trains the case φ(x) = x² (eq. (4)).
"""

import torch
from torch import Tensor

from grokking.kernels import activations
from grokking.kernels.pair_net import rows_in_cache
from grokking.kernels.products import product


def preactivations(theta: Tensor, p: int) -> Tensor:
    """W₁ x / √D with D = 2p for all pairs, [p, p, N], n down and m across."""
    first, second, _ = torch.split(theta, p)
    return (first[:, None] + second) / (2 * p) ** 0.5


def outputs(theta: Tensor, p: int, activation: str = "square") -> Tensor:
    """f(x) = (1/N) W₂ φ(W₁ x / √D) for all pairs, [p, p, p] with the class last."""
    first, second, W2 = torch.split(theta, p)
    apply, blocks = activations.activation(activation), []
    for rows in torch.split(torch.arange(p * p), rows_in_cache(theta.shape[1])):
        pre = (first[rows // p] + second[rows % p]) / (2 * p) ** 0.5  # [rows, N]
        blocks.append(product(apply.forward(pre)[0], W2.T) / theta.shape[1])
    return torch.cat(blocks).reshape(p, p, p)
