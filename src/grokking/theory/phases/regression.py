"""Linear regression: where gradient flow ends (Lyu et al. 2024, Theorem B.1)."""

from typing import Any

import torch
from torch import Tensor

from grokking.specs.models import DiagonalNet
from grokking.specs.run import Problem
from grokking.specs.starts import Initialisation
from grokking.tasks.regression import RegressionData
from grokking.theory.critical_time import initial_scale
from grokking.theory.label_noise import gradient_flow_limit
from grokking.theory.references import References


def references(problem: Problem, data: RegressionData) -> References:
    """Where gradient flow ends that starts as the run does (Theorem B.1); the formula is that of depth 2."""
    match problem.start, problem.model:
        case Initialisation(), DiagonalNet(depth=2) as model:
            w = gradient_flow_limit(data.X.numpy(), data.y.numpy(), initial_scale(model, problem.task))
            return References({"flow": torch.from_numpy(w)}, {"flow": {"norm": float((w @ w) ** 0.5)}})
    return References({}, {})


def align(data: RegressionData, W: Tensor, references: References) -> dict[str, Any]:
    """For weights W [T, d]: Euclidean distance to each reference."""
    return {f"distance_to_{name}": (W - w).norm(dim=1).tolist() for name, w in references.predictors.items()}
