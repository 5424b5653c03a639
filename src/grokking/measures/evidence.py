"""The source of a number: a table, and what theory says about the run's problem."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from grokking.parts.errors import ConfigError, allowed_names

if TYPE_CHECKING:  # the Snakefile reads claims, and so their measures, at every start
    import pandas as pd

STEP = "step"  # the column along which a curve runs
UNKNOWN = (-math.inf, math.inf)  # bounds of a number


class NothingObserved(ValueError):  # noqa: N818 (what it is)
    """There is no observation: no row, none in the window, or the run ends before the step."""


@dataclass(frozen=True)
class Evidence:
    """The table of one seed, and the properties of each of the run's reference solutions.

    The rows of a run's table are observed steps, those of a sweep's table nets. Evidence of several
    experiments is compared by `seed`, or in order where it is None. `cut_short` says that the run, or
    a net of the sweep, reached its last step before its question was answered, and that this number
    of steps is ours: longer training may tell more.
    """

    table: "pd.DataFrame"
    references: Mapping[str, Mapping[str, float]]
    seed: int | None = None
    cut_short: bool = False

    def curve(self, column: str) -> tuple[np.ndarray, np.ndarray]:
        """Return steps and values in the rows where both are numbers.

        A column that is measured at fewer steps than others has NaN at the rest. Raises
        `NothingObserved` if no row is left, `ConfigError` if there is no such column, or if the
        steps do not ascend from 0, as in the rows of several curves.
        """
        steps, values = self.values(STEP), self.values(column)
        measured = ~(np.isnan(steps) | np.isnan(values))
        if not measured.any():
            raise NothingObserved(f"{column}: no observation")
        steps, values = steps[measured], values[measured]
        if steps[0] < 0 or not (np.diff(steps) > 0).all():
            raise ConfigError(
                "column", column, "its steps do not ascend from 0; select the rows of one curve with where"
            )
        return steps, values

    def values(self, column: str) -> np.ndarray:
        """Return a column of numbers. Raises `ConfigError` if there is no such column."""
        return self.column(column).to_numpy(dtype=float)

    def column(self, column: str) -> "pd.Series[Any]":
        """Return a column of numbers or names. Raises `ConfigError` if there is no such column."""
        if column not in self.table:
            raise ConfigError("column", column, f"no such column; {allowed_names(column, list(self.table))}")
        return self.table[column]

    def of(self, table: "pd.DataFrame") -> "Evidence":
        """Return evidence with another table, for example some rows of this one's."""
        return replace(self, table=table)


def by_seed(evidence: Sequence[Evidence]) -> dict[int, Evidence]:
    """Return the evidence of one experiment by seed, or by its place in the list without seeds."""
    return {place if one.seed is None else one.seed: one for place, one in enumerate(evidence)}


class Measure(ABC):
    """A number read off evidence; NaN if the event it describes never happens."""

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that the measure reads."""

    @abstractmethod
    def read(self, evidence: Evidence) -> float:
        """Return the number.

        Raises `NothingObserved` if there is no observation, `ConfigError` if there is no such
        column.
        """

    def half_width(self, evidence: Evidence) -> float:
        """Return half the width of the number's 95 % interval; 0 unless the number is fitted."""
        return 0.0

    def bounds(self, evidence: Evidence) -> tuple[float, float] | None:
        """Return between which numbers longer training can leave that of a run cut short.

        None if it cannot change it. Raises as `read` does.
        """
        return None


@dataclass(frozen=True)
class OfColumn(Measure):
    """A measure of one column, in the order of the rows."""

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)


@dataclass(frozen=True)
class OfCurve(Measure):
    """A measure of one column as a function of the step."""

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        return (STEP, self.column)

    def bounds(self, evidence: Evidence) -> tuple[float, float] | None:
        """Unknown, unless the measure says more: what a curve is like depends on all of it."""
        return UNKNOWN
