"""No gradient filter."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.dynamics.filters.filter import GradientFilter
from grokking.dynamics.memory import Memory

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Unfiltered(GradientFilter):
    """The filter that leaves gradients unchanged."""

    name: ClassVar = "unfiltered"
    idle: ClassVar = True
    batched: ClassVar = True

    def filtered(self, gradient: "Tensor", memory: Memory, step: int) -> "Tensor":
        """Return the gradient itself."""
        return gradient
