"""Inverse participation ratios of exact and random weights (Gromov 2023, eq. (20))."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import Analysis
from grokking.parts.fields import Count

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class IPRValues(Analysis):
    """The inverse participation ratio of the exact solution and of random weights.

    The nets have `width` hidden neurons and compute n + m mod p.
    """

    p: Count
    width: Count

    name: ClassVar = "ipr_values"
    columns: ClassVar = ("transform", "reading", "exact", "random")

    def __post_init__(self) -> None:
        if self.p < 3:
            raise ValueError("p must be at least 3: below there is no wave")

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per transform: the two inverse participation ratios."""
        from grokking.analyses.tables import ipr_values

        return ipr_values.table(self, seed)
