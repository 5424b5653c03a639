"""Quadratic net on pairs of numbers, f(x) = (1/DN) W₂ (W₁ x)² (Gromov 2023, eq. (4)), without biases.

x = [e_n; e_m] has D = 2p entries. θ = (W₁ᵀ [2p, N], W₂ [p, N]) is held as one array [3p, N] with a column per neuron.
The loss is the mean over pairs and classes of (f - onehot)², so that f = 0 has the loss 1/p.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor

from grokking.models.capture import captured
from grokking.models.ipr import inverse_participation_ratio
from grokking.models.losses import LOSSES
from grokking.models.pair_gradient import Block, add_rows, blocks_of, sums_of_rows
from grokking.models.wave_weights import WaveWeights
from grokking.params import Count
from grokking.rng import stream
from grokking.tasks.operation import OperationData, Pairs

LOSS = LOSSES["squared"]


@dataclass(frozen=True)
class QuadraticNet:
    """`width` neurons; `initial` weights N(0, 1), or the closed-form solution of addition."""

    width: Count
    initial: Literal["normal", "waves"] = "normal"
    dtype: Literal["float32", "float64"] = "float32"

    data_type = OperationData

    def alpha(self, data: OperationData) -> float:
        """1: the theorems on large initialisation say nothing of this net."""
        return 1.0

    def theta(self, p: int, seed: int) -> Tensor:
        """θ(0) [3p, N] on the CPU."""
        if self.initial == "waves":
            theta = WaveWeights().theta(p, self.width, seed)
        else:
            theta = torch.from_numpy(stream(seed, "init").standard_normal((3 * p, self.width)))
        return theta.to(getattr(torch, self.dtype))

    def descent_system(self, data: OperationData, weight_decay: float, seed: int) -> "QuadraticSystem":
        """The flow of θ."""
        return QuadraticSystem(data, self.theta(data.p, seed).to(data.results.device), weight_decay)

    def flow_system(self, data: OperationData, weight_decay: float, seed: int) -> "QuadraticSystem":
        """The same: no cheaper coordinates are needed."""
        return self.descent_system(data, weight_decay, seed)


@dataclass(frozen=True)
class QuadraticPairs:
    """The net on fixed pairs, block by block: the loss is a sum over pairs, so each goes forth and back at once."""

    pairs: Pairs
    p: int

    @cached_property
    def blocks(self) -> list[Block]:
        """The pairs in pieces that stay in the cache."""
        return blocks_of(self.pairs, self.p)

    def outputs(self, theta: Tensor) -> Tensor:
        """f(θ; n, m) for all pairs, [m, p]."""
        return torch.cat(
            [self._preactivations(theta, block).square_() @ self._readout(theta).T for block in self.blocks]
        )

    def gradient(self, theta: Tensor) -> Tensor:
        """∇L(θ) [3p, N]."""
        p, W2 = self.p, self._readout(theta)
        gradient = torch.zeros_like(theta)
        for block in self.blocks:
            pre = self._preactivations(theta, block)
            squares = pre.square()
            c = self.pairs.c[block.rows]
            residuals = (squares @ W2.T).scatter_add_(1, c[:, None], -theta.new_ones((len(c), 1)))
            gradient[2 * p :].addmm_(residuals.T, squares)
            back = (residuals @ W2).mul_(pre)
            add_rows(gradient[:p], block.a, back)
            add_rows(gradient[p : 2 * p], block.b, back)
        mean = 2 / (len(self.pairs.c) * p)
        gradient[: 2 * p].mul_(2 * mean)  # d(x²) = 2x dx
        gradient[2 * p :].mul_(mean / (2 * p * theta.shape[1]))
        return gradient

    def loss(self, outputs: Tensor) -> float:
        """The mean over pairs and classes."""
        return math.exp(LOSS.log_mean(outputs, self.pairs.c))

    def _preactivations(self, theta: Tensor, block: Block) -> Tensor:
        """W₁ x, [rows, N]."""
        return sums_of_rows(theta[: 2 * self.p], block)

    def _readout(self, theta: Tensor) -> Tensor:
        """W₂ / (DN), [p, N]."""
        return theta[2 * self.p :] / (2 * self.p * theta.shape[1])


@dataclass(frozen=True)
class QuadraticSystem:
    """θ' = -∇L(θ) - λθ, L the mean loss over the training pairs."""

    data: OperationData
    initial: Tensor
    weight_decay: float

    @cached_property
    def train(self) -> QuadraticPairs:
        """The net on the training set."""
        return QuadraticPairs(self.data.train, self.data.p)

    @cached_property
    def test(self) -> QuadraticPairs:
        """The net on the test set."""
        return QuadraticPairs(self.data.test, self.data.p)

    @cached_property
    def _velocity(self) -> Callable[[Tensor], Tensor]:
        def velocity(theta: Tensor) -> Tensor:
            return self.train.gradient(theta).add_(theta, alpha=self.weight_decay).neg_()

        return captured(velocity, self.initial)

    def velocity(self, t: float, theta: Tensor) -> Tensor:
        return self._velocity(theta)

    def error_scale(self, theta: Tensor) -> Tensor:
        """‖θ‖."""
        return theta.norm()

    def observe(self, t: float, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """Losses, accuracies, norms of weights and gradients by layer, IPR; the record is the table of answers.

        `moved` is the distance from the initial weights relative to their norm.
        """
        train, test = self.train.outputs(theta), self.test.outputs(theta)
        table = self.data.answers(train, test)
        layers = [2 * self.data.p, self.data.p]
        W1, W2 = torch.split(theta, layers)
        first, second = torch.split(self.train.gradient(theta), layers)
        columns = {
            "train_loss": self.train.loss(train),
            "test_loss": self.test.loss(test),
            **{name: values[0] for name, values in self.data.evaluate(table[None]).items()},
            "parameter_norm": float(theta.norm()),
            "first_norm": float(W1.norm()),
            "second_norm": float(W2.norm()),
            "first_gradient": float(first.norm()),
            "second_gradient": float(second.norm()),
            "ipr": inverse_participation_ratio(W1),
            "moved": float((theta - self.initial).norm() / self.initial.norm()),
        }
        return columns, table

    def predictors(self, times: Tensor, records: Tensor) -> Tensor:
        return records
