"""Training labels that are replaced by other labels, as in data with wrong labels."""

from dataclasses import dataclass, field
from typing import Annotated

import numpy as np

from grokking.parts.fields import Range
from grokking.rng import stream
from grokking.tasks.training_set import number_observed

Flipped = Annotated[
    float,
    Range(lambda x: 0 <= x < 1 or (x >= 1 and float(x).is_integer()), "must be a fraction below 1 or a count"),
]


@dataclass(frozen=True)
class FlippedLabels:
    """A task that can replace some of the training labels by other labels.

    `flipped`, a fraction below 1 or a count, says how many labels are replaced. The samples are
    drawn by seed; those of a larger number include those of a smaller one. The labels of the test
    set stay right.
    """

    flipped: Flipped = field(default=0.0, kw_only=True)


def number_flipped(samples: int, flipped: float, classes: int) -> int:
    """Return how many of the labels of `samples` training samples are flipped.

    `flipped` is a count or a fraction; a fraction gives a count as in `number_observed`. Raises
    `ValueError` if the count is 0 although `flipped` is not, if it is above `samples`, or if there
    are fewer than two `classes`.
    """
    try:
        count = number_observed(samples, flipped) if 0 < flipped < 1 else int(flipped)
    except ValueError:  # a fraction that stands for no sample
        count = 0
    if count > samples or (flipped and (not count or classes < 2)):
        allowed = f"must flip at least one and at most all of {samples} training labels, to one of 2 or more"
        raise ValueError(f"flipped {allowed}; it is a fraction below 1 or a count")
    return count


def drawn_flips(seed: int, observed: np.ndarray, flipped: float, classes: int, part: int = 0) -> np.ndarray | None:
    """Return what is added to the labels of run `seed` modulo `classes`, or None if nothing is.

    It is int64, shaped like the train mask `observed`: 0 where a label stays, else one of 1, …,
    classes - 1, all equally likely. `part` numbers the random stream, as in `grokking.rng.stream`.
    """
    if not flipped:
        return None
    samples, generator = np.flatnonzero(observed), stream(seed, "flipped", part)
    shifts, order = generator.integers(1, classes, len(samples)), generator.permutation(len(samples))
    chosen = order[: number_flipped(len(samples), flipped, classes)]
    flips = np.zeros(observed.size, dtype=np.int64)
    flips[samples[chosen]] = shifts[chosen]
    return flips.reshape(observed.shape)
