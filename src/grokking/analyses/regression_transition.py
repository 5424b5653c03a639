"""The sharp transition of regression (Lyu et al. 2024, Theorems 3.9, 3.10 and 3.12)."""

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
    """The completion of a planted matrix by gradient flow, for each α of `scales`.

    The matrix [d, d] has rank `rank`; a fraction `observed` of its pairs is known. λ = α^-p with
    p = `decay_exponent`; `perturbation` is σ of Theorem 3.12.
    """

    d: Count
    rank: Count
    observed: Fraction
    decay_exponent: Positive
    scales: tuple[Factor, ...]
    perturbation: NonNegative = 0.0

    name: ClassVar = "regression_transition"
    columns: ClassVar = (
        *("alpha", "weight_decay", "relative_time", "time"),
        *("distance_to_zero_filled", "distance_to_least_nuclear_norm", "distance_to_target"),
        *("parameter_norm", "largest_residual", "gradient_cosine", "train_loss"),
        *("d1_loss_slack", "delta_in_d2", "in_kernel_ball"),
    )

    def __post_init__(self) -> None:
        require_large_scales(self.scales)
        require_rank(self.rank, self.d)

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per α and time."""
        from grokking.analyses.tables import regression_transition

        return regression_transition.table(self, seed)
