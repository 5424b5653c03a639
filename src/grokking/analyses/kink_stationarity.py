"""KKT residuals of a ReLU net that slides along kinks (Lyu et al. 2024, Theorem 3.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import RunAnalysis
from grokking.models.two_layer_net import TwoLayerNet
from grokking.parts.errors import ConfigError
from grokking.parts.fields import NonNegative
from grokking.specs.run import RunSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class KinkStationarity(RunAnalysis):
    """How near a Clarke subgradient of the loss comes to balancing θ, at the end of the runs of `of`: ReLU nets.

    A pre-activation counts as on the kink within each of `thresholds` of 0, in units of its neuron's root mean square.
    """

    thresholds: tuple[NonNegative, ...]

    name: ClassVar = "kink_stationarity"

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless the run is of a two-layer ReLU net with weight decay."""
        super().require_run(run)
        if not isinstance(run.model, TwoLayerNet) or not run.weight_decay:
            raise ConfigError("model", run.model.name, "must be a two_layer_net with weight_decay")

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per run and threshold."""
        from grokking.analyses.tables import kink_stationarity

        return kink_stationarity.table(self, seed, runs[0])
