"""How far weight decay keeps the limit of the flow from X* (Lyu et al. 2024, Theorem 3.12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import Analysis, require_rank
from grokking.parts.fields import Count, Fraction, Positive

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class DecayError(Analysis):
    """The completion of a planted matrix by gradient flow, for each λ of `weight_decays`.

    The matrix [d, d] has rank `rank`; a fraction `observed` of its pairs is known. The flow starts
    from U, V ~ N(α I, σ²) entrywise, with α = `init_scale` and σ = `perturbation`.
    """

    d: Count
    rank: Count
    observed: Fraction
    weight_decays: tuple[Positive, ...]
    init_scale: Positive = 1.0
    perturbation: Positive = 0.1

    name: ClassVar = "decay_error"
    columns: ClassVar = ("weight_decay", "error", "relative_error")

    def __post_init__(self) -> None:
        require_rank(self.rank, self.d)

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per λ: the distance of the flow's limit from X*."""
        from grokking.analyses.tables import decay_error

        return decay_error.table(self, seed)
