"""Which of a set of samples make up the training set."""

from fractions import Fraction

import numpy as np

from grokking.rng import stream


def number_observed(total: int, observed: float) -> int:
    """How many of `total` samples are observed: a fraction of them, rounded down, or a count from 2 on.

    The fraction is taken as the decimal number it is written as: 0.57 of 10 000 is 5 700. Raises `ValueError` unless
    some samples are observed and some are not.
    """
    count = int(observed) if observed >= 2 else int(Fraction(repr(observed)) * total)
    if not 0 < count < total or (observed >= 2 and observed != count):
        raise ValueError(
            f"observed must leave at least one of {total} to train on and one to test on; "
            "it is a fraction below 1 or a whole number from 2 on"
        )
    return count


def random_mask(seed: int, size: int, observed: float) -> np.ndarray:
    """The observed entries of a square table in run `seed`, drawn without replacement, bool [size, size]."""
    return mask_within(seed, np.ones((size, size), dtype=bool), observed)


def mask_within(seed: int, available: np.ndarray, observed: float) -> np.ndarray:
    """Observed entries among those `available` alone, a mask of the same shape."""
    entries = np.flatnonzero(available)
    mask = np.zeros(available.size, dtype=bool)
    mask[entries[stream(seed, "train").permutation(len(entries))[: number_observed(len(entries), observed)]]] = True
    return mask.reshape(available.shape)
