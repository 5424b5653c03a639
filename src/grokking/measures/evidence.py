"""What a number is read off: the table of a run, a sweep or an analysis, and what theory says of the run's problem."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from grokking.parts.errors import ConfigError

if TYPE_CHECKING:  # the Snakefile reads claims, and so their measures, at every start
    import pandas as pd


class NothingObserved(ValueError):  # noqa: N818 (what it is)
    """There is no observation to read the number off: no row, none in the window, or the run ends before the step."""


@dataclass(frozen=True)
class Evidence:
    """The table of one seed, and the properties of the run's reference solutions by solution.

    A run's table has a row for each observed step, a sweep's one for each net, an analysis' whatever it computes.
    """

    table: "pd.DataFrame"
    references: Mapping[str, Mapping[str, float]]

    def curve(self, column: str) -> tuple[np.ndarray, np.ndarray]:
        """Steps and values of a column where it has any: one that is measured more seldom is NaN in the other rows.

        Raises `ConfigError` if there is no column of that name.
        """
        steps, values = self.values("step"), self.values(column)
        known = ~np.isnan(values)
        return steps[known], values[known]

    def values(self, column: str) -> np.ndarray:
        """The numbers in a column; `ConfigError` if there is none of that name."""
        return self.column(column).to_numpy(dtype=float)

    def column(self, column: str) -> "pd.Series[Any]":
        """A column, numbers or names; `ConfigError` if there is none of that name."""
        if column not in self.table:
            raise ConfigError("column", column, f"no such column; allowed: {', '.join(self.table)}")
        return self.table[column]

    def of(self, table: "pd.DataFrame") -> "Evidence":
        """The same with another table, a part of this one."""
        return Evidence(table, self.references)


class Measure(ABC):
    """A number read off evidence; NaN where the event it is about never happens."""

    @abstractmethod
    def read(self, evidence: Evidence) -> float:
        """The number; `NothingObserved` where there is nothing to read, `ConfigError` where there is no such column."""

    def half_width(self, evidence: Evidence) -> float:
        """Half the width of the number's 95 % interval; 0 where it is not fitted but read."""
        return 0.0
