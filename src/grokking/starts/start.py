"""`Start`, the kind of part that says where a run begins."""

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
    """The input of a start: the objective from the model's initialisation, model, data and seed.

    `parent` is the final θ of the run on whose weights the start depends, if there is one.
    """

    objective: "Objective"
    model: Model[Data]
    data: Data
    seed: int
    parent: "Tensor | None"


class Start(Part, ABC):
    """The weights from which a run begins."""

    @property
    def parent(self) -> str | None:
        """The id of the run whose final weights this start needs, or None."""
        return None

    @abstractmethod
    def weights(self, beginning: Beginning) -> "Tensor":
        """θ(0), with device and dtype of the objective's initial θ. Raises `ConfigError`."""

    def require_fit(self, task: Task[Data], model: Model[Data]) -> None:
        """Raise `ConfigError` unless a net on a task can start so; by default every net can."""
