"""The frequencies in the embedding of a net for sums, before and after training."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import RunAnalysis
from grokking.analyses.nets import modulus, require_embedding
from grokking.parts.errors import ConfigError
from grokking.specs.run import RunSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class EmbeddingSpectrum(RunAnalysis):
    """The power of each frequency in the embedding, at the start and end of the runs of `of`."""

    name: ClassVar = "embedding_spectrum"
    columns: ClassVar = ("frequency", "start_share", "end_share", "correlation")

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless the net is for sums modulo p ≥ 3 and has an embedding."""
        super().require_run(run)
        require_embedding(run)
        if modulus(run) < 3:
            raise ConfigError("task.p", modulus(run), "must be at least 3: below there is no wave")

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per run and frequency: the share of the embedding's power, at start and end."""
        from grokking.analyses.tables import embedding_spectrum

        return embedding_spectrum.table(self, seed, runs[0])
