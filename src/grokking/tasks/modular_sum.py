"""Sums of K numbers modulo p, from a random part of all samples or of a subset.

The course report "Penetrating the Grokking Phenomenon" takes all pairs of p = 97 for K = 2, and 10⁴
samples for K = 3 to 6.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from grokking.parts.fields import LARGEST, Count, Index, Observed
from grokking.rng import stream
from grokking.tasks.flipped import drawn_flips, number_flipped
from grokking.tasks.sums import SumTask
from grokking.tasks.training_set import number_observed

if TYPE_CHECKING:
    from grokking.data.sums import SumData

MOST_SUMS = 1_000_000  # samples held in memory


@dataclass(frozen=True)
class ModularSum(SumTask):
    """x₁ + … + x_K mod `p` of K `operands`; `observed` of the samples are the training set.

    `observed` is a fraction or a count. The samples are all p^K, or `samples` of them, drawn
    without repetition; another `sample` draws others. With `ascending` they are those with
    x₁ ≤ … ≤ x_K.
    """

    p: Count
    observed: Observed
    operands: Count = 2
    samples: Index = 0
    sample: Index = 0
    ascending: bool = False

    name: ClassVar = "modular_sum"

    def __post_init__(self) -> None:
        if self.operands * math.log2(self.p) > math.log2(LARGEST):
            raise ValueError("p to the power of operands must be at most 2^53")
        total = self.p**self.operands
        if not self.samples and total > MOST_SUMS:
            raise ValueError(f"{total} sums are too many to take all: set samples, at most {MOST_SUMS}")
        if self.samples > min(total, MOST_SUMS):
            raise ValueError(f"samples must be at most {min(total, MOST_SUMS)}")
        if self.ascending and self.samples:
            raise ValueError("samples must be 0: ascending takes all sums")
        number_observed(self.available, self.observed)
        number_flipped(self.train_samples, self.flipped, self.p)

    @property
    def available(self) -> int:
        """The number of samples in training and test set together."""
        if self.ascending:
            return math.comb(self.p + self.operands - 1, self.operands)
        return self.samples or self.p**self.operands

    @property
    def train_samples(self) -> int:
        """The size of the training set."""
        return number_observed(self.available, self.observed)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Modulus and number of operands, (p, K)."""
        return self.p, self.operands

    def draw(self, seed: int) -> "SumData":
        """Return the data of run `seed`: operands, train mask and flips."""
        import torch

        from grokking.data.sums import SumData

        operands = self.all_operands(seed)
        order = stream(seed, "train", self.sample).permutation(len(operands))
        observed = np.zeros(len(operands), dtype=bool)
        observed[order[: self.train_samples]] = True
        flips = drawn_flips(seed, observed, self.flipped, self.p, self.sample)
        added = None if flips is None else torch.from_numpy(flips)
        return SumData(self.p, torch.from_numpy(operands), torch.from_numpy(observed), flips=added)

    def all_operands(self, seed: int) -> np.ndarray:
        """Return the operands of all samples in lexicographic order, int64 [N, K]."""
        total = self.p**self.operands
        if self.samples:
            numbers = np.sort(stream(seed, "sample", self.sample).choice(total, self.samples, replace=False))
        else:
            numbers = np.arange(total)
        operands = np.stack(np.unravel_index(numbers, (self.p,) * self.operands), axis=1)
        return operands[(np.diff(operands, axis=1) >= 0).all(1)] if self.ascending else operands
