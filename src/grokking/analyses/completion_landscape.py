"""The landscape of regularised matrix completion (Lyu et al. 2024, Theorems F.1 to F.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import Analysis, require_rank
from grokking.parts.fields import Count, Fraction, Positive

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class CompletionLandscape(Analysis):
    """Minima and saddles of the regularised loss (5) of W = UUᵀ - VVᵀ for a planted matrix.

    The matrix [d, d] has rank `rank`; a fraction `observed` of its pairs is known. Minima are sought
    from `starts` random starts, saddles among nets whose U and V have at most `widest` columns that
    are not 0.
    """

    d: Count
    rank: Count
    observed: Fraction
    weight_decay: Positive
    starts: Count
    widest: Count = 2

    name: ClassVar = "completion_landscape"
    columns: ClassVar = ("kind", "loss", "excess", "stationarity", "least_curvature")

    def __post_init__(self) -> None:
        require_rank(self.rank, self.d)
        if self.widest > self.d:
            raise ValueError(f"widest must be at most d, {self.d}: U and V have d columns")

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per critical point: its kind, its loss and the least curvature there."""
        from grokking.analyses.tables import completion_landscape

        return completion_landscape.table(self, seed)
