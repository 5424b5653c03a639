"""Composition of permutations, a task of Power et al. 2022."""

from dataclasses import dataclass
from itertools import permutations
from typing import ClassVar

import numpy as np

from grokking.parts.fields import Count, Observed
from grokking.tasks.operation import OperationTask


@dataclass(frozen=True)
class SymmetricGroup(OperationTask):
    """σ ∘ τ for the permutations of `degree` n; `observed` of the (n!)² pairs are the training set."""

    degree: Count
    observed: Observed

    name: ClassVar = "symmetric_group"

    def __post_init__(self):
        if self.degree > 6:
            raise ValueError("degree must be at most 6: all (n!)² pairs are held in memory")
        super().__post_init__()

    def results(self):
        """The number of σ ∘ τ in lexicographic order, int64 [n!, n!]."""
        group = np.array(list(permutations(range(self.degree))))  # [n!, n]
        digits = self.degree ** np.arange(self.degree)[::-1]
        return np.searchsorted(group @ digits, group[:, group] @ digits)
