"""The sharp transition of classification (Lyu et al. 2024, Theorems 3.4 and 3.5)."""

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
    """A diagonal net with exponential loss, followed past its critical time for each α of `scales`.

    The net has `depth` layers and λ = α^-p, with p = `decay_exponent`. The `n` points lie in `d`
    dimensions, of which `k` decide the label.
    """

    n: Count
    d: Count
    k: Count
    decay_exponent: Positive
    scales: tuple[Factor, ...]
    depth: Literal[2, 3] = 2

    name: ClassVar = "classification_transition"
    columns: ClassVar = (
        *("alpha", "weight_decay", "relative_time", "time"),
        *("train_loss", "train_accuracy", "test_accuracy", "parameter_norm"),
        *("gradient_cosine", "complementarity"),
        *("cosine_to_l2_max_margin", "relative_l2_margin"),
        *("cosine_to_l1_max_margin", "relative_l1_margin"),
        *("margin_over_printed_z", "margin_over_z"),
        *("c4_rate_slack", "c7_rate_slack", "c4_loss_slack", "delta_in_c5", "in_kernel_ball"),
    )

    def __post_init__(self) -> None:
        require_large_scales(self.scales)
        if self.k % 2 == 0 or self.k > self.d:
            raise ValueError("k must be odd and at most d")

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per α and time."""
        from grokking.analyses.tables import classification_transition

        return classification_transition.table(self, seed)
