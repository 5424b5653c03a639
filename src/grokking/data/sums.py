"""Functions of K numbers below p, such as their sum modulo p.

The test samples are split by whether the same operands in another order are in the training set.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from grokking.data.operation import flipped


@dataclass(frozen=True)
class SumData:
    """Samples of K numbers below p, their sums modulo p (or other values), and the train mask.

    `operands`, int64 [N, K], are in lexicographic order; `observed`, bool [N], is the train mask.
    `values`, int64 [N], are the values of another function; None stands for the sum modulo p.
    `flips`, int64 [N], are added modulo p to the labels of the training set; None flips no label.
    """

    p: int
    operands: Tensor
    observed: Tensor
    values: Tensor | None = None
    flips: Tensor | None = None

    @cached_property
    def results(self) -> Tensor:
        """The right answers: x₁ + … + x_K mod p, or the value of the other function, int64 [N]."""
        return self.operands.sum(1) % self.p if self.values is None else self.values

    @cached_property
    def labels(self) -> Tensor:
        """The results, with flipped labels in the training set, int64 [N]."""
        return self.results if self.flips is None else flipped(self.results, self.flips, self.p)

    @cached_property
    def mirrored(self) -> Tensor:
        """The mask of the mirrored test samples, bool [N].

        A test sample is mirrored if its operands are in the training set in another order. A net
        that has learned only that addition commutes is right on these samples.
        """
        group = torch.from_numpy(same_operands(self.operands.cpu().numpy())).to(self.observed.device)
        seen = torch.zeros(int(group.max()) + 1, dtype=torch.bool, device=group.device)
        seen[group[self.observed]] = True
        return seen[group] & ~self.observed

    def to(self, device: torch.device) -> "SumData":
        """Return the data on `device`."""
        values, flips = (None if part is None else part.to(device) for part in (self.values, self.flips))
        return SumData(self.p, self.operands.to(device), self.observed.to(device), values, flips)

    def evaluate(self, answers: Tensor) -> dict[str, list[float]]:
        """Return the accuracies of `answers` [T, N] on training set, test set and its two parts.

        The parts are the mirrored samples and the others; the accuracy on an empty part is NaN.
        """
        right = answers == self.labels  # bool: a run may have thousands of observations
        parts = {
            "train_accuracy": self.observed,
            "test_accuracy": ~self.observed,
            "mirrored_accuracy": self.mirrored,
            "unmirrored_accuracy": ~self.observed & ~self.mirrored,
        }
        return {name: right[:, part].double().mean(1).tolist() for name, part in parts.items()}


def same_operands(operands: np.ndarray) -> np.ndarray:
    """Return a number for each sample, [N]: equal for samples with equal operands in any order.

    `operands` is int64 [N, K].
    """
    _, group = np.unique(np.sort(operands, axis=1), axis=0, return_inverse=True)
    return group.reshape(-1)
