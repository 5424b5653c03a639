"""Binary classification by f(x) = ⟨w, x⟩ (Lyu et al. 2024, Sections 3.2.3 and 3.2.4)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

TestSet = Callable[[], Iterator[tuple[Tensor, Tensor]]]


@dataclass(frozen=True)
class LinearData:
    """A training set X [n, d], y ∈ {±1}^n in float64, and a test set given in chunks.

    `test_set()` yields float32 pairs (X [m, d], y [m]). It draws the test points on every pass,
    because 10⁴ points in 10⁵ dimensions fill 4 GB.
    """

    X: Tensor
    y: Tensor
    test_set: TestSet

    def to(self, device: torch.device) -> "LinearData":
        """The data on `device`."""
        return LinearData(self.X.to(device), self.y.to(device), self.test_set)

    def evaluate(self, weights: Tensor) -> dict[str, list[float]]:
        """Test accuracy and mean logistic loss of the predictors `weights` [T, d].

        An output of exactly 0 counts as wrong: it decides for neither class.
        """
        W = weights.to(torch.float32).T.contiguous()  # [d, T]
        correct = torch.zeros(W.shape[1], dtype=torch.float64, device=W.device)
        loss, points = torch.zeros_like(correct), 0
        for X, y in self.test_set():
            q = (X.to(W.device) @ W).mul_(y.to(W.device)[:, None])  # margins [m, T]
            correct += (q > 0).sum(0)
            loss += softplus(-q).sum(0, dtype=torch.float64)
            points += len(y)
        return {"test_loss": (loss / points).tolist(), "test_accuracy": (correct / points).tolist()}


def chunk_sizes(total: int, size: int = 500) -> Iterator[tuple[int, int]]:
    """Pairs (part, rows) that split `total` rows into chunks of at most `size`."""
    for part, start in enumerate(range(0, total, size)):
        yield part, min(size, total - start)
