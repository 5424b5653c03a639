"""A stop where a column has reached a level."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar, Literal

from grokking.parts.fields import Count, Positive
from grokking.stops.stop import Rows, Stop, require_column


@dataclass(frozen=True)
class Level(Stop):
    """`column` has been at `level` or beyond, in the `direction`, for `observations` in a row.

    The columns are those that the run's trajectory.csv has: `train_loss`, `test_accuracy`, ….
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

    def is_reached(self, rows: Rows, decay: float) -> bool:
        """Whether the last `observations` values of the column are at the level or beyond."""
        values = [row[self.column] for row in rows[-self.observations :]]
        beyond = [value >= self.level if self.direction == "up" else value <= self.level for value in values]
        return len(beyond) == self.observations and all(beyond)

    def require_fit(self, columns: Collection[str], decay: float) -> None:
        """Raise `ConfigError` for a column that is not observed while the run trains."""
        require_column(self.column, columns, "stop.column")
