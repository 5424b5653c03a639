"""The table of a binary operation on {0, …, p-1}, split into training and test set."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor


class Pairs(NamedTuple):
    """m pairs of operands with their classes, int64 [m] each: c is a ∘ b, or the training label."""

    a: Tensor
    b: Tensor
    c: Tensor

    def take(self, rows: Tensor) -> "Pairs":
        """Return the pairs with the numbers `rows`, int64 [batch]."""
        return Pairs(*(part[rows] for part in self))


@dataclass(frozen=True)
class OperationData:
    """The table of a binary operation on 0, …, p - 1, with its train mask.

    `results`, int64 [p, p], are the values a ∘ b, -1 where there is none; `observed`, bool [p, p],
    is the train mask. `flips`, int64 [p, p], are added modulo p to the labels of the training set;
    None flips no label.
    """

    results: Tensor
    observed: Tensor
    flips: Tensor | None = None

    @property
    def p(self) -> int:
        """The number of rows and columns of the table, and the number of classes."""
        return len(self.results)

    @cached_property
    def labels(self) -> Tensor:
        """The results, with flipped labels in the training set, int64 [p, p]."""
        return self.results if self.flips is None else flipped(self.results, self.flips, self.p)

    @cached_property
    def train(self) -> Pairs:
        """The pairs of the training set, with their labels."""
        return self._entries(self.observed)

    @cached_property
    def test(self) -> Pairs:
        """The pairs of the test set: all others that have a result."""
        return self._entries(self.unseen)

    @cached_property
    def unseen(self) -> Tensor:
        """The mask of the test set, bool [p, p]."""
        return ~self.observed & (self.results >= 0)

    def to(self, device: torch.device) -> "OperationData":
        """Return the data on `device`."""
        flips = None if self.flips is None else self.flips.to(device)
        return OperationData(self.results.to(device), self.observed.to(device), flips)

    def evaluate(self, tables: Tensor) -> dict[str, list[float]]:
        """Return the accuracies of predicted `tables` [T, p, p] on training and test set."""
        right = (tables == self.labels).to(torch.float64)
        return {
            "train_accuracy": right[:, self.observed].mean(1).tolist(),
            "test_accuracy": right[:, self.unseen].mean(1).tolist(),
        }

    def answers(self, train: Tensor, test: Tensor) -> Tensor:
        """Return the class with the largest output for each pair, int16 [p, p]; -1 for no result.

        `train` and `test` are the outputs on the training and the test set, [m, p] each.
        """
        table = torch.full_like(self.results, -1, dtype=torch.int16)
        for outputs, mask in ((train, self.observed), (test, self.unseen)):
            table[mask] = outputs.argmax(1).to(torch.int16)
        return table

    def _entries(self, mask: Tensor) -> Pairs:
        a, b = mask.nonzero(as_tuple=True)
        return Pairs(a, b, self.labels[mask])


def flipped(results: Tensor, flips: Tensor, classes: int) -> Tensor:
    """Return `results` + `flips` modulo `classes`; a result whose flip is 0 stays as it is."""
    return torch.where(flips > 0, (results + flips) % classes, results)
