"""Sparse linear classification: x ~ unif{±1}^d, y = sign(x_1 + … + x_k) (Lyu et al. 2024, Section 3.2.3)."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from grokking.rng import signs, stream
from grokking.specs.fields import Count
from grokking.tasks.linear import LinearData, chunk_sizes


@dataclass(frozen=True)
class SparseClassification:
    """`n` training points in `d` dimensions; the teacher is 1 on the first `k` coordinates (odd, so no ties)."""

    n: Count
    d: Count
    k: Count
    n_test: Count = 10_000

    data_type = LinearData

    def __post_init__(self) -> None:
        if self.k % 2 == 0 or self.k > self.d:
            raise ValueError(f"k must be odd and at most d = {self.d}, or the label is a tie")

    def draw(self, seed: int) -> LinearData:
        """The data of run `seed`."""
        X = torch.from_numpy(signs(stream(seed, "train"), self.n, self.d)).to(torch.float64)
        return LinearData(X, self.label(X), lambda: self._test_set(seed))

    def label(self, X: Tensor) -> Tensor:
        """The teacher's labels y* ∈ {±1}^m of the rows of X [m, d]."""
        return X[:, : self.k].sum(1).sign()

    def _test_set(self, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
        for part, rows in chunk_sizes(self.n_test):
            X = torch.from_numpy(signs(stream(seed, "test", part), rows, self.d)).to(torch.float32)
            yield X, self.label(X)
