"""Numbers read off any table: a mean, an onset, an exponent, a property of a reference, a part."""

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from grokking.measures.evidence import STEP, Evidence, Measure, NothingObserved, OfColumn
from grokking.measures.line import fitted_plane
from grokking.parts.errors import ConfigError, allowed_names
from grokking.parts.fields import MayBeEmpty, Positive


def observed(evidence: Evidence, column: str) -> np.ndarray:
    """Return a whole column, [rows]. Raises `NothingObserved` if it is NaN in all rows."""
    values = evidence.values(column)
    if np.isnan(values).all():
        raise NothingObserved(f"{column}: no observation")
    return values


@dataclass(frozen=True)
class Mean(OfColumn):
    """The mean of a column over all rows; NaN if the column is NaN in one of them."""

    def read(self, evidence: Evidence) -> float:
        return float(observed(evidence, self.column).mean())


@dataclass(frozen=True)
class Onset(OfColumn):
    """The smallest value of the column `along` from which on `column` is 1 in every row.

    With `within` it is at most this bound instead, and not NaN. The onset is NaN if this fails at
    the largest value. `Onset("has_grokked", "observed")` is the critical train fraction of a sweep,
    `Onset("grokked", "observed", within=2500)` that after 2500 steps.
    """

    along: str
    within: Positive | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.along, self.column)

    def read(self, evidence: Evidence) -> float:
        along = observed(evidence, self.along)
        if self.within is None:
            holds = observed(evidence, self.column) == 1
        else:
            holds = evidence.values(self.column) <= self.within
        last_failure = along[~holds].max(initial=-math.inf)
        return float(along[along > last_failure].min()) if last_failure < along.max() else math.nan


@dataclass(frozen=True)
class Slope(Measure):
    """An exponent: the least-squares slope of log `of` against log `against`.

    With `others`, more columns, it is the exponent a of a power law of several variables,
    of = C · against^a · other^b · …, fitted to all of them together. The rows in which every column
    is a number are used. Raises `NothingObserved` unless all these numbers are above 0 and
    determine the exponents.
    """

    of: str
    against: str
    others: Annotated[tuple[str, ...], MayBeEmpty] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.against, *self.others, self.of)

    def read(self, evidence: Evidence) -> float:
        return float(self.fit(evidence)[0])

    def half_width(self, evidence: Evidence) -> float:
        return float(self.fit(evidence)[1])

    def fit(self, evidence: Evidence) -> np.ndarray:
        """Return the exponent and the half width of its interval; equal rows count once."""
        points = np.stack([evidence.values(column) for column in self.columns])
        points = np.unique(points[:, ~np.isnan(points).any(axis=0)], axis=1)
        if not (points > 0).all():
            raise NothingObserved(f"{self.of} against {self.against}: no exponent of numbers that are not above 0")
        *X, y = np.log(points)
        try:
            return np.array(fitted_plane(np.transpose(X), y))[:, 1]
        except ValueError:
            raise NothingObserved(f"{self.of} against {self.against}: too few values for an exponent") from None


@dataclass(frozen=True)
class Reference(Measure):
    """A property of a reference solution, for example its test accuracy."""

    predictor: str
    quantity: str

    @property
    def columns(self) -> tuple[str, ...]:
        return ()

    @property
    def name(self) -> str:
        """Solution and property, for example `kernel.test_accuracy`."""
        return f"{self.predictor}.{self.quantity}"

    def read(self, evidence: Evidence) -> float:
        try:
            return float(evidence.references[self.predictor][self.quantity])
        except KeyError:
            names = [f"{name}.{key}" for name, properties in evidence.references.items() for key in properties]
            raise ConfigError("reference", self.name, f"no such property; {allowed_names(self.name, names)}") from None


@dataclass(frozen=True)
class Rows(Measure):
    """A measure of the rows in which each column of `where` has its value.

    `along`, unless it is empty, names the column that replaces the step.
    """

    where: tuple[tuple[str, float | str], ...]
    along: str
    of: Measure

    @property
    def columns(self) -> tuple[str, ...]:
        axis = {STEP: self.along} if self.along else {}
        read = [axis.get(column, column) for column in self.of.columns]
        return (*(column for column, _ in self.where), *axis.values(), *read)

    def read(self, evidence: Evidence) -> float:
        return self.of.read(self.part(evidence))

    def half_width(self, evidence: Evidence) -> float:
        return self.of.half_width(self.part(evidence))

    def bounds(self, evidence: Evidence) -> tuple[float, float] | None:
        return self.of.bounds(self.part(evidence))

    def part(self, evidence: Evidence) -> Evidence:
        """Select the rows, sorted by `along`. Raises `NothingObserved` if there are none."""
        part = evidence
        for column, value in self.where:
            if isinstance(value, str):
                chosen = (part.column(column) == value).to_numpy()
            else:
                chosen = np.isclose(part.values(column), value, rtol=1e-9, atol=0)
            part = part.of(part.table[chosen])
        if part.table.empty:
            raise NothingObserved(f"no row with {', '.join(f'{column} {value}' for column, value in self.where)}")
        if not self.along:
            return part
        return part.of(part.table.assign(step=part.values(self.along)).sort_values(STEP, kind="stable"))
