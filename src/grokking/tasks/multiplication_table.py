"""The multiplication table as a rank-one matrix, X*_ij = (i/d)(j/d), partly observed (Lyu et al. 2024, Figure 3)."""

from dataclasses import dataclass

import torch

from grokking.specs.fields import Count, Fraction
from grokking.tasks.completion import CompletionData
from grokking.tasks.observed import number_observed, random_mask


@dataclass(frozen=True)
class MultiplicationTable:
    """The `d` × `d` table with a random fraction `observed` of its d² entries as training set.

    i and j count from 0, and the number of entries is rounded down (470 of 9409 in the paper).
    """

    d: Count
    observed: Fraction

    data_type = CompletionData

    def __post_init__(self) -> None:
        number_observed(self.d, self.observed)

    def draw(self, seed: int) -> CompletionData:
        """The data of run `seed`."""
        u = torch.arange(self.d, dtype=torch.float64) / self.d
        return CompletionData(torch.outer(u, u), random_mask(seed, self.d, self.observed))
