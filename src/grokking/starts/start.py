"""The kind of part that says where a run begins."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grokking.data.data import Data
from grokking.models.model import Model
from grokking.parts.part import Part
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.nets.objective import Objective


@dataclass(frozen=True)
class Beginning:
    """What a start has at hand: the objective at the model's own initialisation, the model, the data and the seed.

    `parent` is θ at the end of the run that a run begins from, if it begins from one.
    """

    objective: "Objective"
    model: Model[Data]
    data: Data
    seed: int
    parent: "Tensor | None"


class Start(Part, ABC):
    """Where a run begins."""

    @property
    def parent(self) -> str | None:
        """The id of the run from whose final weights it begins, if it does."""
        return None

    @abstractmethod
    def weights(self, beginning: Beginning) -> "Tensor":
        """θ(0), on the device and in the number format of the objective's own. Raises `ConfigError`."""

    def require_fit(self, task: Task[Data], model: Model[Data]) -> None:
        """Raise `ConfigError` unless a net on a task can begin there; by default every one can."""
