"""Gaussian classes with an L2 margin, the task that misgroks (Lyu et al. 2024, Section 3.2.4).

A unit vector w* is drawn uniformly, then (x, y) = (z + γ/2 · sign⟨z, w*⟩ w*, sign⟨z, w*⟩) with z ~ N(0, I_d).
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from grokking.rng import stream
from grokking.specs.tasks import MarginClassification
from grokking.tasks.linear import LinearData, chunk_sizes


def draw(task: MarginClassification, seed: int) -> LinearData:
    """The data of run `seed`."""
    z = torch.from_numpy(stream(seed, "train").standard_normal((task.n, task.d)))
    X, y = separate(z, teacher(task, seed), task.gamma)
    return LinearData(X, y, lambda: test_set(task, seed))


def teacher(task: MarginClassification, seed: int) -> Tensor:
    """The unit vector w* of run `seed`, float64 [d]."""
    w = torch.from_numpy(stream(seed, "teacher").standard_normal(task.d))
    return w / w.norm()


def test_set(task: MarginClassification, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """The test set of run `seed` in chunks, float32."""
    w = teacher(task, seed)
    for part, rows in chunk_sizes(task.n_test):
        yield separate(normals(stream(seed, "test", part), rows, task.d), w, task.gamma)


def separate(z: Tensor, w: Tensor, gamma: float) -> tuple[Tensor, Tensor]:
    """(x, y) from z [m, d] and the teacher w [d], in the precision of z."""
    w = w.to(z.dtype)
    y = (z @ w).sign()
    return z.addr(y, w, alpha=gamma / 2), y


def normals(generator: np.random.Generator, rows: int, columns: int) -> Tensor:
    """Standard normal entries, float32 [rows, columns], from torch's generator seeded by `generator`.

    Three times as fast as NumPy's, for long test sets; platforms agree to rounding.
    """
    seeded = torch.Generator().manual_seed(int(generator.integers(2**63)))
    return torch.randn(rows, columns, generator=seeded, dtype=torch.float32)
