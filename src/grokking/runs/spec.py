"""What a run computes, and the name that follows from it.

The name is a readable slug and a hash of everything that decides the result. Two figures that share a curve therefore
share the run, and changing one number retrains exactly the runs it touches.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from grokking.dynamics import DYNAMICS, Dynamics
from grokking.models import MODELS, Model
from grokking.params import ConfigError, Count, Index, NonNegative, Positive, build
from grokking.tasks import TASKS, Task

T = TypeVar("T")
PARTS: dict[str, Mapping[str, type[Any]]] = {"task": TASKS, "model": MODELS, "dynamics": DYNAMICS}


@dataclass(frozen=True)
class Schedule:
    """The paper's step size η, its last step, and how densely the run is observed: see `observation_steps`.

    With `stationary` above 0 the run ends where its state no longer changes: see `grokking.runs.stationary`.
    """

    weight_decay: NonNegative
    learning_rate: Positive
    steps: Count
    points_per_decade: Count = 24
    even_points: Index = 0
    stationary: NonNegative = 0.0


@dataclass(frozen=True)
class RunSpec:
    """One run. `learning_rate` is the paper's η; gradient flow uses it only for the time axis t = η · step."""

    task: Task
    model: Model
    dynamics: Dynamics
    schedule: Schedule
    seed: Index

    def __post_init__(self) -> None:
        if self.task.data_type is not self.model.data_type:
            task, model = name_of(TASKS, self.task), name_of(MODELS, self.model)
            fitting = [name for name, cls in MODELS.items() if cls.data_type is self.task.data_type]
            raise ConfigError(f"task {task} with model", model, f"does not fit; allowed: {', '.join(fitting)}")
        if not hasattr(self.model, f"{self.dynamics.coordinates}_system"):
            model, dynamics = name_of(MODELS, self.model), name_of(DYNAMICS, self.dynamics)
            fitting = [name for name, cls in DYNAMICS.items() if hasattr(self.model, f"{cls.coordinates}_system")]
            raise ConfigError(f"model {model} with dynamics", dynamics, f"does not fit; allowed: {', '.join(fitting)}")

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], where: str) -> "RunSpec":
        """A run from YAML or `run.json`: `task`, `model`, `dynamics` ({name, parameters}), schedule keys and `seed`.

        Raises `ConfigError`, prefixed by `where`.
        """
        known = [*PARTS, *(f.name for f in fields(Schedule)), "seed"]
        for key in values:
            if key not in known:
                raise ConfigError(f"{where}.{key}", values[key], f"unknown key; allowed: {', '.join(known)}")
        schedule = {key: value for key, value in values.items() if key not in PARTS and key != "seed"}
        parts = {key: component(registry, values.get(key), f"{where}.{key}") for key, registry in PARTS.items()}
        return cls(**parts, schedule=build(Schedule, schedule, where), seed=values["seed"])

    def to_mapping(self) -> dict[str, Any]:
        """The inverse of `from_mapping`, with every default spelled out."""
        parts = {
            key: {"name": name_of(registry, getattr(self, key)), **asdict(getattr(self, key))}
            for key, registry in PARTS.items()
        }
        return {**parts, **asdict(self.schedule), "seed": self.seed}

    @property
    def id(self) -> str:
        """Slug and hash, for example `sparse_classification-diagonal_net-gradient_flow-s0-1a2b3c4d`."""
        names = [name_of(registry, getattr(self, key)) for key, registry in PARTS.items()]
        return "-".join([*names, f"s{self.seed}", digest(self.to_mapping())])

    @property
    def problem_id(self) -> str:
        """The name of data and initial net alone: runs that share it share their reference solutions."""
        spec = self.to_mapping()
        decides = {key: spec[key] for key in ("task", "model", "seed")}
        return f"{spec['task']['name']}-{spec['model']['name']}-s{self.seed}-{digest(decides)}"


def component(registry: Mapping[str, type[T]], values: Any, where: str) -> T:
    """The registered dataclass called `values["name"]`, with the rest of `values` as its parameters."""
    options = ", ".join(registry)
    if not isinstance(values, Mapping) or "name" not in values:
        raise ConfigError(where, values, f"must be a mapping with a name, one of: {options}")
    parameters = dict(values)
    name = parameters.pop("name")
    if name not in registry:
        raise ConfigError(f"{where}.name", name, f"unknown; allowed: {options}")
    return build(registry[name], parameters, where)


def name_of(registry: Mapping[str, type[Any]], value: object) -> str:
    """The name under which the class of `value` is registered."""
    return next(name for name, cls in registry.items() if type(value) is cls)


def digest(values: object) -> str:
    """Eight hex digits of the SHA-256 of `values` as canonical JSON."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:8]
