"""How slow gradient and updates are around generalisation, and what their slow part is worth."""

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
    """How slow gradient and updates are in windows of `length` steps of the runs of `of`, and what that is worth.

    Power spectra in time of some `coordinates` of the gradient; and what the validation loss gains by parts of the
    updates that are told apart by exponential averages over `times` steps, measured `every` so many steps.
    """

    length: Count = 1024
    coordinates: Count = 1000
    times: tuple[Count, ...] = (10, 100, 1000)
    every: Count = 32

    name: ClassVar = "slow_part"

    def __post_init__(self) -> None:
        super().__post_init__()
        require_ascending("times", self.times)
        if self.length % self.every:
            raise ValueError("length must be a multiple of every")

    def require_run(self, run: RunSpec) -> None:
        """Raise `ConfigError` unless a net for sums takes steps from its initialisation, at least a window of them."""
        super().require_run(run)
        token_net(run)
        require_steps_from_initialisation(run)
        if self.length > run.steps:
            raise ConfigError("length", self.length, f"must be at most the {run.steps} steps of the run")

    def table(self, seed: int, runs: Sequence[Sequence[Path]] = ()) -> "pd.DataFrame":
        """For each run and window a row for each frequency of the gradient, then one for each band of the updates."""
        from grokking.analyses.tables import slow_part

        return slow_part.table(self, seed, runs[0])
