"""AdamW (Loshchilov and Hutter 2019), full batch, in the form and with the defaults of torch.optim.AdamW."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from grokking.dynamics.steps.gradient_descent import DescentState, GradientDescent
from grokking.dynamics.system import System
from grokking.specs.fields import Fraction, NonNegative, Positive


@dataclass(frozen=True, kw_only=True)
class AdamWState(DescentState):
    """θ and the running means of θ' and of its square."""

    mean: Tensor
    square: Tensor


@dataclass(frozen=True)
class AdamW(GradientDescent):
    """Step η = `learning_rate` of the run. `decay` is decoupled: θ shrinks by the factor 1 - η · `decay` each step.

    A run's `weight_decay`, in contrast, is part of θ', as in Adam with L2 regularisation.
    """

    decay: NonNegative = 0.01
    beta1: Fraction = 0.9
    beta2: Fraction = 0.999
    epsilon: Positive = 1e-8

    state_type = AdamWState
    label = "AdamW"

    def start(self, system: System) -> AdamWState:
        """The state at step 0."""
        zero = torch.zeros_like(system.initial)
        return AdamWState(0.0, system.initial, mean=zero, square=zero)

    def update(self, state: AdamWState, dy: Tensor, step: int, learning_rate: float) -> None:  # type: ignore[override]
        """One step, in place."""
        state.mean.lerp_(dy, 1 - self.beta1)
        state.square.lerp_(dy.square(), 1 - self.beta2)
        size = (state.square.sqrt() / math.sqrt(1 - self.beta2**step)).add_(self.epsilon)
        state.y.mul_(1 - learning_rate * self.decay)
        state.y.addcdiv_(state.mean, size, value=learning_rate / (1 - self.beta1**step))
