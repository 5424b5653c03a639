"""Fourier modes of the sum along a run (Nanda et al. 2023)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import RunAnalysis
from grokking.analyses.nets import modulus, require_all_pairs, require_cross_entropy, require_embedding
from grokking.parts.errors import ConfigError
from grokking.parts.fields import Count
from grokking.specs.run import RunSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FourierProgress(RunAnalysis):
    """Fourier progress measures at the snapshots of the runs of `of`, nets for x₁ + x₂ mod p.

    Gradient symmetricity is averaged over `samples` random triples of a, b and an answer.
    """

    samples: Count = 100

    name: ClassVar = "fourier_progress"
    columns: ClassVar = (
        *("step", "key_frequencies", "restricted_loss", "excluded_loss", "share_of_sum"),
        *("embedding_gini", "embedding_key_share", "distance_irrelevance"),
        "gradient_symmetricity",
    )
    reads_snapshots: ClassVar = True
    adds_accuracies: ClassVar = True

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless a net with an embedding learns all pairs, p odd and ≥ 3."""
        super().require_run(run)
        require_embedding(run)
        require_all_pairs(run)
        require_cross_entropy(run)
        if modulus(run) % 2 == 0 or modulus(run) < 3:
            raise ConfigError("task.p", modulus(run), "must be odd and at least 3: differences and sums are separated")

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per run and snapshot: see `grokking.analyses.tables.fourier_progress`."""
        from grokking.analyses.tables import fourier_progress

        return fourier_progress.table(self, seed, runs[0])
