"""The flow of a diagonal net, reduced exactly from 2d unknowns to n.

Gradient flow with weight decay moves every coordinate of θ = (u, v) by the same n numbers c_i = y_i
r_i / n, with r_i = -ℓ' at the margins. So θ is a function of the dual variable s' = ρ^(L-2) c, s(0)
= 0, with the decaying scale ρ(t) = α exp(-λt): see `grokking.nets.diagonal_shapes`. An ODE for s ∈
R^n alone is left.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from grokking.data.linear import LinearData
from grokking.kernels.margin_losses import MarginLoss
from grokking.nets.diagonal_columns import classification_columns
from grokking.nets.diagonal_shapes import Shape


@dataclass(frozen=True)
class DualDiagonalNet:
    """s' = ρ(t)^(L-2) c(t, s) for s [n]; `initial_entry` is α."""

    data: LinearData
    initial_entry: float
    weight_decay: float
    shape: Shape
    loss: MarginLoss

    @property
    def initial(self) -> Tensor:
        """s(0) = 0."""
        return torch.zeros_like(self.data.y)

    def velocity(self, t: float, s: Tensor) -> Tensor:
        """ds/dt."""
        X, y = self.data.X, self.data.y
        log_scale = self.log_scale(t)
        q = y * (X @ self.shape.weights(log_scale, X.T @ s))  # margins [n]
        return y * self.loss.minus_derivative(q) * (math.exp((self.shape.depth - 2) * log_scale) / len(q))

    def error_scale(self, s: Tensor) -> Tensor:
        """‖s‖ where w is linear in s; later the size of s that matters to log w."""
        return torch.minimum(s.norm(), self.shape.dual_scale(self.data.X, s))

    def rounding(self, s: Tensor, dy: Tensor) -> float:
        """0: the velocity is a product without differences."""
        return 0.0

    def observe(self, t: float, s: Tensor) -> tuple[dict[str, float], Tensor]:
        """The columns of the net at s; the record is s."""
        z, log_scale = self.data.X.T @ s, self.log_scale(t)
        w = self.shape.weights(log_scale, z)
        squares, powers = (self.shape.powers(log_scale, z, e) for e in (2, 2 * self.shape.depth - 2))
        return classification_columns(self.data, self.loss, w, squares, powers), s

    def predictors(self, times: Tensor, records: Tensor) -> Tensor:
        """The weights w [T, d] at `times` [T], from the dual variables [T, n]."""
        return self.shape.weights(self.log_scale(times[:, None]), records @ self.data.X)

    def weights(self, t: float, s: Tensor) -> Tensor:
        """θ = (u, v), [2, d]."""
        return self.shape.layers(self.log_scale(t), self.data.X.T @ s)

    def log_scale(self, t: float | Tensor) -> float | Tensor:
        """log ρ(t) = log α - λt."""
        return math.log(self.initial_entry) - self.weight_decay * t
