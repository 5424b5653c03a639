"""Sparse linear classification (Lyu et al. 2024, Section 3.2.3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.parts.fields import Count
from grokking.rng import signs, stream
from grokking.tasks.points import PointTask

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.data.linear import LinearData


@dataclass(frozen=True)
class SparseClassification(PointTask["LinearData"]):
    """x ~ unif{±1}^d, y = sign(x_1 + … + x_k), `n` training points; `k` is odd, so no sum is 0."""

    k: Count
    n_test: Count = 10_000

    name: ClassVar = "sparse_classification"
    data: ClassVar = "linear"
    columns: ClassVar = ("test_loss", "test_accuracy")

    def __post_init__(self) -> None:
        if self.k % 2 == 0 or self.k > self.d:
            raise ValueError("k must be odd and at most d")

    def draw(self, seed: int) -> "LinearData":
        """The data of run `seed`."""
        import torch

        from grokking.data.linear import LinearData

        X = torch.from_numpy(signs(stream(seed, "train"), self.n, self.d)).to(torch.float64)
        return LinearData(X, labels(X, self.k), lambda: self.test_set(seed))

    def test_set(self, seed: int) -> "Iterator[tuple[Tensor, Tensor]]":
        """The test set of run `seed` in chunks (x [m, d], y [m]), float32."""
        import torch

        from grokking.data.linear import chunk_sizes

        for part, rows in chunk_sizes(self.n_test):
            X = torch.from_numpy(signs(stream(seed, "test", part), rows, self.d)).to(torch.float32)
            yield X, labels(X, self.k)


def labels(X: "Tensor", k: int) -> "Tensor":
    """The teacher's labels y ∈ {±1}^m of the rows of X [m, d]."""
    return X[:, :k].sum(1).sign()
