"""Draws the training set."""

from fractions import Fraction

import numpy as np

from grokking.rng import stream


def number_observed(total: int, observed: float) -> int:
    """The size of the training set: a fraction of `total`, rounded down, or a count of at least 2.

    The fraction is read as the decimal number that is written: 0.57 of 10 000 is 5 700. Raises
    `ValueError` unless some samples are left to train on and some to test on.
    """
    count = int(observed) if observed >= 2 else int(Fraction(repr(observed)) * total)
    if not 0 < count < total or (observed >= 2 and observed != count):
        raise ValueError(
            f"observed must leave at least one of {total} to train on and one to test on; "
            "it is a fraction below 1 or a count of at least 2"
        )
    return count


def random_mask(seed: int, available: np.ndarray, observed: float) -> np.ndarray:
    """The train mask of run `seed`, drawn without replacement from the `available` samples.

    Both masks are bool arrays of one shape.
    """
    entries = np.flatnonzero(available)
    order = stream(seed, "train").permutation(len(entries))
    mask = np.zeros(available.size, dtype=bool)
    mask[entries[order[: number_observed(len(entries), observed)]]] = True
    return mask.reshape(available.shape)
