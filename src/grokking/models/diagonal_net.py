"""Diagonal linear network of depth L, f(θ; x) = ⟨u^L - v^L, x⟩ with θ = (u, v) (Lyu et al. 2024, eq. (4): L = 2).

All coordinates start at the same value (u = v = α, hence f = 0: Assumption 3.2), and f is L-homogeneous in θ.
"""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from grokking.kernels.margin_losses import MARGIN_LOSSES, MarginLoss
from grokking.models.diagonal_columns import diagonal_columns
from grokking.models.diagonal_shapes import SHAPES
from grokking.models.dual_diagonal_net import DualDiagonalNet
from grokking.specs.fields import Positive
from grokking.tasks.linear import LinearData


@dataclass(frozen=True)
class DiagonalNet:
    """A diagonal net that starts with total parameter norm `init_norm`, so α = init_norm / √(2d)."""

    init_norm: Positive
    depth: Literal[2, 3] = 2
    loss: Literal["logistic", "exponential"] = "logistic"

    data_type = LinearData

    def descent_system(self, data: LinearData, weight_decay: float, seed: int) -> "DiagonalNetSystem":
        """The flow of θ = (u, v) itself, 2d unknowns."""
        return DiagonalNetSystem(data, self.alpha(data), weight_decay, self.depth, MARGIN_LOSSES[self.loss])

    def flow_system(self, data: LinearData, weight_decay: float, seed: int) -> DualDiagonalNet:
        """The same flow in its n dual unknowns."""
        return DualDiagonalNet(data, self.alpha(data), weight_decay, SHAPES[self.depth], MARGIN_LOSSES[self.loss])

    def alpha(self, data: LinearData) -> float:
        """The common initial value of all u_k and v_k, the initialisation scale α of the theorems."""
        return self.init_norm / math.sqrt(2 * data.X.shape[1])


@dataclass(frozen=True)
class DiagonalNetSystem:
    """θ' = -∇ℒ(θ) - λθ for θ [2, d] (rows u and v), ℒ the mean loss."""

    data: LinearData
    initial_entry: float
    weight_decay: float
    depth: int
    loss: MarginLoss

    @property
    def initial(self) -> Tensor:
        return self.initial_entry * torch.ones((2, self.data.X.shape[1])).to(self.data.X)

    def velocity(self, t: float, theta: Tensor) -> Tensor:
        X, y = self.data.X, self.data.y
        q = y * (X @ self.weights(theta))
        g = X.T @ (y * self.loss.pull(q)) / len(y)  # -∂ℒ/∂w, [d]
        push = self.depth * theta ** (self.depth - 1)
        return torch.stack([g, -g]).mul_(push).sub_(theta, alpha=self.weight_decay)

    def error_scale(self, theta: Tensor) -> Tensor:
        return theta.norm()

    def observe(self, t: float, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        w, powers = self.weights(theta), (theta ** (2 * self.depth - 2)).sum(0)
        return diagonal_columns(self.data, self.loss, w, theta.square().sum(0), powers), w

    def predictors(self, times: Tensor, records: Tensor) -> Tensor:
        return records

    def weights(self, theta: Tensor) -> Tensor:
        """w(θ) = u^L - v^L, [d]."""
        u, v = theta**self.depth
        return u - v
