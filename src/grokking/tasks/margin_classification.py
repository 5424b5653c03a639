"""Gaussian classes with an L2 margin, the task that misgroks (Lyu et al. 2024, Section 3.2.4).

A unit vector w* is drawn uniformly, then (x, y) = (z + γ/2 · sign⟨z, w*⟩ w*, sign⟨z, w*⟩) with z ~ N(0, I_d).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from grokking.rng import normals, stream
from grokking.specs.fields import Count, Positive
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
        z = torch.from_numpy(stream(seed, "train").standard_normal((self.n, self.d)))
        X, y = self._separate(z, seed)
        return LinearData(X, y, lambda: self._test_set(seed))

    def teacher(self, seed: int) -> Tensor:
        """The unit vector w* of run `seed`, float64 [d]."""
        w = torch.from_numpy(stream(seed, "teacher").standard_normal(self.d))
        return w / w.norm()

    def _test_set(self, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
        for part, rows in chunk_sizes(self.n_test):
            yield self._separate(normals(stream(seed, "test", part), rows, self.d), seed)

    def _separate(self, z: Tensor, seed: int) -> tuple[Tensor, Tensor]:
        """(x, y) from z [m, d], in the precision of z."""
        w = self.teacher(seed).to(z.dtype)
        y = (z @ w).sign()
        return z.addr(y, w, alpha=self.gamma / 2), y
