"""The kind of part that says what is done to a gradient before the optimiser sees it."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from grokking.dynamics.memory import Memory
from grokking.parts.part import Part

if TYPE_CHECKING:
    from torch import Tensor


class GradientFilter(Part, ABC):
    """What an optimiser is given in place of the gradient; `idle` says that it is the gradient itself."""

    idle: ClassVar[bool] = False

    def require_steps(self, steps: int) -> None:
        """Raise `ConfigError` for a filter that does nothing in so many steps; by default there is none."""

    @abstractmethod
    def filtered(self, gradient: "Tensor", memory: Memory, step: int) -> "Tensor":
        """What stands for the gradient of step number `step`, from 1 on.

        `memory` holds what the step before has put there, tensors by name; it is kept in checkpoints.
        """
