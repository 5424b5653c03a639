"""The frequencies that a trained net for a + b mod p uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import RunAnalysis
from grokking.analyses.nets import modulus, require_all_pairs, require_embedding
from grokking.parts.errors import ConfigError
from grokking.specs.run import RunSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FourierSpectrum(RunAnalysis):
    """The power of each frequency in the embedding and the outputs, at the end of the runs of `of`.

    The nets learn x₁ + x₂ mod p on all pairs.
    """

    name: ClassVar = "fourier_spectrum"
    columns: ClassVar = ("frequency", "embedding_share", "outputs_share", "key")
    reads_snapshots: ClassVar = True

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless a net with an embedding learns all pairs modulo p ≥ 3."""
        super().require_run(run)
        require_embedding(run)
        require_all_pairs(run)
        if modulus(run) < 3:
            raise ConfigError("task.p", modulus(run), "must be at least 3: below there is no wave")

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per run and frequency: its share of the power of embedding and outputs."""
        from grokking.analyses.tables import fourier_spectrum

        return fourier_spectrum.table(self, seed, runs[0])
