"""Quantities: numbers read off an experiment for each seed, their differences and ratios.

A file of claims writes `experiment("fig1a").crossing("test_accuracy", 0.99)`, and `a - b` or
`a / b` for two quantities.
"""

import math
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grokking.claims.cut_short import value_of
from grokking.claims.value import Value, Values
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
from grokking.measures.evidence import Evidence, Measure, NothingObserved, by_seed
from grokking.measures.regimes import Knee, Straightness
from grokking.measures.tables import Mean, Onset, Reference, Rows, Slope
from grokking.parts.fields import build

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

    @property
    def compares(self) -> bool:
        """Whether the quantity compares several experiments or analyses."""
        return len({reading.experiment for reading in self.readings}) > 1

    @property
    def is_ratio(self) -> bool:
        """Whether the quantity is a ratio."""
        return False

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

    With `other`, the name of another experiment, only the seeds that both have are used. At or below
    the `floor` and at or above the `ceiling` the measure no longer tells a better run from a worse
    one.
    """

    experiment: str
    measure: Measure
    other: str = ""
    floor: float = -math.inf
    ceiling: float = math.inf

    def beyond(self, floor: float = -math.inf, ceiling: float = math.inf) -> "Reading":
        """Say where the measure saturates, to compare it with another: chance, or all right.

        A value up to `floor` then counts as anything up to it, one from `ceiling` on as anything
        from it on: two values at the floor are neither equal nor different. Raises `ValueError`
        unless `floor` is below `ceiling`.
        """
        if not floor < ceiling:
            raise ValueError(f"beyond(floor={floor!r}, ceiling={ceiling!r}): the floor must be below the ceiling")
        return replace(self, floor=floor, ceiling=ceiling)

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
            return value_of(self.measure, evidence).beyond(self.floor, self.ceiling)
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
    def is_ratio(self) -> bool:
        return self.compare is operator.truediv

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
