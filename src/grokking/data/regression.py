"""Noiseless regression by f(x) = ⟨w, x⟩ on isotropic inputs (Lyu et al. 2024, Appendix B)."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class RegressionData:
    """A training set X [n, d], y = X w* [n] and the teacher w* [d], all in float64."""

    X: Tensor
    y: Tensor
    teacher: Tensor

    def to(self, device: torch.device) -> "RegressionData":
        """The data on `device`."""
        return RegressionData(self.X.to(device), self.y.to(device), self.teacher.to(device))

    def evaluate(self, weights: Tensor) -> dict[str, list[float]]:
        """Population loss E(⟨w, x⟩ - y)² = ‖w - w*‖² of the predictors `weights` [T, d]."""
        return {"population_loss": (weights - self.teacher).square().sum(1).tolist()}
