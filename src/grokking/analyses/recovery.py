"""How many entries the completion of least nuclear norm needs (Lyu et al. 2024, Section 3.3.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import Analysis, require_rank
from grokking.parts.fields import Count, Fraction

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Recovery(Analysis):
    """Planted matrices [d, d] of each rank of `ranks`, each share of `observed` of their pairs known."""

    d: Count
    ranks: tuple[Count, ...]
    observed: tuple[Fraction, ...]

    name: ClassVar = "recovery"

    def __post_init__(self) -> None:
        require_rank(max(self.ranks), self.d)

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per rank and fraction `observed`: the number of entries and the completion's distance from X*."""
        from grokking.analyses.tables import recovery

        return recovery.table(self, seed)
