"""Which entries of a square table make up the training set."""

import numpy as np
import torch
from torch import Tensor

from grokking.rng import stream


def number_observed(size: int, fraction: float) -> int:
    """How many of the size² entries are observed, rounded down; `ValueError` unless some are and some are not."""
    count = int(fraction * size**2)
    if not 0 < count < size**2:
        raise ValueError("observed must leave at least one entry to train on and one to test on")
    return count


def random_mask(seed: int, size: int, fraction: float) -> Tensor:
    """The observed entries of run `seed`, drawn without replacement, bool [size, size]."""
    mask = np.zeros(size**2, dtype=bool)
    mask[stream(seed, "train").permutation(size**2)[: number_observed(size, fraction)]] = True
    return torch.from_numpy(mask.reshape(size, size))
