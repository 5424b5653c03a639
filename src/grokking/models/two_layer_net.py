"""Two-layer net on pairs of tokens, f(θ; a, b) = W₂ φ(W₁ [e_a; e_b] + b₁) (Lyu et al. 2024, eq. (1)).

θ = (W₁ [h, 2p], b₁ [h], W₂ [p, h]) is held as one array [3p + 1, h] with a column per neuron. With φ = ReLU the net is
2-homogeneous in θ. Weight decay acts on all of θ, the bias included.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import torch
from torch import Tensor

from grokking.kernels.activations import ACTIVATIONS
from grokking.kernels.losses import LOSSES, Loss
from grokking.kernels.pair_net import PairNet
from grokking.measures.kkt import complementarity, cosine
from grokking.models.pair_system import PairSystem
from grokking.rng import stream
from grokking.specs.fields import Count, Positive
from grokking.tasks.operation import OperationData, Pairs


@dataclass(frozen=True)
class TwoLayerNet:
    """`width` neurons, He's initialisation times `init_scale`; `zero_last_layer` starts from W₂ = 0, hence f = 0."""

    width: Count
    init_scale: Positive = 1.0
    zero_last_layer: bool = False
    activation: Literal["relu", "square", "gelu"] = "relu"
    loss: Literal["cross_entropy", "squared"] = "cross_entropy"
    dtype: Literal["float32", "float64"] = "float32"

    data_type = OperationData

    def alpha(self, data: OperationData) -> float:
        """The initialisation scale α of the theorems."""
        return self.init_scale

    def theta(self, p: int, seed: int) -> Tensor:
        """θ(0) [3p + 1, h] on the CPU: W₁ ~ N(0, 2/(2p)), b₁ = 0, W₂ ~ N(0, 1/h) or 0, all times `init_scale`.

        He et al. 2015 with fan-in 2p and the gain of ReLU for W₁, and fan-in h and gain 1 for W₂.
        """
        generator = stream(seed, "init")
        W1 = generator.standard_normal((2 * p, self.width)) * math.sqrt(1 / p)
        W2 = generator.standard_normal((p, self.width)) * math.sqrt(1 / self.width)
        if self.zero_last_layer:
            W2[:] = 0
        theta = torch.cat([torch.from_numpy(part) for part in (W1, 0 * W1[:1], W2)])
        return theta.mul_(self.init_scale).to(getattr(torch, self.dtype))

    def descent_system(self, data: OperationData, weight_decay: float, seed: int) -> "TwoLayerSystem":
        """The flow of θ."""
        return TwoLayerSystem(*self._parts(data, seed), weight_decay)

    def flow_system(self, data: OperationData, weight_decay: float, seed: int) -> "TwoLayerSystem":
        """The same: no cheaper coordinates are needed."""
        return self.descent_system(data, weight_decay, seed)

    def log_loss_system(self, data: OperationData, weight_decay: float, seed: int) -> "LogLossSystem":
        """The flow of θ down log L."""
        return LogLossSystem(*self._parts(data, seed), weight_decay)

    def _parts(self, data: OperationData, seed: int) -> tuple[OperationData, Tensor, Callable[[Pairs], PairNet], Loss]:
        """What every system of this net is made of."""
        net = partial(PairNet, p=data.p, activation=ACTIVATIONS[self.activation])
        return data, self.theta(data.p, seed).to(data.results.device), net, LOSSES[self.loss]


class TwoLayerSystem(PairSystem):
    """Its error scale sees each layer: beside large first-layer weights an error in W₂ would go unseen."""

    def error_scale(self, theta: Tensor) -> Tensor:
        """The norm of each layer, [3p + 1, 1]."""
        first = 2 * self.data.p + 1
        scale = theta.new_empty((len(theta), 1))
        scale[:first], scale[first:] = theta[:first].norm(), theta[first:].norm()
        return scale

    def details(self, theta: Tensor, train: Tensor) -> dict[str, float]:
        """margin / ‖θ‖² and the KKT residuals."""
        norm, least = float(theta.norm()), margin(train, self.data.train.c)
        return {
            "normalised_margin": least / norm**2 if norm else math.nan,
            "gradient_cosine": -cosine(theta, self.gradient(theta)),
            "complementarity": complementarity(self.loss.mean_margin(train, self.data.train.c), least),
        }


class LogLossSystem(TwoLayerSystem):
    """dθ/dτ = -∇ log L(θ) - λθ: gradient flow whose step is divided by the loss, with L held as log L."""

    def gradient(self, theta: Tensor) -> Tensor:
        """∇ log L(θ)."""
        return self.train.coupled_gradient(theta, self.loss.log_residuals)

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
