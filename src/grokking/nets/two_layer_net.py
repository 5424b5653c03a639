"""Two-layer net on pairs of tokens, f(θ; a, b) = W₂ ReLU(W₁ [e_a; e_b] + b₁).

Lyu et al. 2024, eq. (1). θ = (W₁ [h, 2p], b₁ [h], W₂ [p, h]) is held as one array [3p + 1, h] with
a column per neuron; the net is 2-homogeneous in it. The loss is the cross entropy. Weight decay
acts on all of θ, the bias included.
"""

import math
from functools import partial

import torch
from torch import Tensor

from grokking.data.operation import OperationData
from grokking.kernels.activations import activation
from grokking.kernels.losses import LOSSES, cross_entropy_log_residuals, cross_entropy_mean_margin
from grokking.kernels.pair_net import PairNet, rows_in_cache
from grokking.measures.kkt import complementarity, cosine
from grokking.nets.pair_objective import PairNetObjective

FEW_HUNDRED = 300


class TwoLayerObjective(PairNetObjective):
    """The cross entropy of a two-layer net."""

    def __init__(self, data: OperationData, initial: Tensor) -> None:
        rows = rows_in_cache(initial.shape[1])
        net = partial(PairNet, p=data.p, activation=activation("relu"), block_size=rows)
        super().__init__(data, initial, LOSSES["cross_entropy"], net)

    def error_scale(self, theta: Tensor) -> Tensor:
        """The norm of each layer, [3p + 1, 1], so that large W₁ do not hide errors in W₂."""
        first = 2 * self.data.p + 1
        scale = theta.new_empty((len(theta), 1))
        scale[:first], scale[first:] = theta[:first].norm(), theta[first:].norm()
        return scale

    def rounding(self, theta: Tensor, gradient: Tensor, weight_decay: float) -> float:
        """‖∇L - its exact value‖ / (‖∇L‖ + λ‖θ‖); 0 until L is a few hundred rounding errors.

        1 - softmax is then a difference of numbers rounded to 1 ("softmax collapse", Prieto et al.
        2025, arXiv 2501.04697). The derivatives of log L, formed from logarithms, keep their
        digits.
        """
        log_loss = self.loss.log_mean(self.train.outputs(theta), self.data.train.c)
        if log_loss > math.log(FEW_HUNDRED * torch.finfo(theta.dtype).eps):
            return 0.0
        exact = self.train.coupled_gradient(theta, cross_entropy_log_residuals).mul_(math.exp(log_loss))
        forces = float(exact.norm()) + weight_decay * float(theta.norm())
        # forces are 0 where L is below the smallest number
        return float((gradient - exact).norm()) / forces if forces else 1.0

    def details(self, theta: Tensor, train: Tensor, gradient: Tensor) -> dict[str, float]:
        """Normalised margin, margin / ‖θ‖², and the KKT residuals."""
        c = self.data.train.c
        norm, least = float(theta.norm()), margin(train, c)
        return {
            "normalised_margin": least / norm**2 if norm else math.nan,
            "gradient_cosine": -cosine(theta, gradient),
            "complementarity": complementarity(cross_entropy_mean_margin(train, c), least),
        }


class LogLossObjective(TwoLayerObjective):
    """log L(θ), whose flow is that of L with every step divided by the loss; L is held as log L.

    On a batch it is the logarithm of the mean loss over the batch.
    """

    def net_gradient(self, net: PairNet, theta: Tensor, outputs: Tensor | None = None) -> Tensor:
        """∇ log L(θ)."""
        return net.coupled_gradient(theta, cross_entropy_log_residuals, outputs)

    def rounding(self, theta: Tensor, gradient: Tensor, weight_decay: float) -> float:
        """0: the derivatives of log L keep their digits however small L is."""
        return 0.0

    def losses(self, train: Tensor, test: Tensor) -> dict[str, float]:
        """Natural logarithms of the mean training and test loss."""
        return {
            "log_train_loss": self.loss.log_mean(train, self.data.train.c),
            "log_test_loss": self.loss.log_mean(test, self.data.test.c),
        }


def margin(outputs: Tensor, c: Tensor) -> float:
    """The smallest margin: the true class's output minus the largest other one."""
    others = outputs.scatter(1, c[:, None], -math.inf).amax(1)
    return float((outputs.gather(1, c[:, None])[:, 0] - others).min())
