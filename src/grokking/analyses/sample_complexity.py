"""Sample complexity of max-margin classifiers (Lyu et al. 2024, Appendix E, Theorems E.2-E.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from grokking.analyses.analysis import Analysis, require_ascending
from grokking.parts.fields import Count, Fraction, Positive

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class SampleComplexity(Analysis):
    """The L`norm` max-margin classifier for each d of `dimensions` and k of `sparsities`.

    n runs over `multiples` of the scale that the theory names, k² log d for L1 and k d for L2. With probability
    1 - `failure` each bound of E.4 and E.5 holds.
    """

    norm: Literal[1, 2]
    dimensions: tuple[Count, ...]
    sparsities: tuple[Count, ...]
    multiples: tuple[Positive, ...]
    n_test: Count = 10_000
    failure: Fraction = 0.05

    name: ClassVar = "sample_complexity"

    def __post_init__(self) -> None:
        if any(k % 2 == 0 or k > min(self.dimensions) for k in self.sparsities):
            raise ValueError("sparsities must be odd and at most the smallest of the dimensions")
        require_ascending("multiples", self.multiples)

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per d, k and n."""
        from grokking.analyses.tables import sample_complexity

        return sample_complexity.table(self, seed)
