"""Losses of a classifier with K outputs, exact also far below the smallest number.

With outputs z [m, K] and true classes c [m], L is the mean over the m samples. Without weight decay
log L reaches -10⁴; `log_values` and `cross_entropy_log_residuals` then work with log L in float64
and never form L itself.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus

TINY = -30.0  # below it log(softplus(x)) = x to 13 digits


@dataclass(frozen=True)
class Loss:
    """A loss by its `residuals` and `log_values`.

    `log_values(z, c)` is the log of each sample's loss, [m]. `residuals(z, c, m)` is ∂L/∂z for some
    of the samples, [rows, K], where L is the mean over m samples.
    """

    residuals: Callable[[Tensor, Tensor, int], Tensor]
    log_values: Callable[[Tensor, Tensor], Tensor]

    def log_mean(self, z: Tensor, c: Tensor) -> float:
        """log L, in float64."""
        return float(torch.logsumexp(self.log_values(z, c), 0)) - math.log(len(c))


def cross_entropy_residuals(z: Tensor, c: Tensor, m: int) -> Tensor:
    """(softmax(z) - onehot(c)) / m.

    Where the net is sure of its class, softmax - 1 is lost to rounding. The sum of the other
    classes, with a minus, is not.
    """
    residuals = torch.softmax(z, 1)
    rows = torch.arange(len(c), device=c.device)
    residuals[rows, c] = 0
    residuals[rows, c] = -residuals.sum(1)
    return residuals.div_(m)


def cross_entropy_log_residuals(z: Tensor, c: Tensor) -> Tensor:
    """∂(log L)/∂z, [m, K].

    σ(x_i) (softmax over the wrong classes - onehot(c_i)) / Σ_k softplus(x_k), with x as in
    `excess`.
    """
    x, wrong = excess(z, c)
    total = torch.logsumexp(log_softplus(x), 0)
    residuals = torch.softmax(wrong, 1)
    residuals[torch.arange(len(c), device=c.device), c] = -1.0
    return residuals.mul_((logsigmoid(x) - total).exp_()[:, None]).to(z.dtype)


def cross_entropy_log_values(z: Tensor, c: Tensor) -> Tensor:
    """log of -log softmax(z)_c."""
    return log_softplus(excess(z, c)[0])


def cross_entropy_mean_margin(z: Tensor, c: Tensor) -> float:
    """The mean of z_c - z_j over samples and wrong classes j, weighted by ∂L/∂z_j.

    Σ p_ij (z_i,c_i - z_ij) / Σ p_ij with p = softmax(z), in float64.
    """
    z = z.to(torch.float64)
    residuals = cross_entropy_log_residuals(z, c)
    return -float((residuals * z).sum() / residuals.clamp(min=0).sum())


def excess(z: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """x_i = log Σ_{j≠c_i} exp(z_ij) - z_i,c_i [m], and z with -∞ at c [m, K], in float64.

    The loss of sample i is softplus(x_i).
    """
    z = z.to(torch.float64)
    rows = torch.arange(len(c), device=c.device)
    right = z[rows, c]
    wrong = z.clone()
    wrong[rows, c] = -math.inf
    return torch.logsumexp(wrong, 1) - right, wrong


def log_softplus(x: Tensor) -> Tensor:
    """log log(1 + e^x), exact even where e^x underflows."""
    return torch.where(x < TINY, x, softplus(x.clamp(min=TINY)).log())


def squared_residuals(z: Tensor, c: Tensor, m: int) -> Tensor:
    """2 (z - onehot(c)) / (m K)."""
    residuals = z.mul(2 / (m * z.shape[1]))
    residuals[torch.arange(len(c), device=c.device), c] -= 2 / (m * z.shape[1])
    return residuals


def squared_log_values(z: Tensor, c: Tensor) -> Tensor:
    """log of the mean over the K outputs of (z - onehot(c))²."""
    error = z.clone()
    error[torch.arange(len(c), device=c.device), c] -= 1
    return error.to(torch.float64).square_().mean(1).log()


LOSSES = {
    "cross_entropy": Loss(cross_entropy_residuals, cross_entropy_log_values),
    "squared": Loss(squared_residuals, squared_log_values),
}
