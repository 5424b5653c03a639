"""Gradient descent, literally the papers' algorithm."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.dynamics.memory import Memory
from grokking.dynamics.optimizer import Optimizer

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class GradientDescent(Optimizer):
    """θ ← θ - η(∇L + λθ); stochastic with a `batch`."""

    name: ClassVar = "gradient_descent"
    label: ClassVar = "GD (literal)"
    color: ClassVar = 9
    decay: ClassVar = "weight_decay"
    batched: ClassVar = True
    plain: ClassVar = True

    def step(self, theta: "Tensor", gradient: "Tensor", memory: Memory, learning_rate: float, decay: float) -> None:
        """Take a step θ ← θ - η(g + λθ)."""
        theta.add_(gradient.add(theta, alpha=decay) if decay else gradient, alpha=-learning_rate)
