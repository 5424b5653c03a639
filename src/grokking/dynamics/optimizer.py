"""`Optimizer`, the base of the dynamics that take steps along gradients: see docs/extending.md."""

import inspect
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from grokking.data.data import Data
from grokking.dynamics.dynamics import DecayName, Dynamics
from grokking.dynamics.filters.filter import GradientFilter
from grokking.dynamics.filters.unfiltered import Unfiltered
from grokking.dynamics.memory import Memory
from grokking.dynamics.schedules.constant import Constant
from grokking.dynamics.schedules.schedule import Schedule
from grokking.models.model import Model
from grokking.parts.errors import MISSING, ConfigError
from grokking.parts.fields import Index, NonNegative
from grokking.parts.registry import place_of
from grokking.tasks.task import Task

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.dynamics.motion import RunNumbers
    from grokking.dynamics.steps.motion import DescentMotion
    from grokking.kernels.layout import Layout
    from grokking.nets.objective import Objective


EPOCH_ACCURACY = "epoch_accuracy"  # the column of `grokking.dynamics.steps.epoch`


@dataclass(frozen=True, kw_only=True)
class Optimizer(Dynamics):
    """An optimiser: steps along the filtered gradient of a batch, at a scheduled learning rate.

    A batch has `batch` samples; 0 stands for the whole training set. Batches pass over the training
    set in random order, without an incomplete last batch, or are drawn independently with
    `replacement`. The learning rate rises linearly over `warm_up` steps, then follows `schedule` to
    the last step. `label_noise` is the standard deviation of Gaussian noise on the targets at each
    step. `plain` says that the step is θ ← θ - η(g + λθ).

    Nets for sums record, beside the `train_accuracy` of all training samples, the accuracy that
    most training loops record: `epoch_accuracy` is the mean, over the batches since the epoch
    began, of the accuracy in training, with its dropout, just before the step on the batch.
    """

    batch: Index = 0
    replacement: bool = False
    warm_up: Index = 0
    schedule: Schedule = Constant()  # noqa: RUF009 (frozen)
    label_noise: NonNegative = 0.0
    filter: GradientFilter = Unfiltered()  # noqa: RUF009 (frozen)

    takes_steps: ClassVar = True
    decay: ClassVar[DecayName] = "l2"
    plain: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.replacement and not self.batch:
            raise ValueError("replacement needs a batch: the number of samples drawn at each step")

    @abstractmethod
    def step(self, theta: "Tensor", gradient: "Tensor", memory: Memory, learning_rate: float, decay: float) -> None:
        """Take one step on the parameters θ, in place, and return nothing.

        The change is made by `theta.sub_(…)` or the like: `theta = …` would change nothing.
        `gradient`, shaped like θ, may be overwritten. `memory` is empty at the first step and then
        holds, by name, what earlier steps put there: tensors and numbers (int, float, bool, None),
        which checkpoints keep. Whatever a step has to remember belongs there. `decay` is
        weight_decay or l2, whichever the optimiser takes.

        A `step` with a sixth argument `layout` gets the names and shapes of the parameters:
        `layout.views(theta)` has them by name and shares their memory with θ, and
        `layout.views(gradient)` has their gradients.

        Random numbers of torch and numpy are seeded for each step of an optimiser in
        `grokking/own/`, so that an interrupted run draws the same.
        """

    def mover(self, layout: "Layout | None") -> Callable[..., object]:
        """Return the method `step`, with the argument `layout` filled in if the method has it.

        Raises `ConfigError` for such a method and a net whose parameters have no names.
        """
        step: Callable[..., object] = self.step
        if not self.takes_layout:
            return step
        if layout is None:
            where = f"{place_of(self, 'step')}: layout"
            raise ConfigError(where, MISSING, "the parameters of this model have no names; give its objective a layout")
        return partial(step, layout=layout)

    @property
    def takes_layout(self) -> bool:
        """Whether the method `step` has the argument `layout`."""
        return "layout" in inspect.signature(self.step).parameters

    @property
    def steps_batched(self) -> bool:
        """Return whether several runs can be stepped as one batch.

        They can unless the step or the filter mixes parameters, or the step asks for their shapes.
        """
        return is_batched(self, "step") and is_batched(self.filter, "filtered") and not self.takes_layout

    def columns_of(self, model: Model[Data]) -> tuple[str, ...]:
        """Return the added columns, with the training accuracy of the epoch if `model` counts it."""
        return (*self.columns, EPOCH_ACCURACY) if model.counts_right else self.columns

    def batch_size(self, samples: int) -> int:
        """Return the number of samples that a step sees, of a training set of `samples`."""
        return self.batch or samples

    def motion(self, objective: "Objective", run: "RunNumbers") -> "DescentMotion":
        """Return the optimiser's steps on a run's objective."""
        from grokking.dynamics.steps.motion import descent_motion

        return descent_motion(self, objective, run)

    def require_steps(self, steps: int) -> None:
        """Raise `ConfigError` for a warm-up or a filter that outlasts the run."""
        if self.warm_up >= steps:
            raise ConfigError("dynamics.warm_up", self.warm_up, f"must be below the {steps} steps of the run")
        self.filter.require_steps(steps)

    def require_continuable(self) -> None:
        """Raise `ConfigError` for a schedule that is not constant: it depends on the last step."""
        if self.schedule != Constant():
            allowed = "must be constant with continues: this schedule depends on the last step"
            raise ConfigError("dynamics.schedule", self.schedule.name, allowed)

    def require_fit(self, task: Task[Data], model: Model[Data]) -> None:
        """Raise `ConfigError` for label noise on targets that are classes."""
        super().require_fit(task, model)
        if self.label_noise and task.classes:
            where = f"task {task.name} with label_noise"
            raise ConfigError(where, self.label_noise, "must be 0: its targets are classes")


def is_batched(part: Optimizer | GradientFilter, method: str) -> bool:
    """Return whether `batched` is set where a part defines its `method`, or in a class below.

    A subclass that overrides the method but does not set `batched` is not batched, whatever it
    inherits.
    """
    says = next(cls for cls in type(part).__mro__ if method in vars(cls) or "batched" in vars(cls))
    return bool(vars(says).get("batched", False))
