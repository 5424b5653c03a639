"""A run that ends where a column has reached a level."""

from grokking.runs.rows import Rows, observed
from grokking.specs.stops import Level


def is_reached(stop: Level, rows: Rows, decay: float) -> bool:
    """Whether the column has been at the level or beyond for as many observations as asked for."""
    values = observed(rows, stop.column)[-stop.observations :]
    beyond = [value >= stop.level if stop.direction == "up" else value <= stop.level for value in values]
    return len(beyond) == stop.observations and all(beyond)
