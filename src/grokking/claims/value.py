"""Values: a number, what is known about it, and the differences and ratios of two of them."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

FLOOR, CEILING, CUT_SHORT = "at its floor", "at its ceiling", "cut short by our budget"


class Value(NamedTuple):
    """A number; NaN if the event that it describes never happens.

    Its interval is `bounds`, between which it lies if it could not be measured itself, because of
    `why`; without bounds it is the 95 % interval of a fitted slope, `half_width` to both sides, or
    the number alone.
    """

    number: float
    half_width: float = 0.0
    bounds: tuple[float, float] | None = None
    why: str = ""

    @property
    def interval(self) -> tuple[float, float]:
        """The least and greatest number that it may be; NaN if the event never happens."""
        return self.bounds or (self.number - self.half_width, self.number + self.half_width)

    @property
    def never(self) -> bool:
        """Whether the event never happens."""
        return math.isnan(self.interval[0])

    def beyond(self, floor: float, ceiling: float) -> "Value":
        """Return the value with no lower bound if it is at most `floor`.

        It has no upper bound if it is at least `ceiling`.
        """
        low, high = self.interval
        if high <= floor:
            return self._replace(bounds=(-math.inf, floor), why=FLOOR)
        if low >= ceiling:
            return self._replace(bounds=(ceiling, math.inf), why=CEILING)
        return self

    def __sub__(self, other: "Value") -> "Value":
        """Return the difference.

        Half widths of 95 % intervals add in quadrature, as errors that are independent: JCGM
        100:2008 (the "GUM"), eq. (10). Bounds are those of interval arithmetic.
        """
        number = self.number - other.number
        if not self.bounds and not other.bounds:
            return Value(number, math.hypot(self.half_width, other.half_width))
        (low, high), (least, most) = self.interval, other.interval
        return bounded(number, (low - most, high - least), self, other)

    def __truediv__(self, other: "Value") -> "Value":
        """Return the ratio, with its half width to first order or with bounds; NaN over 0.

        The half width is infinite if the denominator's interval contains 0, where Fieller's
        interval is unbounded (1954, J. R. Stat. Soc. B 16, 175-185); so are the bounds.
        """
        if other.interval == (0, 0):
            return Value(math.nan)
        number = self.number / other.number if other.number else math.nan
        if self.bounds or other.bounds:
            return bounded(number, quotient(self.interval, other.interval), self, other)
        if not math.isfinite(number):
            return Value(number)
        if abs(other.number) <= other.half_width:
            return Value(number, math.inf)
        error = math.hypot(self.half_width, number * other.half_width)
        return Value(number, error / abs(other.number))


Values = list[Value | None]  # one per seed; None if there is no observation


def bounded(number: float, bounds: tuple[float, float], *of: Value) -> Value:
    """Return the value made of others; NaN if the event of one of them never happens."""
    if any(value.never for value in of):
        return Value(math.nan)
    return Value(number, 0.0, bounds, " and ".join(dict.fromkeys(value.why for value in of if value.why)))


def quotient(over: tuple[float, float], under: tuple[float, float]) -> tuple[float, float]:
    """Return the interval of all ratios of a number in `over` to one in `under`.

    It is unbounded if `under` contains 0. The ratio of two infinite ends is 0, the limit over ever
    larger denominators (IEEE 1788).
    """
    if not under[0] * under[1] > 0:
        return -math.inf, math.inf
    ends = [0.0 if math.isinf(a) and math.isinf(b) else a / b for a in over for b in under]
    return min(ends), max(ends)


def median(numbers: np.ndarray) -> float:
    """Return the median over seeds; a seed without the event, NaN, counts as infinite.

    The median is NaN if it is infinite.
    """
    with np.errstate(invalid="ignore"):  # half way between -∞ and ∞: something, and never
        middle = float(np.median(np.where(np.isnan(numbers), np.inf, numbers)))
    return middle if middle < math.inf else math.nan


def median_interval(values: Sequence[Value]) -> tuple[float, float]:
    """Return the interval of the median over seeds; NaN if the median is an event that never happens."""
    least, most = (median(np.array(ends)) for ends in zip(*(value.interval for value in values), strict=True))
    return (least, math.inf) if math.isnan(most) and not math.isnan(least) else (least, most)
