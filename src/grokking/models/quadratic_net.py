"""Quadratic net on pairs of numbers, f(x) = (1/DN) W₂ (W₁ x)² (Gromov 2023, eq. (4)), without biases.

x = [e_n; e_m] has D = 2p entries. θ = (W₁ᵀ [2p, N], W₂ [p, N]) is held as one array [3p, N] with a column per neuron.
The loss is the mean over pairs and classes of (f - onehot)², so that f = 0 has the loss 1/p.
"""

from dataclasses import dataclass
from functools import partial
from typing import Literal

import torch
from torch import Tensor

from grokking.kernels.activations import ACTIVATIONS
from grokking.kernels.gram_gradient import gram_gradient
from grokking.kernels.losses import LOSSES
from grokking.kernels.pair_net import PairNet
from grokking.measures.ipr import inverse_participation_ratio
from grokking.models.pair_system import PairSystem
from grokking.models.wave_weights import WaveWeights
from grokking.rng import stream
from grokking.specs.fields import Count
from grokking.tasks.operation import OperationData


@dataclass(frozen=True)
class QuadraticNet:
    """`width` neurons; `initial` weights N(0, 1), or the closed-form solution of addition."""

    width: Count
    initial: Literal["normal", "waves"] = "normal"
    dtype: Literal["float32", "float64"] = "float32"

    data_type = OperationData

    def theta(self, p: int, seed: int) -> Tensor:
        """θ(0) [3p, N] on the CPU."""
        if self.initial == "waves":
            theta = WaveWeights().theta(p, self.width, seed)
        else:
            theta = torch.from_numpy(stream(seed, "init").standard_normal((3 * p, self.width)))
        return theta.to(getattr(torch, self.dtype))

    def descent_system(self, data: OperationData, weight_decay: float, seed: int) -> "QuadraticSystem":
        """The flow of θ."""
        p = data.p
        net = partial(
            PairNet, p=p, activation=ACTIVATIONS["square"], bias=False, scale=1 / (2 * p * self.width), rows=512
        )
        initial = self.theta(p, seed).to(data.results.device)
        return QuadraticSystem(data, initial, net, LOSSES["squared"], weight_decay)

    def flow_system(self, data: OperationData, weight_decay: float, seed: int) -> "QuadraticSystem":
        """The same: no cheaper coordinates are needed."""
        return self.descent_system(data, weight_decay, seed)


class QuadraticSystem(PairSystem):
    """The flow of a quadratic net, by layers and waves."""

    def gradient(self, theta: Tensor) -> Tensor:
        """∇L(θ) of the squared loss, for narrow nets without the outputs."""
        return gram_gradient(self.train, theta) if theta.shape[1] < self.data.p else super().gradient(theta)

    def details(self, theta: Tensor, train: Tensor) -> dict[str, float]:
        """Norms of weights and gradients by layer, IPR, and `moved`: ‖θ - θ(0)‖ / ‖θ(0)‖."""
        layers = [2 * self.data.p, self.data.p]
        W1, W2 = torch.split(theta, layers)
        first, second = torch.split(self.gradient(theta), layers)
        return {
            "first_norm": float(W1.norm()),
            "second_norm": float(W2.norm()),
            "first_gradient": float(first.norm()),
            "second_gradient": float(second.norm()),
            "ipr": inverse_participation_ratio(W1),
            "moved": float((theta - self.initial).norm() / self.initial.norm()),
        }
