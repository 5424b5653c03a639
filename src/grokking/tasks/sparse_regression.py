"""Sparse linear regression (Lyu et al. 2024, Appendix B; Li et al. 2022)."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from grokking.parts.fields import Count
from grokking.rng import stream
from grokking.tasks.points import PointTask

if TYPE_CHECKING:
    from grokking.data.regression import RegressionData


@dataclass(frozen=True)
class SparseRegression(PointTask["RegressionData"]):
    """x ~ N(0, I_d), y = ⟨w*, x⟩ with ‖w*‖ = 1; `n` training points.

    The first `kappa` entries of w* are equal, the others are 0.
    """

    kappa: Count

    name: ClassVar = "sparse_regression"
    data: ClassVar = "regression"
    columns: ClassVar = ("population_loss",)
    classes: ClassVar = False

    def __post_init__(self) -> None:
        if self.kappa > self.d:
            raise ValueError("kappa must be at most d")

    def draw(self, seed: int) -> "RegressionData":
        """The data of run `seed`."""
        import torch

        from grokking.data.regression import RegressionData

        X = stream(seed, "train").standard_normal((self.n, self.d))
        teacher = np.zeros(self.d)
        teacher[: self.kappa] = 1 / math.sqrt(self.kappa)
        return RegressionData(torch.from_numpy(X), torch.from_numpy(X @ teacher), torch.from_numpy(teacher))
