"""Numbers read off a table that need not be a curve: part of it, an exponent, an onset, a property of a reference."""

import math
from dataclasses import dataclass

import numpy as np

from grokking.measures.evidence import Evidence, Measure, NothingObserved
from grokking.measures.line import Line, fitted_line
from grokking.parts.errors import ConfigError


@dataclass(frozen=True)
class Mean(Measure):
    """The mean over all rows."""

    column: str

    def read(self, evidence: Evidence) -> float:
        values = evidence.values(self.column)
        if not len(values):
            raise NothingObserved(f"{self.column}: no observation")
        return float(values.mean())


@dataclass(frozen=True)
class Onset(Measure):
    """The smallest value of `along` from which on `column` is 1 in every row: the critical data fraction of a sweep.

    NaN if it is not 1 in every row at the largest.
    """

    column: str
    along: str

    def read(self, evidence: Evidence) -> float:
        along, holds = evidence.values(self.along), evidence.values(self.column) == 1
        if not len(along):
            raise NothingObserved(f"{self.column}: no observation")
        last_failure = along[~holds].max(initial=-math.inf)
        return float(along[along > last_failure].min()) if last_failure < along.max() else math.nan


@dataclass(frozen=True)
class Slope(Measure):
    """The least-squares slope of log `of` against log `against` over the rows where both are numbers: an exponent."""

    of: str
    against: str

    def read(self, evidence: Evidence) -> float:
        return self.line(evidence).slope

    def half_width(self, evidence: Evidence) -> float:
        return self.line(evidence).half_width

    def line(self, evidence: Evidence) -> Line:
        """The fitted line; rows that are equal count once."""
        points = np.stack([evidence.values(self.against), evidence.values(self.of)])
        x, y = np.log(np.unique(points[:, ~np.isnan(points).any(axis=0)], axis=1))
        if len(set(x)) < 2:
            raise NothingObserved(f"{self.of}: fewer than two values of {self.against}")
        return fitted_line(x, y)


@dataclass(frozen=True)
class Reference(Measure):
    """A property of a reference solution, for example its test accuracy."""

    predictor: str
    property: str

    def read(self, evidence: Evidence) -> float:
        try:
            return float(evidence.references[self.predictor][self.property])
        except KeyError:
            known = ", ".join(f"{name}.{key}" for name, properties in evidence.references.items() for key in properties)
            wanted = f"{self.predictor}.{self.property}"
            raise ConfigError("reference", wanted, f"no such property; allowed: {known}") from None


@dataclass(frozen=True)
class Rows(Measure):
    """A measure of part of a table: the rows in which each column of `where` has the value given there.

    `along`, where given, is the column that takes the place of the step.
    """

    where: tuple[tuple[str, float | str], ...]
    along: str
    of: Measure

    def read(self, evidence: Evidence) -> float:
        return self.of.read(self.part(evidence))

    def half_width(self, evidence: Evidence) -> float:
        return self.of.half_width(self.part(evidence))

    def part(self, evidence: Evidence) -> Evidence:
        """The rows, sorted by `along`."""
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
        return part.of(part.table.assign(step=part.values(self.along)).sort_values("step", kind="stable"))
