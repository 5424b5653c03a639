"""Gradients, parameters and updates by frequency, and the effect of the slow part on the validation loss.

Grokfast amplifies the slow part of the gradient. Runs keep no gradients, so the run is repeated.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pandas as pd

from grokking.analyses.slow_part import SlowPart
from grokking.analyses.tables.replay import Replay
from grokking.analyses.tables.time_spectra import Recorder, chosen
from grokking.analyses.tables.update_bands import Splitter, measured
from grokking.nets.sum_objective import SumObjective


def table(analysis: SlowPart, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """Compute one row per run, window and frequency; then one per run, window and update band."""
    return pd.concat([of_run(run, analysis) for run in runs], ignore_index=True)


def of_run(run: Path, analysis: SlowPart) -> pd.DataFrame:
    """Compute the rows of one run."""
    replay = Replay.read(run)
    objective, seed, starts = cast(SumObjective, replay.inner), replay.spec.seed, replay.windows(analysis.length)
    recorder = Recorder(starts, analysis.length, chosen(replay.end.numel(), analysis.coordinates, seed))
    splitter = Splitter(objective, analysis, starts, measured(objective, analysis.samples, seed))
    looks = recorder, splitter
    replay.watch(*looks)
    return pd.concat([look.rows(window) for look in looks for window in starts], ignore_index=True)
