"""Recovery by the completion of least nuclear norm (Lyu et al. 2024, Section 3.3.3)."""

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
    """The completion of planted matrices [d, d], for each rank and each fraction `observed`."""

    d: Count
    ranks: tuple[Count, ...]
    observed: tuple[Fraction, ...]

    name: ClassVar = "recovery"
    columns: ClassVar = (
        *("rank", "observed", "entries"),
        *("distance_to_target", "zero_filled_distance", "recovered"),
    )

    def __post_init__(self) -> None:
        require_rank(max(self.ranks), self.d)

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per rank and fraction: number of entries, the completion's distance from X*."""
        from grokking.analyses.tables import recovery

        return recovery.table(self, seed)
