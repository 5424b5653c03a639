"""The power spectra, in training time, of some coordinates of the gradient and of the parameters."""

import numpy as np
import pandas as pd
import torch
from scipy.signal import periodogram
from torch import Tensor

from grokking.rng import stream


def chosen(size: int, count: int, seed: int, purpose: str = "coordinates") -> Tensor:
    """Draw `count` of `size` numbers from 0 on, or all if there are fewer; ascending, int64."""
    return torch.from_numpy(np.sort(stream(seed, purpose).permutation(size)[:count]))


def shares(series: np.ndarray, detrend: str | bool) -> tuple[np.ndarray, np.ndarray]:
    """Return each frequency (cycles per step), and its share of the power.

    The power of `series` [length, coordinates] is summed over the coordinates.
    """
    frequency, power = periodogram(series, window="hann", detrend=detrend, axis=0)
    return frequency, power.sum(1) / power.sum()


def spectrum(gradients: np.ndarray, weights: np.ndarray) -> pd.DataFrame:
    """Compute the share of the power at each frequency, and up to it: one row per frequency.

    Both arrays are [length, coordinates]. The straight line through each parameter's values is
    subtracted: a net that moves on steadily would have all its power at the lowest frequencies.
    """
    frequency, share = shares(gradients, False)
    _, weight_share = shares(weights, "linear")
    return pd.DataFrame({
        "frequency": frequency, "share": share, "share_below": share.cumsum(),
        "weight_share": weight_share, "weight_share_below": weight_share.cumsum(),
    })  # fmt: skip


class Recorder:
    """Keeps some `coordinates` of gradient and parameters during windows of `length` steps.

    `starts` has, by window, the step before the window's first.
    """

    def __init__(self, starts: dict[str, int], length: int, coordinates: Tensor) -> None:
        self.starts, self.length, self.coordinates = starts, length, coordinates
        self.kept: dict[int, Tensor] = {}

    def __call__(self, step: int, theta: Tensor, gradient: Tensor) -> None:
        """Keep gradient and parameters before step `step` if the step is in a window."""
        if any(start < step <= start + self.length for start in self.starts.values()):
            self.kept[step] = torch.stack([both.flatten()[self.coordinates] for both in (gradient, theta)])

    def of(self, window: str) -> np.ndarray:
        """Return gradients and parameters of one window, float64 [2, length, coordinates]."""
        first = self.starts[window] + 1
        kept = [self.kept[step] for step in range(first, first + self.length)]
        return torch.stack(kept, dim=1).to(torch.float64).numpy()

    def rows(self, window: str) -> pd.DataFrame:
        """Compute the spectra of one window: one row per frequency."""
        return spectrum(*self.of(window)).assign(window=window, start=self.starts[window])
