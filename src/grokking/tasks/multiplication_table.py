"""The multiplication table as a rank-one matrix, X*_ij = (i/d)(j/d), partly observed (Lyu et al. 2024, Figure 3)."""

from dataclasses import dataclass

import numpy as np
import torch

from grokking.params import Count, Fraction
from grokking.rng import stream
from grokking.tasks.completion import CompletionData


@dataclass(frozen=True)
class MultiplicationTable:
    """The `d` × `d` table with a random fraction `observed` of its d² entries as training set.

    i and j count from 0, and the number of entries is rounded down (470 of 9409 in the paper).
    """

    d: Count
    observed: Fraction

    data_type = CompletionData

    def __post_init__(self) -> None:
        if not 0 < int(self.observed * self.d**2) < self.d**2:
            raise ValueError("observed must leave at least one entry to train on and one to test on")

    def draw(self, seed: int) -> CompletionData:
        """The data of run `seed`."""
        u = torch.arange(self.d, dtype=torch.float64) / self.d
        mask = np.zeros(self.d**2, dtype=bool)
        mask[stream(seed, "train").permutation(self.d**2)[: int(self.observed * self.d**2)]] = True
        return CompletionData(torch.outer(u, u), torch.from_numpy(mask.reshape(self.d, self.d)))
