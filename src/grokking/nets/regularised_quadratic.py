"""The quadratic net with dropout or batch normalisation, which grok as well (Gromov 2023).

f(x) = (1/N) W₂ (W₁ x / √D)² is the net of `grokking.nets.quadratic_net`, with the scale where batch
normalisation sees it.
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
    """The squared loss of a quadratic net with `dropout` or `batch_norm`.

    `dropout` is the probability with which each hidden neuron of each pair is left out in training.
    `batch_norm` normalises each hidden neuron over the batch before it is squared, without learned
    parameters. Evaluation uses mean and variance of the training set, so that observations depend
    on θ alone.
    """

    def __init__(self, data: OperationData, initial: Tensor, dropout: float, batch_norm: bool) -> None:
        super().__init__(data, initial, LOSSES["squared"])
        self.dropout, self.batch_norm = dropout, batch_norm
        self.stochastic = dropout > 0

    def batch_gradient(self, theta: Tensor, rows: Tensor | None, noise: Noise | None) -> Tensor:
        """∇L(θ) with the batch's statistics, and with dropout if there is noise."""
        pairs = self.data.train if rows is None else self.data.train.take(rows)
        mask = None if noise is None or not self.dropout else self.dropout_mask(theta, len(pairs.c), noise)

        def loss(theta: Tensor) -> Tensor:
            pre = self.preactivations(theta, pairs)
            return mean_squared_error(self.read_out(theta, self.normalised(pre, pre), mask), pairs)

        return loss_gradient(loss, theta)

    def outputs(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """f on both sets and ∇L(θ), without dropout, with the statistics of the training set."""

        def loss(theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            pre = self.preactivations(theta, self.data.train)
            train = self.read_out(theta, self.normalised(pre, pre))
            return mean_squared_error(train, self.data.train), train, pre

        gradient, train, pre = loss_gradient_and_outputs(loss, theta)
        test = self.read_out(theta, self.normalised(self.preactivations(theta, self.data.test), pre))
        return train, test, gradient

    def details(self, theta: Tensor, train: Tensor, gradient: Tensor) -> dict[str, float]:
        """The columns of `layer_columns`."""
        return layer_columns(theta, gradient, self.initial)

    def preactivations(self, theta: Tensor, pairs: Pairs) -> Tensor:
        """W₁ x / √D, [m, N]."""
        p = self.data.p
        return (theta[pairs.a] + theta[p + pairs.b]) / (2 * p) ** 0.5

    def normalised(self, pre: Tensor, batch: Tensor) -> Tensor:
        """(pre - mean) / deviation of `batch` with batch normalisation, else `pre`, [m, N]."""
        if not self.batch_norm:
            return pre
        variance, mean = torch.var_mean(batch, dim=0, correction=0)
        return (pre - mean) / (variance + EPSILON).sqrt()

    def dropout_mask(self, theta: Tensor, samples: int, noise: Noise) -> Tensor:
        """1 / (1 - dropout) where a neuron is kept, 0 elsewhere, [samples, N]."""
        uniform = noise.generator("dropout").random((samples, theta.shape[1]), dtype=np.float32)
        return torch.from_numpy(uniform >= self.dropout).to(theta) / (1 - self.dropout)

    def read_out(self, theta: Tensor, hidden: Tensor, mask: Tensor | None = None) -> Tensor:
        """W₂ hidden² / N, [m, p]."""
        squares = hidden.square() if mask is None else hidden.square() * mask
        return squares @ theta[2 * self.data.p :].T / theta.shape[1]


def mean_squared_error(outputs: Tensor, pairs: Pairs) -> Tensor:
    """The mean over pairs and classes of (f - onehot)²."""
    return mse_loss(outputs, one_hot(pairs.c, outputs.shape[1]).to(outputs))
