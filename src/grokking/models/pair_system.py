"""The flow of a net whose input is a pair of tokens: what all such nets share."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from grokking.kernels.cuda_graph import captured
from grokking.kernels.losses import Loss
from grokking.kernels.pair_net import PairNet
from grokking.tasks.operation import OperationData, Pairs


@dataclass(frozen=True)
class PairSystem:
    """θ' = -∇L(θ) - λθ, L the mean loss over the training pairs; `net` is the model on given pairs.

    `initial` is θ(0) on the data's device. A subclass observes more in `details`.
    """

    data: OperationData
    initial: Tensor
    net: Callable[[Pairs], PairNet]
    loss: Loss
    weight_decay: float

    @cached_property
    def train(self) -> PairNet:
        """The net on the training set."""
        return self.net(self.data.train)

    @cached_property
    def test(self) -> PairNet:
        """The net on the test set."""
        return self.net(self.data.test)

    @cached_property
    def _velocity(self) -> Callable[[Tensor], Tensor]:
        def velocity(theta: Tensor) -> Tensor:
            return self.gradient(theta).add_(theta, alpha=self.weight_decay).neg_()

        return captured(velocity, self.initial)

    def velocity(self, t: float, theta: Tensor) -> Tensor:
        return self._velocity(theta)

    def gradient(self, theta: Tensor) -> Tensor:
        """∇L(θ)."""
        return self.train.gradient(theta, self.loss.residuals)

    def error_scale(self, theta: Tensor) -> Tensor:
        """‖θ‖."""
        return theta.norm()

    def observe(self, t: float, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """Losses, accuracies, norm and the model's `details`; the record is the table of answers, int16 [p, p]."""
        train, test = self.train.outputs(theta), self.test.outputs(theta)
        table = self.data.answers(train, test)
        columns = {
            **self.losses(train, test),
            **{name: values[0] for name, values in self.data.evaluate(table[None]).items()},
            "parameter_norm": float(theta.norm()),
            **self.details(theta, train),
        }
        return columns, table

    def losses(self, train: Tensor, test: Tensor) -> dict[str, float]:
        """Mean training and test loss, from the outputs on both sets."""
        return {
            "train_loss": math.exp(self.loss.log_mean(train, self.data.train.c)),
            "test_loss": math.exp(self.loss.log_mean(test, self.data.test.c)),
        }

    def details(self, theta: Tensor, train: Tensor) -> dict[str, float]:
        """What this model observes besides, from θ and the outputs on the training set."""
        raise NotImplementedError

    def predictors(self, times: Tensor, records: Tensor) -> Tensor:
        return records
