"""Fourier modes of the sum along a run (Nanda et al. 2023)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import RunAnalysis
from grokking.analyses.nets import modulus, require_all_pairs, require_embedding
from grokking.parts.errors import ConfigError
from grokking.parts.fields import Count
from grokking.specs.run import RunSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FourierProgress(RunAnalysis):
    """What the snapshots of the runs of `of`, nets for x₁ + x₂ on all pairs, have in Fourier modes of the sum.

    Symmetricity is averaged over `samples` random triples of a, b and an answer.
    """

    samples: Count = 100

    name: ClassVar = "fourier_progress"
    reads_snapshots: ClassVar = True

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless a net with an embedding learns all pairs modulo an odd p of at least 3."""
        super().require_run(run)
        require_embedding(run)
        require_all_pairs(run)
        if modulus(run) % 2 == 0 or modulus(run) < 3:
            raise ConfigError("task.p", modulus(run), "must be odd and at least 3: differences and sums are separated")

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per run and snapshot."""
        from grokking.analyses.tables import fourier_progress

        return fourier_progress.table(self, seed, runs[0])
