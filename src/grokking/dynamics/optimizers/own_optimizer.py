"""An optimiser in a file of `grokking/own/`."""

from torch import Tensor

from grokking.dynamics.memory import Memory, Update
from grokking.specs.optimizer import OwnOptimizer

PREFIX = "optimizer."  # of the names of what it remembers, beside the filter's


def update(spec: OwnOptimizer, theta: Tensor, decay: float, memory: Memory) -> Update:
    """Its step; what it remembers is there at the next one, and in checkpoints."""
    own = {name.removeprefix(PREFIX): value for name, value in memory.items() if name.startswith(PREFIX)}

    def step(gradient: Tensor, learning_rate: float) -> None:
        spec.step(theta, gradient, own, learning_rate, decay)
        memory.update({PREFIX + name: value for name, value in own.items()})

    return step
