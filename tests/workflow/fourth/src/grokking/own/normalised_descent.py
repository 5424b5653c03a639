"""Momentum with steps of a fixed length."""

from dataclasses import dataclass
from typing import ClassVar

from grokking.dynamics.optimizer import Optimizer
from grokking.parts.fields import Probability


@dataclass(frozen=True, kw_only=True)
class NormalisedDescent(Optimizer):
    """m ← μm + (1 - μ) g, then θ ← θ - η (m / ‖m‖ + λθ)."""

    momentum: Probability = 0.9

    name: ClassVar = "normalised_descent"
    decay: ClassVar = "weight_decay"

    def step(self, theta, gradient, memory, learning_rate, decay):
        m = memory.setdefault("average", 0 * gradient)
        m.mul_(self.momentum).add_(gradient, alpha=1 - self.momentum)
        length = m.norm()
        direction = m / length if length else m
        theta.sub_(learning_rate * (direction + decay * theta))
