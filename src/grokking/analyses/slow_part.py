"""The slow part of gradients, parameters and updates, and how much it lowers the validation loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grokking.analyses.analysis import RunAnalysis, require_ascending
from grokking.analyses.nets import require_steps_from_initialisation, token_net
from grokking.parts.errors import ConfigError
from grokking.parts.fields import Count
from grokking.specs.run import RunSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class SlowPart(RunAnalysis):
    """Gradients, parameters and updates by frequency, in windows of `length` steps of the runs of `of`.

    The table has the power spectra in time of `coordinates` random coordinates of gradient and
    parameters. It also has the contribution of fast and slow parts of the updates to the fall of
    the loss on `samples` samples of the validation set, at every step. The parts are separated by
    exponential averages over `times` steps.
    """

    length: Count = 1024
    coordinates: Count = 1000
    times: tuple[Count, ...] = (10, 100, 1000)
    samples: Count = 1024

    name: ClassVar = "slow_part"
    columns: ClassVar = (
        *("frequency", "share", "share_below", "weight_share", "weight_share_below", "window", "start"),
        *("band", "gain", "norm", "gain_per_norm", "total_gain", "fall", "validation_fall"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        require_ascending("times", self.times)

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless a net for sums takes `length` steps or more from its start."""
        super().require_run(run)
        token_net(run)
        require_steps_from_initialisation(run)
        if self.length > run.steps:
            raise ConfigError("length", self.length, f"must be at most the {run.steps} steps of the run")

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """One row per run, window and frequency; then one per run, window and band of updates."""
        from grokking.analyses.tables import slow_part

        return slow_part.table(self, seed, runs[0])
