"""Draws the training set."""

import math
from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np

from grokking.rng import stream

FINE_ENOUGH = Fraction(1, 10)  # of a sample: coarser digits are a share, not a count
SINGLE, DOUBLE = Fraction(1, 2**23), Fraction(1, 2**51)  # float32, relative; a few operations in float64


@cache
def number_observed(total: int, observed: float) -> int:
    """Return the size of the training set: a fraction of `total` samples, or a count from 2 on.

    A fraction that stands for a count gives this count: 45/9409 of 9409 samples are 45
    (`count_meant`). Any other fraction is rounded down: 0.4 of 9409 samples are 3763, as in Lyu et
    al. 2024. Raises `ValueError` unless some samples are left to train on and some to test on.
    """
    if observed >= 2:
        count = int(observed)
    else:
        meant = count_meant(total, observed)
        count = math.floor(decimal(observed) * total) if meant is None else meant
    if not 0 < count < total or (observed >= 2 and observed != count):
        raise ValueError(
            f"observed must leave at least one of {total} to train on and one to test on; "
            "it is a fraction below 1 or a count of at least 2"
        )
    return count


def count_meant(total: int, share: float) -> int | None:
    """Return the count k of `total` samples that a fraction stands for, or None.

    The fraction k / `total` must agree with `share` to the precision of the digits that `share` is
    written with, or of a float32 or float64, and this precision must be at most a tenth of a
    sample. The digits of 0.2151 do not tell one count of 9409 samples from the next; those of
    0.21516 do.
    """
    exact = decimal(share) * total
    count = round(exact)
    last_digit = Fraction(f"1e{Decimal(repr(float(share))).as_tuple().exponent}")
    precisions = (last_digit, SINGLE * decimal(share), DOUBLE)
    close = any(abs(exact - count) <= total * one <= FINE_ENOUGH for one in precisions)
    return count if close and count < total else None


def decimal(share: float) -> Fraction:
    """Return a float as the decimal number that is written: 0.57 as 57/100, not as binary."""
    return Fraction(repr(float(share)))


def random_mask(seed: int, available: np.ndarray, observed: float) -> np.ndarray:
    """Return the train mask of run `seed`, drawn without replacement from `available` samples.

    `available` and the train mask are bool arrays of one shape; `observed` is a fraction or a
    count.
    """
    entries = np.flatnonzero(available)
    order = stream(seed, "train").permutation(len(entries))
    mask = np.zeros(available.size, dtype=bool)
    mask[entries[order[: number_observed(len(entries), observed)]]] = True
    return mask.reshape(available.shape)
