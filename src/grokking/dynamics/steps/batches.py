"""Which samples and which noise a step sees, as a function of its number: a resumed run sees the same."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from grokking.rng import stream

DRAWN_TOGETHER = 1_000_000  # random numbers


@dataclass(frozen=True)
class Batches:
    """Batches of `batch` of `samples` training samples, 0 for all.

    Passes over the training set in random order, incomplete batches left out; or independent draws `with_replacement`.
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
        """How many samples a step sees."""
        return self.samples if self.full else self.batch

    def rows(self, step: int) -> Tensor | None:
        """The samples of step number `step`, from 1 on, int64 [size]; None for all."""
        if self.full:
            return None
        if self.with_replacement:
            part, index = divmod(step - 1, self.steps_together)
            return torch.from_numpy(independent(self, part)[index])
        epoch, index = divmod(step - 1, self.samples // self.size)
        return torch.from_numpy(order(self, epoch)[index * self.size : (index + 1) * self.size])

    def noise(self, step: int) -> np.ndarray:
        """Standard normal numbers, one for each sample of step number `step`, float64 [size]."""
        part, index = divmod(step - 1, self.steps_together)
        return np.asarray(normal(self, part)[index])

    @property
    def steps_together(self) -> int:
        """For how many steps random numbers are drawn at once."""
        return max(1, DRAWN_TOGETHER // self.size)


@lru_cache(maxsize=2)
def order(batches: Batches, epoch: int) -> np.ndarray:
    """The order of the samples in one pass, int64 [samples]."""
    return stream(batches.seed, "batches", epoch).permutation(batches.samples)


@lru_cache(maxsize=2)
def independent(batches: Batches, part: int) -> np.ndarray:
    """The samples of many steps, int64 [steps_together, size]."""
    shape = (batches.steps_together, batches.size)
    return stream(batches.seed, "batches", part).integers(0, batches.samples, shape)


@lru_cache(maxsize=2)
def normal(batches: Batches, part: int) -> np.ndarray:
    """The noise of many steps, float64 [steps_together, size]."""
    return stream(batches.seed, "label noise", part).standard_normal((batches.steps_together, batches.size))
