"""The sample complexity of max-margin classifiers (Lyu et al. 2024, Appendix E)."""

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
    """The test error of the L1 or L2 max-margin classifier, for each d, k and number of samples n.

    The number of samples n is each of `multiples` times the scale of the theory (k² log d for L1, k
    d for L2), rounded to the nearest integer, at least 2; d is the dimension and k the sparsity.
    The bounds of Lyu et al. 2024, Theorems E.4 and E.5, hold with probability 1 - `failure`.
    """

    norm: Literal[1, 2]
    dimensions: tuple[Count, ...]
    sparsities: tuple[Count, ...]
    multiples: tuple[Positive, ...]
    n_test: Count = 10_000
    failure: Fraction = 0.05

    name: ClassVar = "sample_complexity"
    columns: ClassVar = (
        *("norm", "d", "log_2d", "k", "n", "scale", "multiple"),
        *("test_error", "error_bound", "error_over_bound"),
        *("rademacher", "rademacher_error", "rademacher_bound", "rademacher_over_bound"),
        *("n_at_0.1", "n_promised_0.1", "n_at_0.01", "n_promised_0.01"),
    )

    def __post_init__(self) -> None:
        if any(k % 2 == 0 or k > min(self.dimensions) for k in self.sparsities):
            raise ValueError("sparsities must be odd and at most the smallest of the dimensions")
        require_ascending("multiples", self.multiples)

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per d, k and n: test error, Rademacher complexity and their bounds."""
        from grokking.analyses.tables import sample_complexity

        return sample_complexity.table(self, seed)
