"""Losses of a binary classifier as functions of the margin q = y f(x)."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus


@dataclass(frozen=True)
class MarginLoss:
    """ℓ(q) = `value` and -ℓ'(q) = `minus_derivative`, elementwise."""

    value: Callable[[Tensor], Tensor]
    minus_derivative: Callable[[Tensor], Tensor]


def negated_exponential(q: Tensor) -> Tensor:
    """e^(-q)."""
    return torch.exp(-q)


MARGIN_LOSSES = {
    "logistic": MarginLoss(value=lambda q: softplus(-q), minus_derivative=lambda q: torch.sigmoid(-q)),
    "exponential": MarginLoss(value=negated_exponential, minus_derivative=negated_exponential),
}
