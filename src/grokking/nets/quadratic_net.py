"""Quadratic net on pairs of numbers, f(x) = (1/DN) W₂ (W₁ x)² (Gromov 2023, eq. (4)).

x = [e_n; e_m] has D = 2p entries; there are no biases. θ = (W₁ᵀ [2p, N], W₂ [p, N]) is held as one
array [3p, N] with a column per neuron. The loss is the mean over pairs and classes of (f -
onehot)², so f = 0 has the loss 1/p.
"""

from functools import partial

from torch import Tensor

from grokking.data.operation import OperationData
from grokking.kernels.activations import activation
from grokking.kernels.gram_gradient import gram_gradient
from grokking.kernels.losses import LOSSES
from grokking.kernels.pair_net import PairNet, rows_in_cache
from grokking.nets.pair_objective import PairNetObjective
from grokking.nets.quadratic_columns import layer_columns


class QuadraticObjective(PairNetObjective):
    """The squared loss of a quadratic net; for fewer neurons than classes without its outputs."""

    def __init__(self, data: OperationData, initial: Tensor) -> None:
        p, width = data.p, initial.shape[1]
        rows, scale = rows_in_cache(width), 1 / (2 * p * width)
        net = partial(PairNet, p=p, activation=activation("square"), block_size=rows, bias=False, scale=scale)
        super().__init__(data, initial, LOSSES["squared"], net)

    def net_gradient(self, net: PairNet, theta: Tensor, outputs: Tensor | None = None) -> Tensor:
        """∇L(θ)."""
        if theta.shape[1] < self.data.p:
            return gram_gradient(net, theta, outputs)
        return super().net_gradient(net, theta, outputs)

    def details(self, theta: Tensor, train: Tensor, gradient: Tensor) -> dict[str, float]:
        """The columns of `layer_columns`."""
        return layer_columns(theta, gradient, self.initial)
