"""The max-margin classifier of a two-layer net's initial tangent kernel (Lyu et al. 2024, (K1)).

With W₂ = 0 the tangent features are the hidden layer, and f = 0 as Assumption 3.2 requires.
"""

import torch
from torch import Tensor

from grokking.data.operation import OperationData, Pairs
from grokking.theory.multiclass_max_margin import multiclass_max_margin


def kernel_classifier(data: OperationData, theta: Tensor) -> tuple[Tensor, float]:
    """Return the classifier's table of answers, int16 [p, p], and the certified gap of its margin.

    `theta` [3p + 1, h] are the initial weights, with W₂ = 0.
    """
    theta = theta.to(torch.float64)
    train, test = (hidden_layer(theta, data.p, pairs) for pairs in (data.train, data.test))
    best = multiclass_max_margin(train, data.train.c, data.p)
    return data.answers(train @ best.V.T, test @ best.V.T), best.gap


def hidden_layer(theta: Tensor, p: int, pairs: Pairs) -> Tensor:
    """Return ReLU(W₁ [e_a; e_b] + b₁) for all pairs, [m, h]."""
    return torch.relu(theta[pairs.a] + theta[p + pairs.b] + theta[2 * p])
