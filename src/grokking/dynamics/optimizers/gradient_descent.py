"""θ ← θ - η(g + λθ)."""

from torch import Tensor

from grokking.dynamics.memory import Memory, Update
from grokking.specs.dynamics import GradientDescent


def update(spec: GradientDescent, theta: Tensor, decay: float, memory: Memory) -> Update:
    """The step; it remembers nothing."""

    def step(gradient: Tensor, learning_rate: float) -> None:
        theta.add_(gradient.add(theta, alpha=decay) if decay else gradient, alpha=-learning_rate)

    return step
