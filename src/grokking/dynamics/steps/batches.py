"""Samples and noise of a step as a function of its number, so that a resumed run sees the same."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import torch
from torch import Tensor

from grokking.rng import stream

DRAWN_TOGETHER = 1_000_000  # random numbers, at most


@dataclass(frozen=True)
class Batches:
    """The samples of each step: `batch` of `samples` training samples; `batch` 0 stands for all.

    They are passes over the training set in random order, without an incomplete last batch, or
    independent draws `with_replacement`. The samples are a function of `seed` and step.
    """

    samples: int
    batch: int
    with_replacement: bool
    seed: int

    @property
    def full(self) -> bool:
        """Whether every step sees all samples, in their order."""
        return not self.with_replacement and (self.batch == 0 or self.batch >= self.samples)

    @property
    def size(self) -> int:
        """The number of samples that a step sees."""
        return self.samples if self.full else self.batch

    @property
    def per_epoch(self) -> int:
        """The number of steps in an epoch: a pass, or as many independent draws."""
        return max(1, self.samples // self.size)

    def rows(self, step: int) -> Tensor | None:
        """The samples of step number `step`, from 1 on, int64 [size]; None for all samples."""
        return None if self.full else torch.from_numpy(self.rows_of(range(step, step + 1))[0])

    def rows_of(self, steps: range) -> np.ndarray:
        """The samples of consecutive steps, int64 [steps, size]; not for full batches."""
        if self.with_replacement:
            return joined(partial(independent, self), self.steps_together, steps)
        return joined(partial(passed, self), self.per_epoch, steps)

    def noise_of(self, steps: range) -> np.ndarray:
        """Standard normal numbers for each sample of consecutive steps, float64 [steps, size]."""
        return joined(partial(normal, self), self.steps_together, steps)

    @property
    def steps_together(self) -> int:
        """The number of steps whose random numbers are drawn at once."""
        return max(1, DRAWN_TOGETHER // self.size)


def joined(draw: Callable[[int], np.ndarray], length: int, steps: range) -> np.ndarray:
    """Return the rows of consecutive `steps`, from 1 on, of a table that is drawn in parts.

    `draw(k)` returns part number k, from 0 on, which has `length` rows: those of the steps
    k · `length` + 1 to (k + 1) · `length`.
    """
    first, last = steps[0] - 1, steps[-1] - 1
    parts = range(first // length, last // length + 1)
    return np.concatenate([draw(part)[max(0, first - part * length) : last + 1 - part * length] for part in parts])


@lru_cache(maxsize=64)  # a pass for each run of a batch
def passed(batches: Batches, epoch: int) -> np.ndarray:
    """The samples of the steps of pass number `epoch`, int64 [per_epoch, size]."""
    order = stream(batches.seed, "batches", epoch).permutation(batches.samples)
    return order[: batches.per_epoch * batches.size].reshape(-1, batches.size)


@lru_cache(maxsize=2)
def independent(batches: Batches, part: int) -> np.ndarray:
    """The samples of part number `part` of all steps, int64 [steps_together, size]."""
    shape = (batches.steps_together, batches.size)
    return stream(batches.seed, "batches", part).integers(0, batches.samples, shape)


@lru_cache(maxsize=2)
def normal(batches: Batches, part: int) -> np.ndarray:
    """The noise of part number `part` of all steps, float64 [steps_together, size]."""
    return stream(batches.seed, "label noise", part).standard_normal((batches.steps_together, batches.size))
