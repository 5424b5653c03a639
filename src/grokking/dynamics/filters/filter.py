"""`GradientFilter`, the kind of part that changes gradients before the optimiser sees them."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from grokking.dynamics.memory import Memory
from grokking.parts.part import Part

if TYPE_CHECKING:
    from torch import Tensor


class GradientFilter(Part, ABC):
    """A filter that changes each gradient before the optimiser takes a step along it.

    `idle` says that the filter leaves gradients as they are. `batched` says that the filter treats
    all parameters alike and independently, so that several runs can be stepped as one batch on a
    GPU: their θ are then the rows of one array.
    """

    idle: ClassVar[bool] = False
    batched: ClassVar[bool] = False

    def require_steps(self, steps: int) -> None:
        """Raise `ConfigError` for a filter without effect in a run of `steps` steps.

        The base class accepts any number of steps.
        """

    @abstractmethod
    def filtered(self, gradient: "Tensor", memory: Memory, step: int) -> "Tensor":
        """Return the filtered gradient of step number `step`, from 1 on, shaped like `gradient`.

        `memory` holds, by name, what earlier steps put there: tensors and numbers (int, float,
        bool, None), which checkpoints keep. It may overwrite `gradient`.
        """
