"""Quantities: numbers read off an experiment for each seed, their differences and ratios.

A file of claims writes `experiment("fig1a").crossing("test_accuracy", 0.99)`, and `a - b` or
`a / b` for two quantities.
"""

import math
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
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
from grokking.measures.evidence import Evidence, Measure, NothingObserved, by_seed
from grokking.measures.tables import Mean, Onset, Reference, Rows, Slope
from grokking.parts.fields import build


class Value(NamedTuple):
    """A number, and half the width of its 95 % interval if it comes from a fitted slope, else 0.

    Differences and ratios treat the errors of both numbers as independent and combine the half
    widths like standard errors: JCGM 100:2008 (the "GUM"), eq. (10).
    """

    number: float
    half_width: float = 0.0

    def __sub__(self, other: "Value") -> "Value":
        """Return the difference; the half widths add in quadrature."""
        return Value(self.number - other.number, math.hypot(self.half_width, other.half_width))

    def __truediv__(self, other: "Value") -> "Value":
        """Return the ratio, with its half width to first order; NaN if `other` is 0.

        The half width is infinite if the denominator's interval contains 0, where Fieller's
        interval is unbounded (1954, J. R. Stat. Soc. B 16, 175-185).
        """
        number = self.number / other.number if other.number else math.nan
        if not math.isfinite(number):
            return Value(number)
        if abs(other.number) <= other.half_width:
            return Value(number, math.inf)
        error = math.hypot(self.half_width, number * other.half_width)
        return Value(number, error / abs(other.number))


Values = list[Value | None]  # one per seed; None if there is no observation
AllEvidence = Mapping[str, Sequence[Evidence]]  # by experiment, one item per seed


class Quantity(ABC):
    """A number for each seed, read off the tables of experiments and analyses."""

    @property
    @abstractmethod
    def readings(self) -> "tuple[Reading, ...]":
        """The readings that the quantity combines, each of one experiment or analysis."""

    @property
    @abstractmethod
    def experiments(self) -> tuple[str, ...]:
        """Names of the experiments and analyses that the quantity reads."""

    @abstractmethod
    def by_seed(self, evidence: AllEvidence) -> dict[int, Value | None]:
        """Return the number for each seed; NaN if the event it describes never happens.

        None stands for a seed without an observation. Raises `ConfigError` if a table lacks a
        column or a reference lacks a property.
        """

    def values(self, evidence: AllEvidence) -> Values:
        """Return the numbers of `by_seed` without their seeds."""
        return list(self.by_seed(evidence).values())

    def __sub__(self, other: "Quantity") -> "Quantity":
        """Return the difference from another quantity, seed by seed."""
        return Pair(self, quantity(other), operator.sub)

    def __truediv__(self, other: "Quantity") -> "Quantity":
        """Return the ratio to another quantity, seed by seed; NaN over 0."""
        return Pair(self, quantity(other), operator.truediv)


def quantity(value: Any) -> Quantity:
    """Return `value`. Raises `ValueError` if it is not a quantity."""
    if not isinstance(value, Quantity):
        raise ValueError(f"{value!r}: a number read off an experiment is compared with another one")
    return value


@dataclass(frozen=True)
class Reading(Quantity):
    """A measure of one experiment or analysis, for each of its seeds.

    With `other`, the name of another experiment, only the seeds that both have are used.
    """

    experiment: str
    measure: Measure
    other: str = ""

    @property
    def readings(self) -> "tuple[Reading, ...]":
        return (self,)

    @property
    def experiments(self) -> tuple[str, ...]:
        return (self.experiment, self.other) if self.other else (self.experiment,)

    def by_seed(self, evidence: AllEvidence) -> dict[int, Value | None]:
        read, beside = (by_seed(evidence.get(name, [])) for name in (self.experiment, self.other or self.experiment))
        return {seed: self.value(one) for seed, one in read.items() if seed in beside}

    def value(self, evidence: Evidence) -> Value | None:
        """Return the number for one seed; None if there is no observation."""
        try:
            return Value(self.measure.read(evidence), self.measure.half_width(evidence))
        except NothingObserved:
            return None


@dataclass(frozen=True)
class Pair(Quantity):
    """Two quantities, compared seed by seed with the function `compare`.

    The number of a seed is None if one of the quantities has no observation for the seed.
    """

    first: Quantity
    second: Quantity
    compare: Callable[[Value, Value], Value]

    @property
    def readings(self) -> tuple[Reading, ...]:
        return (*self.first.readings, *self.second.readings)

    @property
    def experiments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.first.experiments, *self.second.experiments]))

    def by_seed(self, evidence: AllEvidence) -> dict[int, Value | None]:
        first, second = self.first.by_seed(evidence), self.second.by_seed(evidence)
        both = {seed: (first.get(seed), second.get(seed)) for seed in (*first, *second)}
        return {seed: None if a is None or b is None else self.compare(a, b) for seed, (a, b) in both.items()}


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

    def crossing(
        self, column: str, level: float, direction: str = "up", of_value_at: float = 0.0, or_end: bool = False
    ) -> Reading:
        """Read the first step at which `column` passes `level`, going `up` or `down`; NaN if never.

        With `of_value_at` the level is a fraction of the column's value at that step. If the column
        never passes the level, `or_end` gives the last step instead of NaN: only for rules that are
        then harder to meet.
        """
        options = {"direction": direction, "of_value_at": of_value_at, "or_end": or_end}
        return self._read(Crossing, column=column, level=level, **options)

    def sustained(self, column: str, level: float, observations: int = 3) -> Reading:
        """Read the first step from which `column` is at least `level` for some `observations`.

        NaN if there is no such step; the observations are consecutive rows.
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

    def mean(self, column: str) -> Reading:
        """Read the mean of `column` over all rows."""
        return self._read(Mean, column=column)

    def onset(self, column: str, along: str) -> Reading:
        """Read the smallest value of `along` from which on `column` is 1 in every row."""
        return self._read(Onset, column=column, along=along)

    def slope(self, column: str, against: str) -> Reading:
        """Read the least-squares slope of log `column` against log `against`.

        The slope has a 95 % interval.
        """
        return self._read(Slope, of=column, against=against)

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
