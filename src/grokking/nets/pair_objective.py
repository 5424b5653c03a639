"""The loss of a net whose input is a pair of tokens."""

import math
from abc import abstractmethod
from collections.abc import Callable
from functools import cached_property

from torch import Tensor

from grokking.data.operation import OperationData, Pairs
from grokking.kernels.layout import Layout
from grokking.kernels.losses import Loss
from grokking.kernels.pair_net import PairNet
from grokking.nets.objective import Noise, Objective, refuse_label_noise


class PairObjective(Objective):
    """L(θ), the mean loss over the training pairs; an observation records the answers.

    θ [3p + 1, h], or [3p, h] without a bias, has a column per neuron: W₁ᵀ, b₁ and W₂.
    """

    def __init__(self, data: OperationData, initial: Tensor, loss: Loss) -> None:
        self.data, self.loss = data, loss
        self.initial = initial.to(data.results.device)
        self.samples = len(data.train.c)
        p, h = data.p, initial.shape[1]
        bias = {"b1": (h,)} if len(initial) > 3 * p else {}
        self.layout = Layout({"W1": (2 * p, h), **bias, "W2": (p, h)})

    def gradient(self, theta: Tensor, rows: Tensor | None = None, noise: Noise | None = None) -> Tensor:
        """∇L(θ); samples have the numbers of the entries of `OperationData.train`."""
        refuse_label_noise(noise)
        return self.batch_gradient(theta, rows, noise)

    def named(self, theta: Tensor) -> dict[str, Tensor]:
        """W₁ [h, 2p] and W₂ [p, h], and between them b₁ [h] of a net with a bias."""
        weights = super().named(theta)
        return {**weights, "W1": weights["W1"].T}

    @abstractmethod
    def batch_gradient(self, theta: Tensor, rows: Tensor | None, noise: Noise | None) -> Tensor:
        """∇L(θ) on the pairs `rows`, or on all."""

    @abstractmethod
    def outputs(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """f on the training set [m, p] and on the test set [m', p], and ∇L(θ).

        The gradient needs the outputs on the training set anyway.
        """

    @abstractmethod
    def details(self, theta: Tensor, train: Tensor, gradient: Tensor) -> dict[str, float]:
        """Model-specific columns, from θ, the outputs on the training set and ∇L(θ)."""

    def observe(self, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """Losses, accuracies, norm, `details`; the record is the table of answers, int16 [p, p]."""
        train, test, gradient = self.outputs(theta)
        table = self.data.answers(train, test)
        columns = {
            **self.losses(train, test),
            **{name: values[0] for name, values in self.data.evaluate(table[None]).items()},
            "parameter_norm": float(theta.norm()),
            **self.details(theta, train, gradient),
        }
        return columns, table

    def losses(self, train: Tensor, test: Tensor) -> dict[str, float]:
        """Mean training and test loss, from the outputs on both sets."""
        return {
            "train_loss": math.exp(self.loss.log_mean(train, self.data.train.c)),
            "test_loss": math.exp(self.loss.log_mean(test, self.data.test.c)),
        }


class PairNetObjective(PairObjective):
    """The loss of a `PairNet` with its hand-written gradient; `net` makes it on given pairs."""

    def __init__(self, data: OperationData, initial: Tensor, loss: Loss, net: Callable[[Pairs], PairNet]) -> None:
        super().__init__(data, initial, loss)
        self.net = net

    @cached_property
    def train(self) -> PairNet:
        """The net on the training set."""
        return self.net(self.data.train)

    @cached_property
    def test(self) -> PairNet:
        """The net on the test set."""
        return self.net(self.data.test)

    def batch_gradient(self, theta: Tensor, rows: Tensor | None, noise: Noise | None) -> Tensor:
        """∇L(θ) on the pairs `rows`, or on all."""
        return self.net_gradient(self.train if rows is None else self.net(self.data.train.take(rows)), theta)

    def outputs(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """f on both sets and ∇L(θ), from a single forward pass over the training set."""
        train = theta.new_empty((self.samples, self.data.p))
        gradient = self.net_gradient(self.train, theta, train)
        return train, self.test.outputs(theta), gradient

    def net_gradient(self, net: PairNet, theta: Tensor, outputs: Tensor | None = None) -> Tensor:
        """∇L(θ) on the pairs of `net`; `outputs` [m, p], where present, is filled with f."""
        return net.gradient(theta, self.loss.residuals, outputs)
