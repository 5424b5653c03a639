"""A task on the table of a binary operation."""

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from grokking.tasks.task import Task
from grokking.tasks.training_set import number_observed, random_mask

if TYPE_CHECKING:
    from grokking.data.operation import OperationData


class OperationTask(Task["OperationData"]):
    """The results of an operation on all pairs of 0, …, n - 1, part of them as training set.

    A task derived from it has the field `observed`, the share or number of the pairs in the training set.
    """

    observed: float

    data: ClassVar = "operation"
    columns: ClassVar = ("train_accuracy", "test_accuracy")

    def __post_init__(self) -> None:
        number_observed(self.available, self.observed)

    @abstractmethod
    def results(self) -> np.ndarray:
        """The result of each pair, int64 [n, n], first operand down, second across; -1 where there is none."""

    @property
    def available(self) -> int:
        """The number of pairs that have a result."""
        return int((self.results() >= 0).sum())

    @property
    def sizes(self) -> tuple[int, ...]:
        """(n,)."""
        return (len(self.results()),)

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
