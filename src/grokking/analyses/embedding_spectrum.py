"""Which frequencies the embedding of a net for sums has where its training starts, and where it ends."""

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
    """The power of each frequency in the embedding of the runs of `of`, nets for sums, where they start and end."""

    name: ClassVar = "embedding_spectrum"

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless a net for sums has an embedding, modulo a p of at least 3."""
        super().require_run(run)
        require_embedding(run)
        if modulus(run) < 3:
            raise ConfigError("task.p", modulus(run), "must be at least 3: below there is no wave")

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per run and frequency: its share of the embedding's power, at the start and at the end."""
        from grokking.analyses.tables import embedding_spectrum

        return embedding_spectrum.table(self, seed, runs[0])
