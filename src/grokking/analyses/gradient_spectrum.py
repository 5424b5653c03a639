"""How fast the gradient changes from step to step, before, at and after generalisation: its power spectrum in time.

Grokfast amplifies what changes slowly in it. A run kept no gradients, so its steps are taken once more, and a random
part of the coordinates is recorded.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.signal import periodogram
from torch import Tensor

from grokking.analyses.replay import Replay
from grokking.rng import stream
from grokking.specs.analyses import GradientSpectrum


def table(analysis: GradientSpectrum, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """For each run, window and frequency (cycles per step) the share of the power there, and up to there."""
    return pd.concat([spectra(run, analysis) for run in runs], ignore_index=True)


def spectra(run: Path, analysis: GradientSpectrum) -> pd.DataFrame:
    """Those of one run."""
    replay = Replay.read(run)
    starts = replay.windows(analysis.length)
    chosen = stream(replay.spec.seed, "coordinates").permutation(replay.end.numel())[: analysis.coordinates]
    recorder = Recorder(starts, analysis.length, torch.from_numpy(np.sort(chosen)))
    replay.watch(recorder)
    parts = [spectrum(recorder.of(name)).assign(window=name, start=start) for name, start in starts.items()]
    return pd.concat(parts, ignore_index=True)


def spectrum(gradients: np.ndarray) -> pd.DataFrame:
    """The power of gradients [length, coordinates] at each frequency, summed over coordinates, as shares of all."""
    frequency, power = periodogram(gradients, window="hann", detrend=False, axis=0)
    share = power.sum(1) / power.sum()
    return pd.DataFrame({"frequency": frequency, "share": share, "share_below": share.cumsum()})


class Recorder:
    """Keeps some `coordinates` of the gradients in windows of `length` steps; `starts` are the steps before them."""

    def __init__(self, starts: dict[str, int], length: int, coordinates: Tensor) -> None:
        self.starts, self.length, self.coordinates = starts, length, coordinates
        self.kept: dict[int, Tensor] = {}

    def __call__(self, step: int, theta: Tensor, gradient: Tensor) -> None:
        """Look at one step."""
        if any(start < step <= start + self.length for start in self.starts.values()):
            self.kept[step] = gradient.flatten()[self.coordinates]

    def of(self, window: str) -> np.ndarray:
        """Those of one window, float64 [length, coordinates]."""
        first = self.starts[window] + 1
        kept = [self.kept[step] for step in range(first, first + self.length)]
        return torch.stack(kept).to(torch.float64).numpy()
