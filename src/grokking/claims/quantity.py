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
from grokking.measures.evidence import Evidence, Measure, NothingObserved, by_seed

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
