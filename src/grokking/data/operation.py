"""The table of a binary operation on {0, …, p-1}, partly observed: what algorithmic data sets are."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor


class Pairs(NamedTuple):
    """m entries of the table: operands a and b and the result c, each int64 [m], in the order of the table's rows."""

    a: Tensor
    b: Tensor
    c: Tensor

    def take(self, rows: Tensor) -> "Pairs":
        """The entries number `rows` (int64 [batch])."""
        return Pairs(*(part[rows] for part in self))


@dataclass(frozen=True)
class OperationData:
    """The results [p, p] in int64, -1 where there is none, and the mask of the training set, bool [p, p]."""

    results: Tensor
    observed: Tensor

    @property
    def p(self) -> int:
        """The size of the table, and the number of classes."""
        return len(self.results)

    @cached_property
    def train(self) -> Pairs:
        """The training set."""
        return self._entries(self.observed)

    @cached_property
    def test(self) -> Pairs:
        """All other entries that have a result."""
        return self._entries(self.unseen)

    @cached_property
    def unseen(self) -> Tensor:
        """The mask of the test set, bool [p, p]."""
        return ~self.observed & (self.results >= 0)

    def to(self, device: torch.device) -> "OperationData":
        """The same data on `device`."""
        return OperationData(self.results.to(device), self.observed.to(device))

    def evaluate(self, tables: Tensor) -> dict[str, list[float]]:
        """Accuracies of the predicted tables [T, p, p] on the training set and on the rest."""
        right = (tables == self.results).to(torch.float64)
        return {
            "train_accuracy": right[:, self.observed].mean(1).tolist(),
            "test_accuracy": right[:, self.unseen].mean(1).tolist(),
        }

    def answers(self, train: Tensor, test: Tensor) -> Tensor:
        """The class with the largest output for every pair, int16 [p, p], from outputs on training and test set.

        -1 where there is no result.
        """
        table = torch.full_like(self.results, -1, dtype=torch.int16)
        for outputs, mask in ((train, self.observed), (test, self.unseen)):
            table[mask] = outputs.argmax(1).to(torch.int16)
        return table

    def _entries(self, mask: Tensor) -> Pairs:
        a, b = mask.nonzero(as_tuple=True)
        return Pairs(a, b, self.results[mask])
