"""What a run computes, and the name that follows from it.

The name is a readable slug and a hash of everything in which the run differs from the defaults. Two figures that share
a curve therefore share the run, changing one number retrains exactly the runs it touches, and a new field with a default
retrains nothing.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from grokking.specs.dynamics import DYNAMICS, Dynamics, Optimizer
from grokking.specs.fields import ConfigError, Count, Index, NonNegative, Positive, build
from grokking.specs.models import MODELS, DiagonalNet, Model
from grokking.specs.part import differing, fitting, mapping, plain, read_part
from grokking.specs.starts import STARTS, ClosedForm, FinalWeights, Initialisation, Start
from grokking.specs.stops import STOPS, Budget, Stop
from grokking.specs.tasks import TASKS, Task

FORMAT = 2  # of run ids: another number renames every run
PARTS: dict[str, Mapping[str, type[Any]]] = {
    "task": TASKS,
    "model": MODELS,
    "dynamics": DYNAMICS,
    "start": STARTS,
    "stop": STOPS,
}


@dataclass(frozen=True, kw_only=True)
class RunSpec:
    """One run. `learning_rate` is the paper's η; a flow uses it only for the time axis t = η · step.

    `steps` is the last step. The run is observed at step 0 and at about `points_per_decade` steps of each decade;
    `even_points` more are evenly spaced. For `weight_decay` and `l2` see `grokking.specs.dynamics`.
    """

    task: Task
    model: Model
    dynamics: Dynamics
    learning_rate: Positive
    steps: Count
    seed: Index
    start: Start = field(default_factory=Initialisation)
    stop: Stop = field(default_factory=Budget)
    weight_decay: NonNegative = 0.0
    l2: NonNegative = 0.0
    points_per_decade: Count = 24
    even_points: Index = 0

    def __post_init__(self) -> None:
        check_fit(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], where: str, keys: tuple[str, ...] = ("seed",)) -> "RunSpec":
        """A run from YAML or `run.json`: parts as {name, parameters}, numbers, and `seed`.

        `keys` are what a config may say besides the run's own fields, for the message. Raises `ConfigError`, prefixed
        by `where`.
        """
        own = [f.name for f in fields(cls) if f.name != "seed"]
        for key in values:
            if key not in own and key != "seed":
                raise ConfigError(f"{where}.{key}", values[key], f"unknown key; allowed: {', '.join([*own, *keys])}")
        required = [f for f in ("task", "model", "dynamics") if f not in values]
        parts = {
            key: read_part(known, values.get(key), f"{where}.{key}")
            for key, known in PARTS.items()
            if key in values or key in required
        }
        numbers = {key: value for key, value in values.items() if key not in PARTS}
        return build(cls, numbers, where, ready=parts)

    def to_mapping(self) -> dict[str, Any]:
        """The inverse of `from_mapping`, every default spelled out."""
        return {f.name: plain(getattr(self, f.name), mapping) for f in fields(self)}

    @property
    def identity(self) -> dict[str, Any]:
        """What differs from the defaults, and the format of the id."""
        changed = {key: plain(value, differing) for key, value in self.changed.items()}
        return {"format": FORMAT, **changed}

    @property
    def changed(self) -> dict[str, Any]:
        """The fields that are not at their defaults."""
        defaults = {"start": Initialisation(), "stop": Budget()}
        return {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if getattr(self, f.name) != defaults.get(f.name, f.default)
        }

    @property
    def id(self) -> str:
        """Slug and hash, for example `sparse_classification-diagonal_net-gradient_flow-s0-1a2b3c4d`."""
        names = [self.task.name, self.model.name, self.dynamics.name]
        return "-".join([*names, f"s{self.seed}", digest(self.identity)])

    @property
    def problem_id(self) -> str:
        """The name of data and initial net alone: runs that share it share their reference solutions."""
        decides = {key: self.identity.get(key) for key in ("format", "task", "model", "start", "seed")}
        return f"{self.task.name}-{self.model.name}-s{self.seed}-{digest(decides)}"

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
    check_targets(spec)
    for key in ("weight_decay", "l2"):
        if getattr(spec, key) and key != dynamics.decay:
            words = {
                "l2": "a term (l2/2)‖θ‖² of the loss, whose gradient goes through the optimiser",
                "weight_decay": "a decay of θ beside the gradient",
            }
            raise ConfigError(
                f"dynamics {dynamics.name} with {key}",
                getattr(spec, key),
                f"takes {dynamics.decay}, {words[dynamics.decay]}",
            )


def check_targets(spec: RunSpec) -> None:
    """Raise `ConfigError` unless the loss is made for the task's targets, and noise only on those that are numbers."""
    task, model, dynamics = spec.task, spec.model, spec.dynamics
    regression = task.data == "regression"
    if isinstance(model, DiagonalNet) and (model.loss == "squared") != regression:
        fits = "squared" if regression else "logistic, exponential"
        raise ConfigError(f"task {task.name} with model.loss", model.loss, f"does not fit; allowed: {fits}")
    if isinstance(dynamics, Optimizer) and dynamics.label_noise and task.data not in ("regression", "completion"):
        raise ConfigError(
            f"task {task.name} with label_noise", dynamics.label_noise, "its targets are classes; must be 0"
        )


def digest(values: object) -> str:
    """Eight hex digits of the SHA-256 of `values` as canonical JSON."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:8]
