"""How many samples a sweep over moduli and fractions needs to generalise."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import RunAnalysis
from grokking.analyses.nets import modulus
from grokking.specs.run import RunSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class CriticalSamples(RunAnalysis):
    """How many samples the nets of the sweep `of` need for every modulus: the fewest from which on all generalise."""

    name: ClassVar = "critical_samples"
    reads_sweeps: ClassVar = True

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless the run is of a net for pairs or sums modulo p."""
        super().require_run(run)
        modulus(run)

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per p: the fewest training samples, and their fraction, from which on every net has grokked."""
        from grokking.analyses.tables import critical_samples

        return critical_samples.table(self, seed, runs[0])
