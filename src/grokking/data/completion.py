"""Completion of a symmetric matrix from observed entries (Lyu et al. 2024, Section 3.3.3)."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor


@dataclass(frozen=True)
class CompletionData:
    """A matrix completion problem (Lyu et al. 2024, Section 3.3.3).

    `target` is the symmetric matrix X*, float64 [d, d]; `observed`, bool [d, d], is the mask Ω of
    the entries that a model is trained on.
    """

    target: Tensor
    observed: Tensor

    @cached_property
    def n(self) -> int:
        """The number of observed entries."""
        return int(self.observed.sum())

    @cached_property
    def entries(self) -> tuple[Tensor, Tensor]:
        """Rows and columns of the observed entries, int64 [n] each, row by row."""
        i, j = self.observed.nonzero(as_tuple=True)
        return i, j

    def to(self, device: torch.device) -> "CompletionData":
        """The data on `device`."""
        return CompletionData(self.target.to(device), self.observed.to(device))

    def evaluate(self, matrices: Tensor) -> dict[str, list[float]]:
        """Return the test loss of predicted `matrices` [T, d, d]: the mean squared error off Ω."""
        errors = (matrices - self.target)[:, ~self.observed]
        return {"test_loss": errors.square().mean(1).tolist()}
