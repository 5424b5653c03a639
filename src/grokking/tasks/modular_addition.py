"""Modular addition from a random part of its table (Lyu et al. 2024, Section 2)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from grokking.tasks.modular_operation import ModularOperation


@dataclass(frozen=True)
class ModularAddition(ModularOperation):
    """a + b mod `p`; the fraction (or count) `observed` of the p² pairs is the training set.

    Lyu et al. 2024 train on 3763 of 9409 pairs.
    """

    name: ClassVar = "modular_addition"

    def results(self) -> np.ndarray:
        """a + b mod p, int64 [p, p]."""
        a = np.arange(self.p)
        return (a[:, None] + a) % self.p

    @property
    def available(self) -> int:
        """The number of pairs."""
        return self.p**2
