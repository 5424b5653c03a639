"""The power spectrum, in training time, of some coordinates of the gradient."""

import numpy as np
import pandas as pd
import torch
from scipy.signal import periodogram
from torch import Tensor

from grokking.rng import stream


def chosen(size: int, count: int, seed: int) -> Tensor:
    """Draw `count` coordinates of a gradient with `size` entries; ascending, int64."""
    return torch.from_numpy(np.sort(stream(seed, "coordinates").permutation(size)[:count]))


def spectrum(gradients: np.ndarray) -> pd.DataFrame:
    """Compute the share of the power at each frequency (cycles per step), and up to it.

    The power of `gradients` [length, coordinates] is summed over the coordinates.
    """
    frequency, power = periodogram(gradients, window="hann", detrend=False, axis=0)
    share = power.sum(1) / power.sum()
    return pd.DataFrame({"frequency": frequency, "share": share, "share_below": share.cumsum()})


class Recorder:
    """Keeps some `coordinates` of the gradient during windows of `length` steps.

    `starts` has, by window, the step before the window's first.
    """

    def __init__(self, starts: dict[str, int], length: int, coordinates: Tensor) -> None:
        self.starts, self.length, self.coordinates = starts, length, coordinates
        self.kept: dict[int, Tensor] = {}

    def __call__(self, step: int, theta: Tensor, gradient: Tensor) -> None:
        """Keep the gradient of step `step` if the step is in a window."""
        if any(start < step <= start + self.length for start in self.starts.values()):
            self.kept[step] = gradient.flatten()[self.coordinates]

    def of(self, window: str) -> np.ndarray:
        """Return the gradients of one window, float64 [length, coordinates]."""
        first = self.starts[window] + 1
        kept = [self.kept[step] for step in range(first, first + self.length)]
        return torch.stack(kept).to(torch.float64).numpy()

    def rows(self, window: str) -> pd.DataFrame:
        """Compute the spectrum of one window: one row per frequency."""
        return spectrum(self.of(window)).assign(window=window, start=self.starts[window])
