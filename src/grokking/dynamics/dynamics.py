"""The kind of part that says how θ moves."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Literal

from grokking.data.data import Data
from grokking.models.model import Model
from grokking.parts.errors import ConfigError
from grokking.parts.part import Part, names
from grokking.parts.registry import parts
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from grokking.dynamics.motion import Motion, RunNumbers
    from grokking.nets.objective import Objective


DecayName = Literal["weight_decay", "l2"]


class Dynamics(Part, ABC):
    """How θ moves: a frozen dataclass of the method's settings.

    `decay` is the λ that it takes. `log_loss` says whether it follows the gradient of log L, and `takes_steps` whether
    it takes the run's steps one by one; `batched` says whether a step treats each parameter alike and apart from the
    others, so that several runs can be stepped as one batch on a GPU. `columns` are those that it adds to an
    observation; `label` and `color`, a number of the palette, are its look in figures.
    """

    decay: ClassVar[DecayName] = "weight_decay"
    log_loss: ClassVar[bool] = False
    takes_steps: ClassVar[bool] = False
    batched: ClassVar[bool] = False
    columns: ClassVar[tuple[str, ...]] = ("evaluations",)
    label: ClassVar[str] = ""
    color: ClassVar[int | None] = None

    @abstractmethod
    def motion(self, objective: "Objective", run: "RunNumbers") -> "Motion":
        """The method at work on the objective of a run."""

    def batch_size(self, samples: int) -> int:
        """How many of so many training samples a step sees."""
        return samples

    def require_fit(self, task: Task[Data], model: Model[Data]) -> None:
        """Raise `ConfigError` unless a net can be trained so on a task."""
        if self.log_loss and not model.log_loss:
            fits = names(other for other in parts(Dynamics).values() if not other.log_loss)
            raise ConfigError(f"model {model.name} with dynamics", self.name, f"does not fit; allowed: {fits}")

    def require_steps(self, steps: int) -> None:
        """Raise `ConfigError` for a setting that does nothing in so many steps; by default there is none."""

    def require_decay(self, weight_decay: float, l2: float) -> None:
        """Raise `ConfigError` if λ is given under the name that the method does not take."""
        other, value = ("l2", l2) if self.decay == "weight_decay" else ("weight_decay", weight_decay)
        if value:
            allowed = f"must be 0: {self.name} takes {self.decay}, λ of {DECAYS[self.decay]}"
            raise ConfigError(f"{self.name} with {other}", value, allowed)


DECAYS = {
    "l2": "a term (λ/2)‖θ‖² of the loss, whose gradient goes through the optimiser",
    "weight_decay": "a decay -λθ beside the gradient",
}
