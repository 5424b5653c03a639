"""Sparse linear regression: x ~ N(0, I_d), y = ⟨w*, x⟩ (Lyu et al. 2024, Appendix B; Li et al. 2022)."""

import math

import numpy as np
import torch

from grokking.rng import stream
from grokking.specs.tasks import SparseRegression
from grokking.tasks.regression import RegressionData


def draw(task: SparseRegression, seed: int) -> RegressionData:
    """The data of run `seed`; w* is κ^(-1/2) on the first κ coordinates."""
    X = stream(seed, "train").standard_normal((task.n, task.d))
    teacher = np.zeros(task.d)
    teacher[: task.kappa] = 1 / math.sqrt(task.kappa)
    return RegressionData(torch.from_numpy(X), torch.from_numpy(X @ teacher), torch.from_numpy(teacher))
