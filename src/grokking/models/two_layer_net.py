"""Two-layer net on pairs of tokens, f(θ; a, b) = W₂ φ(W₁ [e_a; e_b] + b₁) (Lyu et al. 2024, eq. (1)).

θ = (W₁ [h, 2p], b₁ [h], W₂ [p, h]) is held as one array [3p + 1, h] with a column per neuron. With φ = ReLU the net is
2-homogeneous in θ. Weight decay acts on all of θ, the bias included.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor

from grokking.models.activations import ACTIVATIONS
from grokking.models.capture import captured
from grokking.models.kkt import complementarity, cosine
from grokking.models.losses import LOSSES, Loss
from grokking.models.pair_gradient import PairNet
from grokking.params import Count, Positive
from grokking.rng import stream
from grokking.tasks.operation import OperationData


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

    def initial(self, p: int, seed: int) -> Tensor:
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
        initial = self.initial(data.p, seed).to(data.results.device)
        return TwoLayerSystem(data, initial, self.activation, LOSSES[self.loss], weight_decay)

    def flow_system(self, data: OperationData, weight_decay: float, seed: int) -> "TwoLayerSystem":
        """The same: no cheaper coordinates are needed."""
        return self.descent_system(data, weight_decay, seed)

    def log_loss_system(self, data: OperationData, weight_decay: float, seed: int) -> "LogLossSystem":
        """The flow of θ down log L."""
        initial = self.initial(data.p, seed).to(data.results.device)
        return LogLossSystem(data, initial, self.activation, LOSSES[self.loss], weight_decay)


@dataclass(frozen=True)
class TwoLayerSystem:
    """θ' = -∇L(θ) - λθ, L the mean loss over the training pairs."""

    data: OperationData
    initial: Tensor
    activation: str
    loss: Loss
    weight_decay: float

    @cached_property
    def train(self) -> PairNet:
        """The net on the training set."""
        return PairNet(self.data.train, self.data.p, ACTIVATIONS[self.activation])

    @cached_property
    def test(self) -> PairNet:
        """The net on the test set."""
        return PairNet(self.data.test, self.data.p, ACTIVATIONS[self.activation])

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
        """The norm of each layer, [3p + 1, 1]: beside large first-layer weights an error in W₂ would go unseen."""
        first = 2 * self.data.p + 1
        scale = theta.new_empty((len(theta), 1))
        scale[:first], scale[first:] = theta[:first].norm(), theta[first:].norm()
        return scale

    def observe(self, t: float, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """Losses, accuracies, norm, margin / ‖θ‖² and the KKT residuals; the record is the table of answers."""
        train, test = self.train.outputs(theta), self.test.outputs(theta)
        norm, least = float(theta.norm()), margin(train, self.data.train.c)
        table = self.data.answers(train, test)
        columns = {
            **self.losses(train, test),
            **{name: values[0] for name, values in self.data.evaluate(table[None]).items()},
            "parameter_norm": norm,
            "normalised_margin": least / norm**2 if norm else math.nan,
            "gradient_cosine": -cosine(theta, self.gradient(theta)),
            "complementarity": complementarity(self.loss.mean_margin(train, self.data.train.c), least),
        }
        return columns, table

    def losses(self, train: Tensor, test: Tensor) -> dict[str, float]:
        """Mean training and test loss."""
        return {
            "train_loss": math.exp(self.loss.log_mean(train, self.data.train.c)),
            "test_loss": math.exp(self.loss.log_mean(test, self.data.test.c)),
        }

    def predictors(self, times: Tensor, records: Tensor) -> Tensor:
        return records


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
