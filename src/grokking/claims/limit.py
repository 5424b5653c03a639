"""Limits: what a quantity tends to as a small number x goes to 0, from its rate at several x."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from grokking.claims.quantity import AllEvidence, Quantity, Reading, quantity
from grokking.claims.value import CUT_SHORT, Value
from grokking.measures.line import fitted_line

FEWEST = 3  # points, for a line with an interval


@dataclass(frozen=True)
class Limit(Quantity):
    """The value at x = 0 of the least-squares line through quantities at several x, seed by seed.

    `points` are pairs of x and a quantity. The 95 % interval is that of the line's intercept. It is
    narrow where the quantities change in proportion to x, and takes a curve for noise.
    """

    points: tuple[tuple[float, Quantity], ...]

    @property
    def readings(self) -> tuple[Reading, ...]:
        return tuple(reading for _, point in self.points for reading in point.readings)

    @property
    def experiments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for _, point in self.points for name in point.experiments))

    @property
    def compares(self) -> bool:
        """False: the limit is one number, off however many experiments it is read."""
        return False

    def by_seed(self, evidence: AllEvidence) -> dict[int, Value | None]:
        found = [point.by_seed(evidence) for _, point in self.points]
        seeds = dict.fromkeys(seed for values in found for seed in values)
        return {seed: self.at_zero([values.get(seed) for values in found]) for seed in seeds}

    def at_zero(self, values: list[Value | None]) -> Value | None:
        """Return the limit for one seed; None if one of its quantities has no observation."""
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        if any(value.never for value in known):
            return Value(math.nan)
        line = fitted_line([x for x, _ in self.points], [value.number for value in known])
        if any(value.bounds for value in known):
            return Value(line.intercept, bounds=(-math.inf, math.inf), why=CUT_SHORT)
        return Value(line.intercept, line.intercept_half_width)


def limit(points: Mapping[float, Quantity]) -> Limit:
    """Return what `points`, quantities by a small x > 0, tend to as x → 0, if they do so linearly.

    `limit({0.1: a, 0.05: b, 0.03: c})` is read off a line and has the interval of its intercept. For
    a theorem about λ → 0 whose gap closes like 1/log(1/λ), x is 1/log(1/λ). Raises `ValueError` for
    fewer than three points, or for an x that is not above 0.
    """
    if len(points) < FEWEST or not all(x > 0 for x in points):
        raise ValueError(
            f"limit of {len(points)} points: a line with an interval needs {FEWEST} or more, each at x > 0"
        )
    return Limit(tuple((x, quantity(point)) for x, point in points.items()))
