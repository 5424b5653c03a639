"""Two-layer net on pairs of tokens, f(θ; a, b) = W₂ ReLU(W₁ [e_a; e_b] + b₁) (Lyu et al. 2024, eq. (1)).

θ = (W₁ [h, 2p], b₁ [h], W₂ [p, h]) is held as one array [3p + 1, h] with a column per neuron; the net is 2-homogeneous
in it. The loss is cross-entropy, and weight decay acts on all of θ, the bias included.
"""

import math
from functools import partial

import torch
from torch import Tensor

from grokking.kernels.activations import ACTIVATIONS
from grokking.kernels.losses import LOSSES, cross_entropy_log_residuals, cross_entropy_mean_margin
from grokking.kernels.pair_net import PairNet, rows_in_cache
from grokking.measures.kkt import complementarity, cosine
from grokking.models.pair_objective import PairNetObjective
from grokking.rng import stream
from grokking.specs.models import TwoLayerNet
from grokking.tasks.operation import OperationData


def objective(model: TwoLayerNet, data: OperationData, seed: int) -> "TwoLayerObjective":
    """The mean cross-entropy over the training pairs."""
    return TwoLayerObjective(data, initial_weights(model, data.p, seed))


def log_loss_objective(model: TwoLayerNet, data: OperationData, seed: int) -> "LogLossObjective":
    """The logarithm of that mean."""
    return LogLossObjective(data, initial_weights(model, data.p, seed))


def initial_weights(model: TwoLayerNet, p: int, seed: int) -> Tensor:
    """θ(0) [3p + 1, h] on the CPU: W₁ ~ N(0, 2/(2p)), b₁ = 0, W₂ ~ N(0, 1/h) or 0, all times `init_scale`.

    He et al. 2015 with fan-in 2p and the gain of ReLU for W₁, and fan-in h and gain 1 for W₂.
    """
    generator = stream(seed, "init")
    W1 = generator.standard_normal((2 * p, model.width)) * math.sqrt(1 / p)
    W2 = generator.standard_normal((p, model.width)) * math.sqrt(1 / model.width)
    if model.zero_last_layer:
        W2[:] = 0
    theta = torch.cat([torch.from_numpy(part) for part in (W1, 0 * W1[:1], W2)])
    return theta.mul_(model.init_scale).to(getattr(torch, model.dtype))


FEW_HUNDRED = 300


class TwoLayerObjective(PairNetObjective):
    """Its error scale sees each layer: next to large first-layer weights an error in W₂ would go unseen."""

    def __init__(self, data: OperationData, initial: Tensor) -> None:
        rows = rows_in_cache(initial.shape[1])
        net = partial(PairNet, p=data.p, activation=ACTIVATIONS["relu"], block_size=rows)
        super().__init__(data, initial, LOSSES["cross_entropy"], net)

    def error_scale(self, theta: Tensor) -> Tensor:
        """The norm of each layer, [3p + 1, 1]."""
        first = 2 * self.data.p + 1
        scale = theta.new_empty((len(theta), 1))
        scale[:first], scale[first:] = theta[:first].norm(), theta[first:].norm()
        return scale

    def rounding(self, theta: Tensor, gradient: Tensor, weight_decay: float) -> float:
        """‖∇L - its exact value‖ / (‖∇L‖ + λ‖θ‖), once the training set is fitted to a few hundred rounding errors.

        1 - softmax is then a difference of numbers rounded to 1 ("softmax collapse", Prieto et al. 2025,
        arXiv 2501.04697); the derivatives of log L, formed from the logarithms, keep their digits.
        """
        log_loss = self.loss.log_mean(self.train.outputs(theta), self.data.train.c)
        if log_loss > math.log(FEW_HUNDRED * torch.finfo(theta.dtype).eps):
            return 0.0
        exact = self.train.coupled_gradient(theta, cross_entropy_log_residuals).mul_(math.exp(log_loss))
        forces = float(exact.norm()) + weight_decay * float(theta.norm())
        return float((gradient - exact).norm()) / forces if forces else 1.0  # L is below the smallest number

    def details(self, theta: Tensor, train: Tensor, gradient: Tensor) -> dict[str, float]:
        """margin / ‖θ‖² and the KKT residuals."""
        c = self.data.train.c
        norm, least = float(theta.norm()), margin(train, c)
        return {
            "normalised_margin": least / norm**2 if norm else math.nan,
            "gradient_cosine": -cosine(theta, gradient),
            "complementarity": complementarity(cross_entropy_mean_margin(train, c), least),
        }


class LogLossObjective(TwoLayerObjective):
    """log L(θ), whose flow is that of L with every step divided by the loss; L is held as log L.

    `rows` are a batch of their own: log of the mean loss over them.
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
    """min over the samples of the true class's output minus the largest other one."""
    others = outputs.scatter(1, c[:, None], -math.inf).amax(1)
    return float((outputs.gather(1, c[:, None])[:, 0] - others).min())
