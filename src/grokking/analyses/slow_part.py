"""How slow gradient and updates are before, at and after generalisation, and what their slow part is worth.

Grokfast amplifies what changes slowly in the gradient. A run kept no gradients, so its steps are taken once more.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from grokking.analyses.gradient_spectrum import Recorder, chosen
from grokking.analyses.replay import Replay
from grokking.analyses.update_bands import Splitter
from grokking.models.sum_objective import SumObjective
from grokking.specs.analyses import SlowPart
from grokking.specs.fields import ConfigError


def table(analysis: SlowPart, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """For each run and window a row for each frequency of the gradient, then one for each band of the updates."""
    return pd.concat([of_run(run, analysis) for run in runs], ignore_index=True)


def of_run(run: Path, analysis: SlowPart) -> pd.DataFrame:
    """The rows of one run. Raises `ConfigError` unless it is of a net for sums."""
    replay = Replay.read(run)
    if not isinstance(replay.inner, SumObjective):
        raise ConfigError(f"run {replay.spec.id}: model", replay.spec.model.name, "must be a net for modular_sum")
    starts = replay.windows(analysis.length)
    coordinates = chosen(replay.end.numel(), analysis.coordinates, replay.spec.seed)
    looks = Recorder(starts, analysis.length, coordinates), Splitter(replay.inner, analysis, starts)
    replay.watch(*looks)
    return pd.concat([look.rows(window) for look in looks for window in starts], ignore_index=True)
