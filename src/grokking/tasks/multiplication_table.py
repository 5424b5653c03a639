"""The multiplication table as a rank-one matrix, partly observed (Lyu et al. 2024, Figure 3)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from grokking.parts.fields import Count, Observed
from grokking.tasks.task import Task
from grokking.tasks.training_set import number_observed, random_mask

if TYPE_CHECKING:
    from grokking.data.completion import CompletionData


@dataclass(frozen=True)
class MultiplicationTable(Task["CompletionData"]):
    """The `d` × `d` matrix X*_ij = (i/d)(j/d), i and j from 0.

    `observed` of its d² entries are the training set, in the paper 470 of 9409.
    """

    d: Count
    observed: Observed

    name: ClassVar = "multiplication_table"
    data: ClassVar = "completion"
    columns: ClassVar = ("test_loss",)
    classes: ClassVar = False

    def __post_init__(self) -> None:
        number_observed(self.d**2, self.observed)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of rows, (d,)."""
        return (self.d,)

    @property
    def train_samples(self) -> int:
        """The size of the training set."""
        return number_observed(self.d**2, self.observed)

    def draw(self, seed: int) -> "CompletionData":
        """The data of run `seed`."""
        import torch

        from grokking.data.completion import CompletionData

        u = torch.arange(self.d, dtype=torch.float64) / self.d
        mask = random_mask(seed, np.ones((self.d, self.d), dtype=bool), self.observed)
        return CompletionData(torch.outer(u, u), torch.from_numpy(mask))
