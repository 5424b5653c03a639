"""An experiment of a file of claims, and the numbers that can be read off it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from grokking.claims.quantity import Reading
from grokking.measures.curves import (
    Crossing,
    Final,
    LargestFall,
    LargestRise,
    Maximum,
    Minimum,
    StepOfMaximum,
    Sustained,
    ValueAt,
    ValueWhen,
)
from grokking.measures.evidence import Measure
from grokking.measures.regimes import Knee, Straightness
from grokking.measures.tables import Mean, Onset, Reference, Rows, Slope
from grokking.parts.fields import build


@dataclass(frozen=True)
class Subject:
    """An experiment or an analysis, or some rows of its table, off which the methods read numbers.

    A row is an observed step in the table of a run, a net in the table of a sweep. A claim uses it
    as `experiment("fig1a").crossing("test_accuracy", 0.99)`.
    """

    name: str
    chosen: tuple[tuple[str, float | str], ...] | None = None
    along: str = ""
    other: str = ""

    def beside(self, other: str) -> "Subject":
        """Use only the seeds that the experiment `other` has, to compare with it."""
        return replace(self, other=named(other))

    def where(self, along: str = "", **chosen: float | str) -> "Subject":
        """Select the rows in which these columns have these values.

        The column `along`, if given, replaces the step: `.where(along="epoch", p=97)`.
        """
        for column, value in chosen.items():
            if not isinstance(value, int | float | str) or isinstance(value, bool):
                raise ValueError(f"{column}={value!r}: a column is compared with a number or text")
        return replace(self, chosen=tuple(chosen.items()), along=along)

    def value_at(self, column: str, step: float) -> Reading:
        """Read the value of `column` at `step`, interpolated on a logarithmic step axis."""
        return self._read(ValueAt, column=column, step=step)

    def final(self, column: str) -> Reading:
        """Read the last observed value of `column`."""
        return self._read(Final, column=column)

    def crossing(self, column: str, level: float, direction: str = "up", of_value_at: float = 0.0) -> Reading:
        """Read the first step at which `column` passes `level`, going `up` or `down`; NaN if never.

        With `of_value_at` the level is a fraction of the column's value at that step. In a run that
        was cut short it is at least the last step.
        """
        return self._read(Crossing, column=column, level=level, direction=direction, of_value_at=of_value_at)

    def sustained(self, column: str, level: float, observations: int = 3) -> Reading:
        """Read the first step from which `column` is at least `level` for some `observations`.

        NaN if there is no such step; the observations are consecutive rows. In a run that was cut
        short it is at least the last step below.
        """
        return self._read(Sustained, column=column, level=level, observations=observations)

    def value_when(self, column: str, crossed: str, level: float, direction: str = "up") -> Reading:
        """Read the value of `column` at the step at which `crossed` first passes `level`.

        `crossed` is another column; the `direction` of the crossing is `up` or `down`.
        """
        crossing = build(Crossing, {"column": crossed, "level": level, "direction": direction}, "value_when")
        return self._reading(ValueWhen(column, crossing))

    def maximum(self, column: str, start: float = 0.0, end: float = math.inf) -> Reading:
        """Read the largest value of `column` observed from step `start` to step `end`."""
        return self._window(Maximum, column, start, end)

    def minimum(self, column: str, start: float = 0.0, end: float = math.inf) -> Reading:
        """Read the smallest value of `column` observed from step `start` to step `end`."""
        return self._window(Minimum, column, start, end)

    def step_of_maximum(self, column: str) -> Reading:
        """Read the step at which `column` is largest, interpolated between observations."""
        return self._read(StepOfMaximum, column=column)

    def largest_fall(self, column: str) -> Reading:
        """Read the largest amount by which `column` falls below one of its earlier values."""
        return self._read(LargestFall, column=column)

    def largest_rise(self, column: str) -> Reading:
        """Read the largest amount by which `column` rises above one of its earlier values."""
        return self._read(LargestRise, column=column)

    def straightness(self, column: str, regime: str) -> Reading:
        """Read how straight `column` is in its `slow` or `fast` regime: R² of a line, at most 1.

        The slow regime ends at test accuracy 10 %; the fast one lasts from 99 % to nine tenths of
        the gain from there.
        """
        return self._read(Straightness, column=column, regime=regime)

    def knee(self, column: str) -> Reading:
        """Read the step at which the slow growth of `column` turns into the fast one."""
        return self._read(Knee, column=column)

    def mean(self, column: str) -> Reading:
        """Read the mean of `column` over all rows."""
        return self._read(Mean, column=column)

    def onset(self, column: str, along: str, within: float | None = None) -> Reading:
        """Read the smallest value of `along` from which on `column` is 1 in every row.

        With `within` the column is at most this number instead: a time within a budget.
        """
        return self._read(Onset, column=column, along=along, **({} if within is None else {"within": within}))

    def slope(self, column: str, against: str, others: Sequence[str] = ()) -> Reading:
        """Read the least-squares slope of log `column` against log `against`, with its 95 % interval.

        With `others` it is the exponent of `against` in a power law of all these columns together.
        """
        return self._read(Slope, of=column, against=against, others=list(others))

    def reference(self, predictor: str, property: str) -> Reading:
        """Read a property, for example `test_accuracy`, of the reference solution `predictor`."""
        return self._read(Reference, predictor=predictor, quantity=property)

    def _window(self, measure: type[Maximum | Minimum], column: str, start: float, end: float) -> Reading:
        if start > end:
            raise ValueError(f"from step {start:g} to {end:g} there is no step")
        last = {} if math.isinf(end) else {"end": end}
        return self._read(measure, column=column, start=start, **last)

    def _read(self, measure: type[Measure], **parameters: Any) -> Reading:
        return self._reading(build(measure, parameters, f"{self.name}: {measure.__name__}"))

    def _reading(self, measure: Measure) -> Reading:
        read = measure if self.chosen is None else Rows(self.chosen, self.along, measure)
        return Reading(self.name, read, self.other)


def experiment(name: str) -> Subject:
    """Return the experiment or analysis `name` of the paper's YAML file.

    `paper/name` is one of another paper.
    """
    return Subject(named(name))


def named(name: Any) -> str:
    """Return the name of an experiment. Raises `ValueError` if it is not text."""
    if not isinstance(name, str) or not name:
        raise ValueError(f"{name!r}: an experiment is named by text")
    return name
