"""What a claim is about: a number read off an experiment for each seed, or the difference or ratio of two such numbers.

A file of claims writes `experiment("fig1a").crossing("test_accuracy", 0.99)`, and `a - b` or `a / b` for two of these.
"""

import math
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, NamedTuple

from grokking.measures.curves import (
    Crossing,
    Final,
    LargestFall,
    Maximum,
    Minimum,
    StepOfMaximum,
    Sustained,
    ValueAt,
    ValueWhen,
)
from grokking.measures.evidence import Evidence, Measure, NothingObserved
from grokking.measures.tables import Mean, Onset, Reference, Rows, Slope
from grokking.parts.fields import build


class Value(NamedTuple):
    """A number, and half the width of its 95 % interval where it is a fitted slope, else 0."""

    number: float
    half_width: float = 0.0


Values = list[Value | None]  # one for each seed, None where there is nothing to measure
AllEvidence = Mapping[str, Sequence[Evidence]]  # by experiment, one for each seed


class Quantity(ABC):
    """A number for each seed."""

    @property
    @abstractmethod
    def experiments(self) -> tuple[str, ...]:
        """The experiments and analyses that it is read off."""

    @abstractmethod
    def values(self, evidence: AllEvidence) -> Values:
        """The number for each seed; NaN where the event that it is about never happens.

        Raises `ConfigError` if a table has no such column or a reference no such property.
        """

    def __sub__(self, other: "Quantity") -> "Quantity":
        """How much it exceeds another one, seed by seed."""
        return Pair(self, quantity(other), operator.sub)

    def __truediv__(self, other: "Quantity") -> "Quantity":
        """How many times another one it is, seed by seed; NaN over 0."""
        return Pair(self, quantity(other), ratio)


def quantity(value: Any) -> Quantity:
    """The value. Raises `ValueError` if it is no quantity."""
    if not isinstance(value, Quantity):
        raise ValueError(f"{value!r}: a number read off an experiment is compared with another one")
    return value


def ratio(x: float, y: float) -> float:
    """x / y; NaN over 0."""
    return x / y if y else math.nan


@dataclass(frozen=True)
class Reading(Quantity):
    """A measure of one experiment or analysis; for no more seeds than the `other` one has, if there is one."""

    experiment: str
    measure: Measure
    other: str = ""

    @property
    def experiments(self) -> tuple[str, ...]:
        return (self.experiment, self.other) if self.other else (self.experiment,)

    def values(self, evidence: AllEvidence) -> Values:
        found = [self.value(one) for one in evidence.get(self.experiment, [])]
        return found[: len(evidence.get(self.other, []))] if self.other else found

    def value(self, evidence: Evidence) -> Value | None:
        """The number for one seed."""
        try:
            return Value(self.measure.read(evidence), self.measure.half_width(evidence))
        except NothingObserved:
            return None


@dataclass(frozen=True)
class Pair(Quantity):
    """Two numbers compared seed by seed; a seed that one side lacks has nothing to measure."""

    first: Quantity
    second: Quantity
    compare: Callable[[float, float], float]

    @property
    def experiments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.first.experiments, *self.second.experiments]))

    def values(self, evidence: AllEvidence) -> Values:
        both = zip_longest(self.first.values(evidence), self.second.values(evidence))
        return [None if a is None or b is None else Value(self.compare(a.number, b.number)) for a, b in both]


@dataclass(frozen=True)
class Subject:
    """An experiment or an analysis, or some rows of its table; its methods read numbers off it.

    A run's table has a row for each observed step, a sweep's one for each net, an analysis' whatever it computes.
    """

    name: str
    chosen: tuple[tuple[str, float | str], ...] | None = None
    along: str = ""
    other: str = ""

    def beside(self, other: str) -> "Subject":
        """Only as many seeds as another experiment has, to be compared with it."""
        return replace(self, other=named(other))

    def where(self, along: str = "", **chosen: float | str) -> "Subject":
        """Only the rows in which these columns have these values; the column `along` takes the place of the step."""
        for column, value in chosen.items():
            if not isinstance(value, int | float | str) or isinstance(value, bool):
                raise ValueError(f"{column}={value!r}: a column is compared with a number or text")
        return replace(self, chosen=tuple(chosen.items()), along=along)

    def value_at(self, column: str, step: float) -> Reading:
        """The value at `step`, interpolated on the log axis."""
        return self._read(ValueAt, column=column, step=step)

    def final(self, column: str) -> Reading:
        """The last value observed."""
        return self._read(Final, column=column)

    def crossing(
        self, column: str, level: float, direction: str = "up", of_value_at: float = 0.0, or_end: bool = False
    ) -> Reading:
        """The first step at which the curve passes `level`, or that many times its own value at `of_value_at`.

        Of a curve that never does, with `or_end`, the last step: for a rule that only becomes harder to satisfy by it.
        """
        options = {"direction": direction, "of_value_at": of_value_at, "or_end": or_end}
        return self._read(Crossing, column=column, level=level, **options)

    def sustained(self, column: str, level: float, observations: int = 3) -> Reading:
        """The first step from which on so many observations in a row are at `level` or above."""
        return self._read(Sustained, column=column, level=level, observations=observations)

    def value_when(self, column: str, crossed: str, level: float, direction: str = "up") -> Reading:
        """The value of `column` when the column `crossed` passes `level`."""
        crossing = build(Crossing, {"column": crossed, "level": level, "direction": direction}, "value_when")
        return self._reading(ValueWhen(column, crossing))

    def maximum(self, column: str, start: float = 0.0, end: float = math.inf) -> Reading:
        """The largest value observed from step `start` to `end`."""
        return self._window(Maximum, column, start, end)

    def minimum(self, column: str, start: float = 0.0, end: float = math.inf) -> Reading:
        """The smallest value observed from step `start` to `end`."""
        return self._window(Minimum, column, start, end)

    def step_of_maximum(self, column: str) -> Reading:
        """The step of the largest value, interpolated."""
        return self._read(StepOfMaximum, column=column)

    def largest_fall(self, column: str) -> Reading:
        """The most by which the curve falls below a value that it had before."""
        return self._read(LargestFall, column=column)

    def mean(self, column: str) -> Reading:
        """The mean over the rows."""
        return self._read(Mean, column=column)

    def onset(self, column: str, along: str) -> Reading:
        """The smallest value of `along` from which on `column` is 1 in every row."""
        return self._read(Onset, column=column, along=along)

    def slope(self, column: str, against: str) -> Reading:
        """The fitted slope of log `column` against log `against`, with its 95 % interval."""
        return self._read(Slope, of=column, against=against)

    def reference(self, predictor: str, property: str) -> Reading:
        """A property of a reference solution, for example its test accuracy."""
        return self._read(Reference, predictor=predictor, property=property)

    def _window(self, measure: type[Maximum | Minimum], column: str, start: float, end: float) -> Reading:
        if start > end:
            raise ValueError(f"from step {start:g} to {end:g} there is nothing")
        last = {} if math.isinf(end) else {"end": end}
        return self._read(measure, column=column, start=start, **last)

    def _read(self, measure: type[Measure], **parameters: Any) -> Reading:
        return self._reading(build(measure, parameters, f"{self.name}: {measure.__name__}"))

    def _reading(self, measure: Measure) -> Reading:
        read = measure if self.chosen is None else Rows(self.chosen, self.along, measure)
        return Reading(self.name, read, self.other)


def experiment(name: str) -> Subject:
    """The experiment or analysis that the paper's YAML file calls `name`, `paper/name` if it is another paper's."""
    return Subject(named(name))


def named(name: Any) -> str:
    """The name of an experiment. Raises `ValueError` if it is none."""
    if not isinstance(name, str) or not name:
        raise ValueError(f"{name!r}: an experiment is named by text")
    return name
