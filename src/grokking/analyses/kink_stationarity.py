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
    """The distance of ReLU nets from a KKT point, over Clarke subgradients, at the end of runs.

    A pre-activation counts as on the kink if it is within the threshold of 0, in units of its
    neuron's root mean square. Each of `thresholds` is tried.
    """

    thresholds: tuple[NonNegative, ...]

    name: ClassVar = "kink_stationarity"
    columns: ClassVar = (
        *("step", "time", "train_accuracy", "test_accuracy", "complementarity", "speed"),
        *("threshold", "near_kink", "residual", "residual_gap", "control", "cosine", "sine_gap"),
    )

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless the run is of a two-layer ReLU net with weight decay."""
        super().require_run(run)
        if not isinstance(run.model, TwoLayerNet) or not run.weight_decay:
            raise ConfigError("model", run.model.name, "must be a two_layer_net with weight_decay")
        if run.dynamics.log_loss:
            raise ConfigError("dynamics", run.dynamics.name, "must follow the loss and not its logarithm")

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per run and threshold: see `grokking.analyses.tables.kink_stationarity.rows`."""
        from grokking.analyses.tables import kink_stationarity

        return kink_stationarity.table(self, seed, runs[0])
