"""The quadratic net with dropout or batch normalisation, ways of training that grok as well (a remark of Gromov 2023).

f(x) = (1/N) W₂ (W₁ x / √D)² is the net of `grokking.models.quadratic_net`, with the scale where batch normalisation
sees it.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import mse_loss, one_hot

from grokking.data.operation import OperationData, Pairs
from grokking.kernels.autograd import loss_gradient, loss_gradient_and_outputs
from grokking.kernels.losses import LOSSES
from grokking.nets.objective import Noise
from grokking.nets.pair_objective import PairObjective
from grokking.nets.quadratic_columns import layer_columns

EPSILON = 1e-5  # added to the variance, as in torch.nn.BatchNorm1d


class RegularisedQuadraticObjective(PairObjective):
    """`dropout` leaves out each hidden neuron of each pair with that probability, where there is noise.

    `batch_norm` normalises each hidden neuron over the batch before it is squared, without learned parameters. A net
    is evaluated with the mean and the variance over its training set, so that what is observed depends on θ alone.
    """

    def __init__(self, data: OperationData, initial: Tensor, dropout: float, batch_norm: bool) -> None:
        super().__init__(data, initial, LOSSES["squared"])
        self.dropout, self.batch_norm = dropout, batch_norm
        self.stochastic = dropout > 0

    def batch_gradient(self, theta: Tensor, rows: Tensor | None, noise: Noise | None) -> Tensor:
        """With the batch's own statistics, and dropout where there is noise."""
        pairs = self.data.train if rows is None else self.data.train.take(rows)
        mask = None if noise is None or not self.dropout else self.dropout_mask(theta, len(pairs.c), noise)

        def loss(theta: Tensor) -> Tensor:
            pre = self.preactivations(theta, pairs)
            return mean_squared_error(self.read_out(theta, self.normalised(pre, pre), mask), pairs)

        return loss_gradient(loss, theta)

    def outputs(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Without dropout, both sets with the statistics of the training set."""

        def loss(theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            pre = self.preactivations(theta, self.data.train)
            train = self.read_out(theta, self.normalised(pre, pre))
            return mean_squared_error(train, self.data.train), train, pre

        gradient, train, pre = loss_gradient_and_outputs(loss, theta)
        test = self.read_out(theta, self.normalised(self.preactivations(theta, self.data.test), pre))
        return train, test, gradient

    def details(self, theta: Tensor, train: Tensor, gradient: Tensor) -> dict[str, float]:
        """Layers and waves."""
        return layer_columns(theta, gradient, self.initial)

    def preactivations(self, theta: Tensor, pairs: Pairs) -> Tensor:
        """W₁ x / √D, [m, N]."""
        p = self.data.p
        return (theta[pairs.a] + theta[p + pairs.b]) / (2 * p) ** 0.5

    def normalised(self, pre: Tensor, batch: Tensor) -> Tensor:
        """The preactivations, with batch normalisation less the mean and over the deviation of those of `batch`."""
        if not self.batch_norm:
            return pre
        variance, mean = torch.var_mean(batch, dim=0, correction=0)
        return (pre - mean) / (variance + EPSILON).sqrt()

    def dropout_mask(self, theta: Tensor, samples: int, noise: Noise) -> Tensor:
        """1 / (1 - dropout) where a neuron is kept, else 0, [samples, N]."""
        uniform = noise.generator("dropout").random((samples, theta.shape[1]), dtype=np.float32)
        return torch.from_numpy(uniform >= self.dropout).to(theta) / (1 - self.dropout)

    def read_out(self, theta: Tensor, hidden: Tensor, mask: Tensor | None = None) -> Tensor:
        """W₂ hidden² / N, [m, p]."""
        squares = hidden.square() if mask is None else hidden.square() * mask
        return squares @ theta[2 * self.data.p :].T / theta.shape[1]


def mean_squared_error(outputs: Tensor, pairs: Pairs) -> Tensor:
    """The mean over pairs and classes of (f - onehot)²."""
    return mse_loss(outputs, one_hot(pairs.c, outputs.shape[1]).to(outputs))
