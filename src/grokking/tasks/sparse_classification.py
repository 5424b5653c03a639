"""Sparse linear classification: x ~ unif{±1}^d, y = sign(x_1 + … + x_k) (Lyu et al. 2024, Section 3.2.3)."""

from collections.abc import Iterator

import torch
from torch import Tensor

from grokking.rng import signs, stream
from grokking.specs.tasks import SparseClassification
from grokking.tasks.linear import LinearData, chunk_sizes


def draw(task: SparseClassification, seed: int) -> LinearData:
    """The data of run `seed`."""
    X = torch.from_numpy(signs(stream(seed, "train"), task.n, task.d)).to(torch.float64)
    return LinearData(X, labels(X, task.k), lambda: test_set(task, seed))


def labels(X: Tensor, k: int) -> Tensor:
    """The teacher's labels y* ∈ {±1}^m of the rows of X [m, d]."""
    return X[:, :k].sum(1).sign()


def test_set(task: SparseClassification, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """The test set of run `seed` in chunks, float32."""
    for part, rows in chunk_sizes(task.n_test):
        X = torch.from_numpy(signs(stream(seed, "test", part), rows, task.d)).to(torch.float32)
        yield X, labels(X, task.k)
