"""The spec of a run, and its id.

The id is a readable slug and a hash of everything in which the run differs from the defaults. Two
figures that share a curve therefore share the run, a changed number retrains only the runs that use
it, and a new field with a default renames no run.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, Self

from grokking.data.data import Data
from grokking.dynamics.dynamics import Dynamics
from grokking.models.model import Model
from grokking.parts.errors import ConfigError
from grokking.parts.fields import Count, Index, NonNegative, Positive, Range, build
from grokking.parts.part import changed, defaults, mapping, plain
from grokking.starts.initialisation import Initialisation
from grokking.starts.start import Start
from grokking.stops.budget import Budget
from grokking.stops.stop import Stop
from grokking.tasks.task import Task

PointsPerDecade = Annotated[int, Range(lambda x: 1 <= x <= 10**4, "must be an integer from 1 to 10000")]
EvenPoints = Annotated[int, Range(lambda x: 0 <= x <= 10**6, "must be an integer from 0 to 1000000")]
FORMAT = 2  # of run ids: another number renames every run


class Mapped:
    """A dataclass of parts, numbers and a seed that converts to and from a mapping."""

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], where: str) -> Self:
        """Return the dataclass that `to_mapping` has converted to `values`.

        Raises `ConfigError`, which names the place `where`.
        """
        return build(cls, values, where)

    def to_mapping(self) -> dict[str, Any]:
        """Return the parts as {name, parameters}, numbers and the seed, with all defaults."""
        return {name: plain(getattr(self, name), mapping) for name in defaults(self)}


@dataclass(frozen=True, kw_only=True)
class Problem(Mapped):
    """The data and the initial net of a run, which determine its reference solutions."""

    task: Task[Data]
    model: Model[Data]
    seed: Index
    start: Start = Initialisation()  # noqa: RUF009 (frozen)

    @cached_property
    def id(self) -> str:
        """A slug and a hash; runs with equal ids share their reference solutions."""
        identity = changed(self)
        settings = {"format": FORMAT, **{key: identity.get(key) for key in ("task", "model", "start", "seed")}}
        return f"{self.task.name}-{self.model.name}-s{self.seed}-{digest(settings)}"


@dataclass(frozen=True, kw_only=True)
class RunSpec(Mapped):
    """One run: a task, a model, dynamics, a seed and the settings of training.

    `learning_rate` is the paper's η; a flow uses it only for the time axis t = η · step. `steps` is
    the last step. The run is observed at step 0 and at about `points_per_decade` steps of each
    decade; `even_points` more are evenly spaced, at the end of every k-th epoch if `steps` is
    `even_points` times k epochs. The weights are kept at about
    `snapshots_per_decade` of these steps. `weight_decay` λ is decoupled: each step also multiplies
    the weights by 1 - ηλ (flows, gradient descent, AdamW). `l2` is the λ of a term (λ/2)‖θ‖² of the
    loss (SGD, Adam). A divergence is a failure unless the run `may_diverge`, as in a sweep over
    learning rates.

    A run that `continues` some number of steps goes on from the end of the run that has this number
    of `steps` and otherwise the same settings: from its kept state or, with the same bytes, from
    step 0. It is observed at the same steps until there, then at about `points_per_decade` more
    steps per decade.
    """

    task: Task[Data]
    model: Model[Data]
    dynamics: Dynamics
    learning_rate: Positive
    steps: Count
    seed: Index
    start: Start = Initialisation()  # noqa: RUF009 (frozen)
    stop: Stop = Budget()  # noqa: RUF009
    weight_decay: NonNegative = 0.0
    l2: NonNegative = 0.0
    points_per_decade: PointsPerDecade = 24
    even_points: EvenPoints = 0
    snapshots_per_decade: EvenPoints = 0
    may_diverge: bool = False
    continues: Index = 0

    def __post_init__(self) -> None:
        """Raise `ConfigError` unless the parts of the run fit together."""
        self.model.require_fit(self.task)
        self.dynamics.require_fit(self.task, self.model)
        self.dynamics.require_decay(self.weight_decay, self.l2)
        self.dynamics.require_steps(self.steps)
        self.start.require_fit(self.task, self.model)
        self.stop.require_fit(self.observed, self.weight_decay + self.l2)
        if self.continues:
            self.require_continuable()

    def require_continuable(self) -> None:
        """Raise `ConfigError` unless the run of `continues` steps is the beginning of this run."""
        if self.continues >= self.steps:
            raise ConfigError("continues", self.continues, f"must be below the {self.steps} steps of the run")
        if self.even_points:
            raise ConfigError("even_points", self.even_points, "must be 0 with continues: they depend on the last step")
        self.dynamics.require_continuable()
        self.dynamics.require_steps(self.continues)

    @cached_property
    def identity(self) -> dict[str, Any]:
        """The settings that differ from the defaults, and the format of the id."""
        return {"format": FORMAT, **changed(self)}

    @cached_property
    def id(self) -> str:
        """A slug and a hash: `sparse_classification-diagonal_net-gradient_flow-s0-1a2b3c4d`."""
        names = [self.task.name, self.model.name, self.dynamics.name]
        return "-".join([*names, f"s{self.seed}", digest(self.identity)])

    @cached_property
    def problem(self) -> Problem:
        """The run's data and initial net."""
        return Problem(task=self.task, model=self.model, seed=self.seed, start=self.start)

    @property
    def shorter(self) -> "RunSpec | None":
        """The run that this run continues, or None."""
        return replace(self, steps=self.continues, continues=0) if self.continues else None

    @property
    def observed(self) -> tuple[str, ...]:
        """The columns of an observation while the run trains."""
        columns = self.model.columns(self.task, self.dynamics.log_loss)
        return ("step", "time", *columns, *self.dynamics.columns_of(self.model))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the finished run's table.

        These are the observed columns, those evaluated on the test set at the end, and log₁₀ of
        time.
        """
        log_time = ("log10_time",) if self.dynamics.log_loss else ()
        return tuple(dict.fromkeys([*self.observed, *self.task.columns, *log_time]))

    @cached_property
    def fleet(self) -> str:
        """A batch id: runs with equal ids can be batched on a GPU; empty for runs that cannot.

        Such runs differ only in data and initial weights, and have batches of equal size without
        noise.
        """
        samples = self.task.train_samples
        full = self.dynamics.batch_size(samples) >= samples
        noisy = self.model.dropout or self.may_diverge
        if full or noisy or not (self.model.batched and self.dynamics.steps_batched):
            return ""
        shared = {key: value for key, value in self.identity.items() if key not in ("task", "seed", "start")}
        return digest([shared, self.task.sizes])

    @property
    def parent(self) -> str | None:
        """The id of the run from whose final weights this run starts, or None."""
        return self.start.parent


def digest(values: object) -> str:
    """Return the first eight hex digits of the SHA-256 of `values` as JSON with sorted keys.

    Raises `TypeError` if `values` cannot be written as JSON.
    """
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:8]
