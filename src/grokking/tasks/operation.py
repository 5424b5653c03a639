"""`OperationTask`, the base of tasks on the table of a binary operation: see docs/extending.md."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from grokking.parts.fields import Count, Observed
from grokking.tasks.task import Task
from grokking.tasks.training_set import number_observed, random_mask

if TYPE_CHECKING:
    from grokking.data.operation import OperationData

LARGEST_P = 3000  # all p² pairs are held in memory


@dataclass(frozen=True)
class OperationTask(Task["OperationData"]):
    """The table of an operation on 0, …, `p` - 1; `observed` of its pairs are the training set."""

    p: Count
    observed: Observed

    data: ClassVar = "operation"
    columns: ClassVar = ("train_accuracy", "test_accuracy")

    def __post_init__(self) -> None:
        if self.p > LARGEST_P:
            raise ValueError(f"p must be at most {LARGEST_P}: all p² pairs are held in memory")
        number_observed(self.available, self.observed)

    @abstractmethod
    def results(self) -> np.ndarray:
        """The result of each pair, int64 [p, p], first operand down, second across; -1 for none."""

    @property
    def available(self) -> int:
        """The number of pairs that have a result."""
        return int((self.results() >= 0).sum())

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of operands' values, (p,)."""
        return (self.p,)

    @property
    def train_samples(self) -> int:
        """The size of the training set."""
        return number_observed(self.available, self.observed)

    def draw(self, seed: int) -> "OperationData":
        """The data of run `seed`; pairs without a result are in neither set."""
        import torch

        from grokking.data.operation import OperationData

        results = self.results()
        mask = random_mask(seed, results >= 0, self.observed)
        return OperationData(torch.from_numpy(results), torch.from_numpy(mask))
