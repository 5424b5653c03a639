"""`OperationTask`, the base of tasks on the table of a binary operation: see docs/extending.md."""

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from grokking.tasks.flipped import FlippedLabels, drawn_flips, number_flipped
from grokking.tasks.task import Task
from grokking.tasks.training_set import number_observed, random_mask

if TYPE_CHECKING:
    from grokking.data.operation import OperationData


class OperationTask(FlippedLabels, Task["OperationData"]):
    """A task on the table of a binary operation on 0, …, n - 1.

    The fraction (or count) `observed` of its pairs is the training set. A subclass declares
    `observed` among its fields; the key `flipped` is there already.
    """

    observed: float

    data: ClassVar = "operation"
    columns: ClassVar = ("train_accuracy", "test_accuracy")

    def __post_init__(self) -> None:
        number_observed(self.available, self.observed)
        number_flipped(self.train_samples, self.flipped, *self.sizes)

    @abstractmethod
    def results(self) -> np.ndarray:
        """The result of each pair, int64 [n, n], first operand down, second across; -1 for none."""

    @property
    def available(self) -> int:
        """The number of pairs that have a result."""
        return int((table_of(self.results()) >= 0).sum())

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of values of an operand, (n,)."""
        return (len(self.results()),)

    @property
    def train_samples(self) -> int:
        """The size of the training set."""
        return number_observed(self.available, self.observed)

    def draw(self, seed: int) -> "OperationData":
        """Return the data of run `seed`; pairs without a result are in neither set."""
        import torch

        from grokking.data.operation import OperationData

        results = table_of(self.results())
        mask = random_mask(seed, results >= 0, self.observed)
        flips = drawn_flips(seed, mask, self.flipped, len(results))
        added = None if flips is None else torch.from_numpy(flips)
        return OperationData(torch.from_numpy(results), torch.from_numpy(mask), added)


def table_of(results: np.ndarray) -> np.ndarray:
    """Return `results` as int64.

    Raises `ValueError` unless they are a numpy array [n, n] of numbers from -1 to n - 1.
    """
    if not isinstance(results, np.ndarray):
        raise ValueError(f"results must be an array of numpy, not {type(results).__name__}")
    n = len(results) if results.ndim else 0
    if results.shape != (n, n) or not np.issubdtype(results.dtype, np.integer):
        raise ValueError(f"results must be integers [n, n], not {results.dtype} {list(results.shape)}")
    if n and not (results.min() >= -1 and results.max() < n):
        raise ValueError(f"results of {n} operands must be from -1 to {n - 1}, not {results.min()} to {results.max()}")
    return results.astype(np.int64, copy=False)
