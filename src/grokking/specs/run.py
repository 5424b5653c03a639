"""What a run computes, and the name that follows from it.

The name is a readable slug and a hash of everything in which the run differs from the defaults. Two figures that
share a curve therefore share the run, changing one number retrains exactly the runs it touches, and a new field with a
default renames nothing.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Self

from grokking.specs.dynamics import DYNAMICS, Dynamics
from grokking.specs.fields import ConfigError, Count, Index, NonNegative, OneOf, Positive, Range, build
from grokking.specs.models import MLP, MODELS, DiagonalNet, Model, Transformer
from grokking.specs.optimizer import Optimizer, OwnOptimizer
from grokking.specs.part import changed, defaults, fitting, mapping, plain
from grokking.specs.starts import ClosedForm, FinalWeights, Initialisation, Start
from grokking.specs.stops import Budget, Stop
from grokking.specs.tasks import ModularSum, Task

PointsPerDecade = Annotated[int, Range(lambda x: 1 <= x <= 10**4, "must be an integer from 1 to 10000")]
EvenPoints = Annotated[int, Range(lambda x: 0 <= x <= 10**6, "must be an integer from 0 to 1000000")]
FORMAT = 2  # of run ids: another number renames every run


class Mapped:
    """A dataclass of parts, numbers and a seed that is written as a mapping, and built from one again."""

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], where: str) -> Self:
        """The inverse of `to_mapping`. Raises `ConfigError`, prefixed by `where`."""
        return build(cls, values, where)

    def to_mapping(self) -> dict[str, Any]:
        """Parts as {name, parameters}, numbers and the seed, every default spelled out."""
        return {name: plain(getattr(self, name), mapping) for name in defaults(self)}


@dataclass(frozen=True, kw_only=True)
class Problem(Mapped):
    """Data and initial net of a run: what theory names solutions for, whatever the dynamics."""

    task: Task
    model: Annotated[Model, OneOf(MODELS)]
    seed: Index
    start: Start = Initialisation()  # noqa: RUF009 (frozen)

    @cached_property
    def id(self) -> str:
        """Slug and hash: runs that share it share their reference solutions."""
        identity = changed(self)
        decides = {"format": FORMAT, **{key: identity.get(key) for key in ("task", "model", "start", "seed")}}
        return f"{self.task.name}-{self.model.name}-s{self.seed}-{digest(decides)}"


@dataclass(frozen=True, kw_only=True)
class RunSpec(Mapped):
    """One run. `learning_rate` is the paper's η; a flow uses it only for the time axis t = η · step.

    `steps` is the last step. The run is observed at step 0 and at about `points_per_decade` steps of each decade;
    `even_points` more are evenly spaced; the weights are kept at `snapshots_per_decade` of these steps. With
    `weight_decay` λ the weights shrink beside whatever else moves them, by the factor 1 - ηλ a step (flows, gradient
    descent, AdamW); `l2` is the λ of a term (λ/2)‖θ‖² of the loss (SGD, Adam). A divergence is a failure, or, if the
    run `may_diverge`, as in a sweep over learning rates, how it ended.
    """

    task: Task
    model: Annotated[Model, OneOf(MODELS)]
    dynamics: Annotated[Dynamics, OneOf(DYNAMICS)]
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

    def __post_init__(self) -> None:
        check_fit(self)

    @cached_property
    def identity(self) -> dict[str, Any]:
        """What differs from the defaults, and the format of the id."""
        return {"format": FORMAT, **changed(self)}

    @cached_property
    def id(self) -> str:
        """Slug and hash, for example `sparse_classification-diagonal_net-gradient_flow-s0-1a2b3c4d`."""
        names = [self.task.name, self.model.name, self.dynamics.name]
        return "-".join([*names, f"s{self.seed}", digest(self.identity)])

    @cached_property
    def problem(self) -> Problem:
        """Its data and initial net alone."""
        return Problem(task=self.task, model=self.model, seed=self.seed, start=self.start)

    @cached_property
    def fleet(self) -> str:
        """The same for runs that can take their steps side by side, empty for one that can not.

        They differ in their data and initial weights alone, and see batches of one size without noise.
        """
        batch = self.dynamics.batch if isinstance(self.dynamics, Optimizer) else 0
        alone = not isinstance(self.model, Transformer | MLP) or self.model.dropout or self.may_diverge
        alone = alone or isinstance(self.dynamics, OwnOptimizer)  # which may not go coordinate by coordinate
        if alone or not isinstance(self.task, ModularSum) or not 0 < batch < self.task.train_samples:
            return ""
        shared = {key: value for key, value in self.identity.items() if key not in ("task", "seed", "start")}
        return digest([shared, self.task.p, self.task.operands])

    @property
    def parent(self) -> str | None:
        """The id of the run from whose final weights this one starts."""
        return self.start.run if isinstance(self.start, FinalWeights) else None


def check_fit(spec: RunSpec) -> None:
    """Raise `ConfigError` unless the parts of a run fit together."""
    task, model, dynamics = spec.task, spec.model, spec.dynamics
    if task.data not in model.data:
        fits = fitting(other for other in MODELS.values() if task.data in other.data)
        raise ConfigError(f"task {task.name} with model", model.name, f"does not fit; allowed: {fits}")
    if dynamics.log_loss and not model.log_loss:
        fits = fitting(other for other in DYNAMICS.values() if not other.log_loss)
        raise ConfigError(f"model {model.name} with dynamics", dynamics.name, f"does not fit; allowed: {fits}")
    if isinstance(spec.start, ClosedForm) and model.name != "quadratic_net":
        raise ConfigError(f"model {model.name} with start", spec.start.name, "only quadratic_net has a closed form")
    function = getattr(task, "function", "n + m")
    if isinstance(spec.start, ClosedForm) and function.replace(" ", "") not in ("n+m", "m+n"):
        raise ConfigError(f"task.function {function} with start", spec.start.name, "only n + m has a closed form")
    if isinstance(task, ModularSum) and isinstance(model, Transformer) and 2 * task.operands > model.context:
        where = f"task {task.name} with operands {task.operands}: model.context"
        raise ConfigError(where, model.context, f"must be at least {2 * task.operands}, the number of tokens")
    check_targets(spec)
    check_decay(spec)


def check_targets(spec: RunSpec) -> None:
    """Raise `ConfigError` unless loss and noise are made for the task's targets, and noise for the dynamics."""
    task, model, dynamics = spec.task, spec.model, spec.dynamics
    regression = task.data == "regression"
    if isinstance(model, DiagonalNet) and (model.loss == "squared") != regression:
        fits = "squared" if regression else "logistic, exponential"
        raise ConfigError(f"task {task.name} with model.loss", model.loss, f"does not fit; allowed: {fits}")
    if isinstance(dynamics, Optimizer) and dynamics.label_noise and task.data not in ("regression", "completion"):
        where = f"task {task.name} with label_noise"
        raise ConfigError(where, dynamics.label_noise, "must be 0: its targets are classes")
    if dynamics.kind == "flow" and model.dropout:
        where = f"dynamics {dynamics.name} with model.dropout"
        raise ConfigError(where, model.dropout, "must be 0: a flow has no noise")


def check_decay(spec: RunSpec) -> None:
    """Raise `ConfigError` if λ is given under the name that the dynamics has no use for."""
    name, takes = spec.dynamics.name, spec.dynamics.decay
    other = "l2" if takes == "weight_decay" else "weight_decay"
    value = spec.l2 if other == "l2" else spec.weight_decay
    if value:
        words = {
            "l2": "λ of a term (λ/2)‖θ‖² of the loss that goes through the optimiser; adamw takes weight_decay",
            "weight_decay": "λ of a decay -λθ beside the gradient; sgd and adam take l2",
        }
        raise ConfigError(f"{name} with {other}", value, f"unknown to {name}, which takes {takes}, {words[takes]}")


def digest(values: object) -> str:
    """Eight hex digits of the SHA-256 of `values` as canonical JSON."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:8]
