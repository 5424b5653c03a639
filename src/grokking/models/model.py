"""`Model`, the kind of part that says which net learns."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from grokking.data.data import Data
from grokking.parts.errors import ConfigError
from grokking.parts.part import Part, names
from grokking.parts.registry import parts
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from grokking.nets.objective import Objective

D = TypeVar("D", bound=Data, contravariant=True)


class Model(Part, ABC, Generic[D]):
    """A net: a frozen dataclass of its sizes and of how its weights are drawn.

    `data` lists the kinds of data that it takes. `log_loss` says whether it offers the gradient of
    log L, `batched` whether several runs of it can be stepped as one batch on a GPU, `counts_right`
    whether its objective counts right answers in training (`Objective.counted_gradient`).
    """

    data: ClassVar[tuple[str, ...]]
    log_loss: ClassVar[bool] = False
    batched: ClassVar[bool] = False
    counts_right: ClassVar[bool] = False

    @property
    def dropout(self) -> float:
        """The dropout probability in training."""
        return 0.0

    @property
    def has_theory(self) -> bool:
        """Whether the theorems name solutions for the phases of its training."""
        return False

    @abstractmethod
    def objective(self, data: D, seed: int) -> "Objective":
        """The mean loss over the training set of `data`, from the initial weights of run `seed`."""

    def log_loss_objective(self, data: D, seed: int) -> "Objective":
        """log L in place of L. Raises `NotImplementedError` without `log_loss`."""
        raise NotImplementedError(f"{self.name} offers no gradient of log L")

    def alpha(self, data: D) -> float:
        """The initialisation scale α of a homogeneous net (Lyu et al. 2024, Section 3).

        Raises `NotImplementedError` for a net that no theorem is about.
        """
        raise NotImplementedError(f"no theorem is about {self.name}")

    @abstractmethod
    def columns(self, task: Task[Data], log_loss: bool) -> tuple[str, ...]:
        """The trajectory columns of the net on a task; `log_loss`: it trains on log L."""

    def weight_sizes(self, task: Task[Data]) -> object:
        """The numbers of a task on which the shapes of the weights depend.

        A net can start from the weights of another run if these numbers are equal.
        """
        return task.sizes

    def require_fit(self, task: Task[Data]) -> None:
        """Raise `ConfigError` unless the net can learn a task."""
        if task.data not in self.data:
            fits = names(other for other in parts(Model).values() if task.data in other.data)
            raise ConfigError(f"task {task.name} with model", self.name, f"does not fit; allowed: {fits}")
