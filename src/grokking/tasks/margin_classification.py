"""Gaussian classes with an L2 margin, the task that misgroks (Lyu et al. 2024, Section 3.2.4).

A unit vector w* is drawn uniformly, then (x, y) = (z + γ/2 · sign⟨z, w*⟩ w*, sign⟨z, w*⟩) with z ~ N(0, I_d).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from grokking.params import Count, Positive
from grokking.rng import stream
from grokking.tasks.linear import LinearData, chunk_sizes


@dataclass(frozen=True)
class MarginClassification:
    """`n` training points in `d` dimensions, the two classes `gamma` apart along w*."""

    n: Count
    d: Count
    gamma: Positive
    n_test: Count = 10_000

    data_type = LinearData

    def draw(self, seed: int) -> LinearData:
        """The data of run `seed`."""
        X, y = self._points(seed, stream(seed, "train"), self.n, np.dtype(np.float64))
        return LinearData(X, y, lambda: self._test_set(seed))

    def teacher(self, seed: int) -> np.ndarray:
        """The unit vector w* of run `seed`, float64 [d]."""
        w = stream(seed, "teacher").standard_normal(self.d)
        return w / np.linalg.norm(w)

    def _test_set(self, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
        for part, rows in chunk_sizes(self.n_test):
            yield self._points(seed, stream(seed, "test", part), rows, np.dtype(np.float32))

    def _points(self, seed: int, generator: np.random.Generator, rows: int, dtype: np.dtype) -> tuple[Tensor, Tensor]:
        w = torch.from_numpy(self.teacher(seed).astype(dtype))
        z = torch.from_numpy(generator.standard_normal((rows, self.d), dtype=dtype.type))
        y = (z @ w).sign()
        return z.addr(y, w, alpha=self.gamma / 2), y
