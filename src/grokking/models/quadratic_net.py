"""Quadratic net on pairs of numbers, f(x) = (1/DN) W₂ (W₁ x)² (Gromov 2023, eq. (4)), without biases.

x = [e_n; e_m] has D = 2p entries. θ = (W₁ᵀ [2p, N], W₂ [p, N]) is held as one array [3p, N] with a column per neuron.
The loss is the mean over pairs and classes of (f - onehot)², so that f = 0 has the loss 1/p.
"""

from functools import partial

import torch
from torch import Tensor

from grokking.kernels.activations import ACTIVATIONS
from grokking.kernels.gram_gradient import gram_gradient
from grokking.kernels.losses import LOSSES
from grokking.kernels.pair_net import PairNet, rows_in_cache
from grokking.models.pair_objective import PairNetObjective, PairObjective
from grokking.models.quadratic_columns import layer_columns
from grokking.models.regularised_quadratic import RegularisedQuadraticObjective
from grokking.rng import stream
from grokking.specs.models import QuadraticNet
from grokking.tasks.operation import OperationData


def objective(model: QuadraticNet, data: OperationData, seed: int) -> PairObjective:
    """The mean squared error over the training pairs."""
    initial = initial_weights(model, data.p, seed)
    if model.dropout or model.batch_norm:
        return RegularisedQuadraticObjective(data, initial, model.dropout, model.batch_norm)
    return QuadraticObjective(data, initial)


def initial_weights(model: QuadraticNet, p: int, seed: int) -> Tensor:
    """θ(0) ~ N(0, 1), [3p, N] on the CPU."""
    theta = torch.from_numpy(stream(seed, "init").standard_normal((3 * p, model.width)))
    return theta.to(getattr(torch, model.dtype))


class QuadraticObjective(PairNetObjective):
    """With the hand-written gradient; for narrow nets without the outputs."""

    def __init__(self, data: OperationData, initial: Tensor) -> None:
        p, width = data.p, initial.shape[1]
        rows, scale = rows_in_cache(width), 1 / (2 * p * width)
        net = partial(PairNet, p=p, activation=ACTIVATIONS["square"], block_size=rows, bias=False, scale=scale)
        super().__init__(data, initial, LOSSES["squared"], net)

    def net_gradient(self, net: PairNet, theta: Tensor, outputs: Tensor | None = None) -> Tensor:
        """∇L(θ)."""
        if theta.shape[1] < self.data.p:
            return gram_gradient(net, theta, outputs)
        return super().net_gradient(net, theta, outputs)

    def details(self, theta: Tensor, train: Tensor, gradient: Tensor) -> dict[str, float]:
        """Layers and waves."""
        return layer_columns(theta, gradient, self.initial)
