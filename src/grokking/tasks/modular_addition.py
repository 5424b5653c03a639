"""Modular addition, a + b ≡ c (mod p), from a random fraction of its table (Lyu et al. 2024, Section 2)."""

from dataclasses import dataclass

import torch

from grokking.specs.fields import Count, Fraction
from grokking.tasks.observed import number_observed, random_mask
from grokking.tasks.operation import OperationData


@dataclass(frozen=True)
class ModularAddition:
    """All pairs (a, b) with a random fraction `observed` of the p² as training set, rounded down (3763 of 9409)."""

    p: Count
    observed: Fraction

    data_type = OperationData

    def __post_init__(self) -> None:
        number_observed(self.p, self.observed)

    def draw(self, seed: int) -> OperationData:
        """The data of run `seed`."""
        a = torch.arange(self.p)
        return OperationData((a[:, None] + a) % self.p, random_mask(seed, self.p, self.observed))
