"""Which wave each trained neuron carries, and whether its phases add up (Gromov 2023, Figure 3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import RunAnalysis
from grokking.analyses.nets import quadratic_net
from grokking.specs.run import RunSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class NeuronPhases(RunAnalysis):
    """Which wave each neuron of the trained nets of `of` carries, and whether its phases add up."""

    name: ClassVar = "neuron_phases"

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless the run is of a plain quadratic net."""
        super().require_run(run)
        quadratic_net(run)

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per run and neuron."""
        from grokking.analyses.tables import neuron_phases

        return neuron_phases.table(self, seed, runs[0])
