"""Sharp transition of regression (Lyu et al. 2024, Theorems 3.9, 3.10 and 3.12, Corollary 3.11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import Analysis, require_large_scales, require_rank
from grokking.parts.fields import Count, Factor, Fraction, NonNegative, Positive

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class RegressionTransition(Analysis):
    """A planted matrix [d, d] of a `rank`, a share `observed` of its pairs, for each α of `scales`; λ = α^-p.

    `perturbation` is σ of Theorem 3.12.
    """

    d: Count
    rank: Count
    observed: Fraction
    decay_exponent: Positive
    scales: tuple[Factor, ...]
    perturbation: NonNegative = 0.0

    name: ClassVar = "regression_transition"

    def __post_init__(self) -> None:
        require_large_scales(self.scales)
        require_rank(self.rank, self.d)

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per α and time."""
        from grokking.analyses.tables import regression_transition

        return regression_transition.table(self, seed)
