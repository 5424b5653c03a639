"""Stops: what ends a run besides its last step."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from grokking.specs.fields import Count, Positive
from grokking.specs.part import registry


@dataclass(frozen=True)
class Budget:
    """Nothing but the last step."""

    name: ClassVar = "budget"


@dataclass(frozen=True)
class Stationary:
    """The regularised loss changes by less than the fraction `threshold` per time 1/λ; never without decay."""

    threshold: Positive

    name: ClassVar = "stationary"


@dataclass(frozen=True)
class Level:
    """`column` has been at `level` or beyond, in the `direction`, for `observations` in a row.

    A column is one of what a run observes, as its trajectory.csv lists them: `train_loss`, `test_accuracy`, ….
    Accuracies are fractions.
    """

    column: str
    level: Positive
    direction: Literal["up", "down"] = "up"
    observations: Count = 1

    name: ClassVar = "level"

    def __post_init__(self) -> None:
        if self.column.endswith("_accuracy") and self.level > 1:
            raise ValueError(f"level {self.level:g} of {self.column} must be at most 1: accuracies are fractions")


Stop = Budget | Stationary | Level

STOPS: dict[str, type[Stop]] = registry(Budget, Stationary, Level)
