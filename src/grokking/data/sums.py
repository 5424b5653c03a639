"""Sums of K numbers modulo p, with test samples split by whether their mirror is trained on.

Another function of K numbers below p may take the place of the sum.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from grokking.data.operation import flipped


@dataclass(frozen=True)
class SumData:
    """`operands`, int64 [N, K] in lexicographic order, and the train mask `observed`, bool [N].

    `values`, int64 [N], are the function's; None stands for the sum modulo p. `flips`, int64 [N],
    are added modulo p to the labels that are trained on; None: all are right.
    """

    p: int
    operands: Tensor
    observed: Tensor
    values: Tensor | None = None
    flips: Tensor | None = None

    @cached_property
    def results(self) -> Tensor:
        """x₁ + … + x_K mod p, or the function's value, int64 [N]."""
        return self.operands.sum(1) % self.p if self.values is None else self.values

    @cached_property
    def labels(self) -> Tensor:
        """The results with the flipped labels of the training set, int64 [N]."""
        return self.results if self.flips is None else flipped(self.results, self.flips, self.p)

    @cached_property
    def mirrored(self) -> Tensor:
        """The mask of the test samples whose operands are trained on in another order, bool [N].

        A net that has learned only that addition commutes is right on these.
        """
        group = torch.from_numpy(same_operands(self.operands.cpu().numpy())).to(self.observed.device)
        seen = torch.zeros(int(group.max()) + 1, dtype=torch.bool, device=group.device)
        seen[group[self.observed]] = True
        return seen[group] & ~self.observed

    def to(self, device: torch.device) -> "SumData":
        """The data on `device`."""
        values, flips = (None if part is None else part.to(device) for part in (self.values, self.flips))
        return SumData(self.p, self.operands.to(device), self.observed.to(device), values, flips)

    def evaluate(self, answers: Tensor) -> dict[str, list[float]]:
        """Accuracies of the `answers` [T, N] on the training set, the test set, and its two parts.

        The parts are the mirrored samples and the others; the accuracy on an empty part is NaN.
        """
        right = (answers == self.labels).to(torch.float64)
        parts = {
            "train_accuracy": self.observed,
            "test_accuracy": ~self.observed,
            "mirrored_accuracy": self.mirrored,
            "unmirrored_accuracy": ~self.observed & ~self.mirrored,
        }
        return {name: right[:, part].mean(1).tolist() for name, part in parts.items()}


def same_operands(operands: np.ndarray) -> np.ndarray:
    """Group numbers [N]: samples with equal operands in any order have equal numbers."""
    _, group = np.unique(np.sort(operands, axis=1), axis=0, return_inverse=True)
    return group.reshape(-1)
