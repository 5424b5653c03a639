"""Composition of permutations: a group that is not commutative, and whose operation is no sum."""

from dataclasses import dataclass
from itertools import permutations
from typing import ClassVar

import numpy as np

from grokking.parts.fields import Count, Observed
from grokking.tasks.operation import OperationTask


@dataclass(frozen=True)
class Permutations(OperationTask):
    """a ∘ b in the symmetric group of `degree` n, `observed` of its (n!)² pairs as training set."""

    degree: Count
    observed: Observed

    name: ClassVar = "permutations"

    def __post_init__(self) -> None:
        if self.degree > 6:
            raise ValueError("degree must be at most 6: all (n!)² pairs are held at once")
        super().__post_init__()

    def results(self) -> np.ndarray:
        """The number of a ∘ b, int64 [n!, n!], permutations in lexicographic order."""
        elements = list(permutations(range(self.degree)))
        number = {element: i for i, element in enumerate(elements)}
        return np.array([[number[tuple(a[i] for i in b)] for b in elements] for a in elements])
