"""The loss of a net whose input is a pair of operands."""

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
    """The mean loss L(θ) over the training pairs; the record of an observation is the answers.

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
        """Return ∇L(θ), shaped like θ, over all training pairs or those in `rows`, int64 [batch].

        The pairs are numbered as in `OperationData.train`. Raises `ValueError` for label noise.
        """
        refuse_label_noise(noise)
        return self.batch_gradient(theta, rows, noise)

    def named(self, theta: Tensor) -> dict[str, Tensor]:
        """Return W₁ [h, 2p] and W₂ [p, h] by name, and b₁ [h] of a net with a bias."""
        weights = super().named(theta)
        return {**weights, "W1": weights["W1"].T}

    @abstractmethod
    def batch_gradient(self, theta: Tensor, rows: Tensor | None, noise: Noise | None) -> Tensor:
        """Return ∇L(θ) over the training pairs `rows`, or all."""

    @abstractmethod
    def outputs(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the outputs on the training set [m, p] and the test set [m', p], and ∇L(θ).

        They are computed together because the gradient needs the outputs on the training set.
        """

    @abstractmethod
    def details(self, theta: Tensor, train: Tensor, gradient: Tensor) -> dict[str, float]:
        """Return the columns that only this kind of net has.

        They are computed from θ, the outputs on the training set and ∇L(θ).
        """

    def observe(self, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """Return losses, accuracies, norm and `details` at θ, and the answers, int16 [p, p]."""
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
        """Return mean training and test loss from the outputs on both sets."""
        return {
            "train_loss": math.exp(self.loss.log_mean(train, self.data.train.c)),
            "test_loss": math.exp(self.loss.log_mean(test, self.data.test.c)),
        }


class PairNetObjective(PairObjective):
    """The loss of a `PairNet`, whose gradient is written out.

    `net` makes the net for given pairs.
    """

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
        """Return ∇L(θ) over the training pairs `rows`, or all."""
        return self.net_gradient(self.train if rows is None else self.net(self.data.train.take(rows)), theta)

    def outputs(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the outputs on both sets and ∇L(θ), by one forward pass over the training set."""
        train = theta.new_empty((self.samples, self.data.p))
        gradient = self.net_gradient(self.train, theta, train)
        return train, self.test.outputs(theta), gradient

    def net_gradient(self, net: PairNet, theta: Tensor, outputs: Tensor | None = None) -> Tensor:
        """Return ∇L(θ) on the pairs of `net`.

        `outputs` [m, p], if given, is filled with the outputs of the net.
        """
        return net.gradient(theta, self.loss.residuals, outputs)
