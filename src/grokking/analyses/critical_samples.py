"""The number of training samples that nets need to generalise, for each modulus."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import RunAnalysis
from grokking.analyses.nets import modulus
from grokking.parts.fields import Fraction
from grokking.specs.run import RunSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class CriticalSamples(RunAnalysis):
    """The fewest samples from which on all nets of the sweep `of` generalise, by modulus and K.

    A net has generalised if its test accuracy reached `level`.
    """

    level: Fraction = 0.99

    name: ClassVar = "critical_samples"
    columns: ClassVar = ("p", "operands", "samples", "observed")
    reads_sweeps: ClassVar = True

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless the run learns pairs or sums modulo p."""
        super().require_run(run)
        modulus(run)

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """Return one row per p and K: the fewest samples from which on every net generalises; `observed`."""
        from grokking.analyses.tables import critical_samples

        return critical_samples.table(self, seed, runs[0])
