"""The frequency and the phases of trained neurons (Gromov 2023, Figure 3)."""

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
    """The wave that each neuron of the trained nets of `of` carries, and the sum of its phases."""

    name: ClassVar = "neuron_phases"
    columns: ClassVar = (
        *("dynamics", "neuron", "frequency", "phase_1", "phase_2", "phase_3"),
        *("phase_sum", "phase_error", "interference", "share", "test_accuracy"),
    )

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless the run trains a quadratic net without batch normalisation."""
        super().require_run(run)
        quadratic_net(run)

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per run and neuron: frequency, phases, their sum, share of the power."""
        from grokking.analyses.tables import neuron_phases

        return neuron_phases.table(self, seed, runs[0])
