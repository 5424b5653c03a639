"""Modular addition, a + b ≡ c (mod p), from a random fraction of its table (Lyu et al. 2024, Section 2)."""

from dataclasses import dataclass

import numpy as np
import torch

from grokking.params import Count, Fraction
from grokking.rng import stream
from grokking.tasks.operation import OperationData


@dataclass(frozen=True)
class ModularAddition:
    """All pairs (a, b) with a random fraction `observed` of the p² as training set, rounded down (3763 of 9409)."""

    p: Count
    observed: Fraction

    data_type = OperationData

    def __post_init__(self) -> None:
        if not 0 < int(self.observed * self.p**2) < self.p**2:
            raise ValueError("observed must leave at least one pair to train on and one to test on")

    def draw(self, seed: int) -> OperationData:
        """The data of run `seed`."""
        a = torch.arange(self.p)
        mask = np.zeros(self.p**2, dtype=bool)
        mask[stream(seed, "train").permutation(self.p**2)[: int(self.observed * self.p**2)]] = True
        return OperationData((a[:, None] + a) % self.p, torch.from_numpy(mask.reshape(self.p, self.p)))
