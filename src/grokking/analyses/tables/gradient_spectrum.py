"""How fast the gradient changes from step to step: the power spectrum in training time of some of its coordinates."""

import numpy as np
import pandas as pd
import torch
from scipy.signal import periodogram
from torch import Tensor

from grokking.rng import stream


def chosen(size: int, count: int, seed: int) -> Tensor:
    """So many of the coordinates of a gradient of a size, drawn for run `seed`, ascending."""
    return torch.from_numpy(np.sort(stream(seed, "coordinates").permutation(size)[:count]))


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

    def rows(self, window: str) -> pd.DataFrame:
        """For each frequency (cycles per step) the share of the power there, and up to there, in one window."""
        return spectrum(self.of(window)).assign(window=window, start=self.starts[window])
