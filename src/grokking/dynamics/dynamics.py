"""`Dynamics`, the kind of part that says how θ moves."""

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
    """A method by which θ moves, an optimiser or a flow: a frozen dataclass of its settings.

    `decay` names the λ that the method takes, weight_decay or l2. `log_loss` says whether the
    method follows the gradient of log L, `takes_steps` whether it takes the run's steps one by one.
    `batched` says whether a step treats all parameters alike and independently, and draws no random
    numbers, so that several runs can be stepped as one batch on a GPU: their θ are then the rows of
    one array. A subclass that overrides the step has to set `batched` again. `columns` are added to
    each observation of a run. Figures show the method with `label` and with the palette's `color`.
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
        """The method applied to the objective of a run."""

    @property
    def steps_batched(self) -> bool:
        """Return whether several runs can be stepped as one batch with these settings."""
        return False

    def columns_of(self, model: Model[Data]) -> tuple[str, ...]:
        """Return the columns that the method adds to each observation of a `model`."""
        return self.columns

    def batch_size(self, samples: int) -> int:
        """Return the number of samples that a step sees, of a training set of `samples`."""
        return samples

    def require_fit(self, task: Task[Data], model: Model[Data]) -> None:
        """Raise `ConfigError` unless the method can train the net on the task."""
        if self.log_loss and not model.log_loss:
            fits = names(other for other in parts(Dynamics).values() if not other.log_loss)
            raise ConfigError(f"model {model.name} with dynamics", self.name, f"does not fit; allowed: {fits}")

    def require_steps(self, steps: int) -> None:
        """Raise `ConfigError` for a setting without effect in a run of `steps` steps.

        The base class accepts all settings.
        """

    def require_continuable(self) -> None:
        """Raise `ConfigError` if a step depends on the number of the last step.

        Such a run cannot be continued to more steps. The base class accepts all settings.
        """

    def require_decay(self, weight_decay: float, l2: float) -> None:
        """Raise `ConfigError` if a run sets λ under the wrong one of its two names.

        The names are `weight_decay` (decoupled) and `l2` (a term of the loss); a method takes one
        of them.
        """
        other, value = ("l2", l2) if self.decay == "weight_decay" else ("weight_decay", weight_decay)
        if value:
            allowed = f"must be 0: {self.name} takes {self.decay}, the λ of {DECAYS[self.decay]}"
            raise ConfigError(f"{self.name} with {other}", value, allowed)


DECAYS = {
    "l2": "a term (λ/2)‖θ‖² of the loss, whose gradient goes through the optimiser",
    "weight_decay": "a decay -λθ that bypasses the optimiser",
}
