"""`GradientFilter`, the kind of part that changes gradients before the optimiser sees them."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from grokking.dynamics.memory import Memory
from grokking.parts.part import Part

if TYPE_CHECKING:
    from torch import Tensor


class GradientFilter(Part, ABC):
    """A filter of gradients; `idle` says that it leaves them as they are.

    `batched` says that it treats all parameters alike and independently, as `Dynamics.batched` does
    of an optimiser: several runs can then be stepped as one batch on a GPU.
    """

    idle: ClassVar[bool] = False
    batched: ClassVar[bool] = False

    def require_steps(self, steps: int) -> None:
        """Raise `ConfigError` for a filter without effect in a run of `steps` steps.

        By default there is none.
        """

    @abstractmethod
    def filtered(self, gradient: "Tensor", memory: Memory, step: int) -> "Tensor":
        """Return the filtered gradient of step number `step`, from 1 on, shaped like `gradient`.

        `memory` holds, by name, what earlier steps put there: tensors and numbers (int, float,
        bool, None), which checkpoints keep. It may overwrite `gradient`.
        """
