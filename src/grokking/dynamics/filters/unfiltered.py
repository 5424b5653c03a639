"""The gradient as it is."""

from torch import Tensor

from grokking.dynamics.memory import Memory
from grokking.specs.filters import Unfiltered


def filtered(spec: Unfiltered, gradient: Tensor, memory: Memory, step: int) -> Tensor:
    """The gradient itself."""
    return gradient
