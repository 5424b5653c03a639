"""Which samples and which noise a step sees, as a function of its number: a resumed run sees the same."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from grokking.rng import stream

BLOCK = 10_000  # steps whose random numbers are drawn together


@dataclass(frozen=True)
class Batches:
    """Batches of `size` of `samples` training samples, 0 for all.

    Passes over the training set in random order, incomplete batches left out; or independent draws `with_replacement`.
    """

    samples: int
    size: int
    with_replacement: bool
    seed: int

    @property
    def full(self) -> bool:
        """Whether every step sees all samples."""
        return not self.with_replacement and (self.size == 0 or self.size >= self.samples)

    def rows(self, step: int) -> Tensor | None:
        """The samples of step number `step`, from 1 on, int64 [size]; None for all."""
        if self.full:
            return None
        if self.with_replacement:
            block, index = divmod(step - 1, BLOCK)
            return drawn(self, block)[index]
        epoch, index = divmod(step - 1, self.samples // self.size)
        return order(self, epoch)[index * self.size : (index + 1) * self.size]


@lru_cache(maxsize=2)
def order(batches: Batches, epoch: int) -> Tensor:
    """The order of the samples in one pass, int64 [samples]."""
    return torch.from_numpy(stream(batches.seed, "batches", epoch).permutation(batches.samples))


@lru_cache(maxsize=2)
def drawn(batches: Batches, block: int) -> Tensor:
    """Independent draws for a block of steps, int64 [BLOCK, size]."""
    size = max(1, batches.size)
    return torch.from_numpy(stream(batches.seed, "batches", block).integers(0, batches.samples, (BLOCK, size)))


@lru_cache(maxsize=2)
def normals(seed: int, block: int, size: int) -> np.ndarray:
    """Standard normal noise on the targets for a block of steps, float64 [BLOCK, size]."""
    return stream(seed, "label noise", block).standard_normal((BLOCK, size))
