"""Sharp transition of classification (Lyu et al. 2024, Theorems 3.4 and 3.5, Corollaries 3.6 and 3.7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from grokking.analyses.analysis import Analysis, require_large_scales
from grokking.parts.fields import Count, Factor, Positive

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ClassificationTransition(Analysis):
    """Diagonal nets of a `depth` with exponential loss for each α of `scales`, λ = α^-p with p = `decay_exponent`."""

    n: Count
    d: Count
    k: Count
    decay_exponent: Positive
    scales: tuple[Factor, ...]
    depth: Literal[2, 3] = 2

    name: ClassVar = "classification_transition"

    def __post_init__(self) -> None:
        require_large_scales(self.scales)
        if self.k % 2 == 0 or self.k > self.d:
            raise ValueError("k must be odd and at most d")

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per α and time."""
        from grokking.analyses.tables import classification_transition

        return classification_transition.table(self, seed)
