"""Gradient descent with momentum (Polyak 1964; the form of torch.optim.SGD): v ← μv + θ', θ ← θ + ηv."""

from dataclasses import dataclass

import torch
from torch import Tensor

from grokking.dynamics.steps.gradient_descent import DescentState, GradientDescent
from grokking.dynamics.system import System
from grokking.specs.fields import Fraction


@dataclass(frozen=True, kw_only=True)
class MomentumState(DescentState):
    """θ and its velocity v."""

    v: Tensor


@dataclass(frozen=True)
class Momentum(GradientDescent):
    """Constant step η = `learning_rate` of the run and momentum μ; weight decay is part of θ'."""

    momentum: Fraction = 0.9

    state_type = MomentumState
    label = "momentum"

    def start(self, system: System) -> MomentumState:
        """The state at step 0."""
        return MomentumState(0.0, system.initial, v=torch.zeros_like(system.initial))

    def update(self, state: MomentumState, dy: Tensor, step: int, learning_rate: float) -> None:  # type: ignore[override]
        """One step, in place."""
        state.v.mul_(self.momentum).add_(dy)
        state.y.add_(state.v, alpha=learning_rate)
