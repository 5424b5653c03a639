"""Gaussian classes with an L2 margin, the task that misgroks (Lyu et al. 2024, Section 3.2.4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from grokking.parts.fields import Count, Positive
from grokking.rng import stream
from grokking.tasks.points import PointTask

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.data.linear import LinearData


@dataclass(frozen=True)
class MarginClassification(PointTask["LinearData"]):
    """`n` training points in `d` dimensions, in two Gaussian classes `gamma` apart along w*.

    The unit vector w* is uniform; y = sign⟨z, w*⟩ and x = z + (γ/2) y w* with z ~ N(0, I_d).
    """

    gamma: Positive
    n_test: Count = 10_000

    name: ClassVar = "margin_classification"
    data: ClassVar = "linear"
    columns: ClassVar = ("test_loss", "test_accuracy")

    def draw(self, seed: int) -> "LinearData":
        """The data of run `seed`."""
        import torch

        from grokking.data.linear import LinearData

        z = torch.from_numpy(stream(seed, "train").standard_normal((self.n, self.d)))
        X, y = separate(z, self.teacher(seed), self.gamma)
        return LinearData(X, y, lambda: self.test_set(seed))

    def teacher(self, seed: int) -> "Tensor":
        """The unit vector w* of run `seed`, float64 [d]."""
        import torch

        w = torch.from_numpy(stream(seed, "teacher").standard_normal(self.d))
        return w / w.norm()

    def test_set(self, seed: int) -> "Iterator[tuple[Tensor, Tensor]]":
        """The test set of run `seed` in chunks (x [m, d], y [m]), float32."""
        from grokking.data.linear import chunk_sizes

        w = self.teacher(seed)
        for part, rows in chunk_sizes(self.n_test):
            yield separate(normals(stream(seed, "test", part), rows, self.d), w, self.gamma)


def separate(z: "Tensor", w: "Tensor", gamma: float) -> "tuple[Tensor, Tensor]":
    """Return points x [m, d] and labels y [m] of two classes, a gap γ apart along the unit vector
    w.

    The labels are y = sign⟨z, w⟩, -1 or 1. Each Gaussian point z moves away from the hyperplane of
    w by γ/2: x = z + (γ/2) y w, for z [m, d] and w [d]. Both results have the dtype of z (Lyu et
    al. 2024, Section 3.2.4).
    """
    w = w.to(z.dtype)
    y = (z @ w).sign()
    return z.addr(y, w, alpha=gamma / 2), y


def normals(generator: np.random.Generator, rows: int, columns: int) -> "Tensor":
    """Standard normal numbers, float32 [rows, columns], from torch's generator.

    `generator` draws its seed. Three times as fast as NumPy, for long test sets; platforms agree to
    rounding.
    """
    import torch

    seeded = torch.Generator().manual_seed(int(generator.integers(2**63)))
    return torch.randn(rows, columns, generator=seeded, dtype=torch.float32)
