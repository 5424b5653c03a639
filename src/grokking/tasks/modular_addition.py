"""Modular addition from a random part of its table (Lyu et al. 2024, Section 2)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from grokking.tasks.modular_operation import ModularOperation


@dataclass(frozen=True)
class ModularAddition(ModularOperation):
    """a + b mod `p`; `observed` of the p² pairs are the training set, in the paper 3763 of 9409."""

    name: ClassVar = "modular_addition"

    def results(self) -> np.ndarray:
        """a + b mod p, int64 [p, p]."""
        a = np.arange(self.p)
        return (a[:, None] + a) % self.p

    @property
    def available(self) -> int:
        """The number of pairs."""
        return self.p**2
