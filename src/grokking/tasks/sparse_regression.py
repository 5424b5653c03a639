"""Sparse linear regression: x ~ N(0, I_d), y = ⟨w*, x⟩ (Lyu et al. 2024, Appendix B; Li et al. 2022)."""

import math

import torch

from grokking.rng import stream
from grokking.specs.tasks import SparseRegression
from grokking.tasks.regression import RegressionData


def draw(task: SparseRegression, seed: int) -> RegressionData:
    """The data of run `seed`; w* is κ^(-1/2) on the first κ coordinates."""
    X = torch.from_numpy(stream(seed, "train").standard_normal((task.n, task.d)))
    teacher = torch.zeros(task.d, dtype=torch.float64)
    teacher[: task.kappa] = 1 / math.sqrt(task.kappa)
    return RegressionData(X, X @ teacher, teacher)
