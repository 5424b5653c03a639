"""The max-margin classifier of a two-layer net's tangent kernel at its initial weights (Lyu et al. 2024, problem (K1)).

With W₂ = 0 the tangent features are the hidden layer alone, and f = 0 as Assumption 3.2 asks.
"""

import torch
from torch import Tensor

from grokking.data.operation import OperationData, Pairs
from grokking.theory.multiclass_max_margin import multiclass_max_margin


def kernel_classifier(data: OperationData, theta: Tensor) -> tuple[Tensor, float]:
    """Its table of answers, int16 [p, p], and the certified gap of its margin, for θ(0) [3p + 1, h] with W₂ = 0."""
    theta = theta.to(torch.float64)
    train, test = (hidden_layer(theta, data.p, pairs) for pairs in (data.train, data.test))
    best = multiclass_max_margin(train, data.train.c, data.p)
    return data.answers(train @ best.V.T, test @ best.V.T), best.gap


def hidden_layer(theta: Tensor, p: int, pairs: Pairs) -> Tensor:
    """ReLU(W₁ [e_a; e_b] + b₁) for all pairs, [m, h]."""
    return torch.relu(theta[pairs.a] + theta[p + pairs.b] + theta[2 * p])
