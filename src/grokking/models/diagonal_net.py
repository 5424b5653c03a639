"""Two-layer diagonal linear network, f(θ; x) = ⟨u⊙u - v⊙v, x⟩ with θ = (u, v) (Lyu et al. 2024, eq. (4)).

All coordinates start at the same value a (u = v = a, hence f = 0: Assumption 3.2). The loss is logistic.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

from grokking.models.dual_diagonal_net import DualDiagonalNet
from grokking.params import Positive
from grokking.tasks.linear import LinearData


@dataclass(frozen=True)
class DiagonalNet:
    """A diagonal net that starts with total parameter norm `init_norm`, so a = init_norm / √(2d)."""

    init_norm: Positive

    data_type = LinearData

    def descent_system(self, data: LinearData, weight_decay: float, seed: int) -> "DiagonalNetSystem":
        """The flow of θ = (u, v) itself, 2d unknowns."""
        return DiagonalNetSystem(data, self.alpha(data), weight_decay)

    def flow_system(self, data: LinearData, weight_decay: float, seed: int) -> DualDiagonalNet:
        """The same flow in its n dual unknowns."""
        return DualDiagonalNet(data, self.alpha(data), weight_decay)

    def alpha(self, data: LinearData) -> float:
        """The common initial value of all u_k and v_k, the initialisation scale α of the theorems."""
        return self.init_norm / math.sqrt(2 * data.X.shape[1])


@dataclass(frozen=True)
class DiagonalNetSystem:
    """θ' = -∇L(θ) - λθ for θ [2, d] (rows u and v), L the mean logistic loss."""

    data: LinearData
    initial_entry: float
    weight_decay: float

    @property
    def initial(self) -> Tensor:
        return self.initial_entry * torch.ones((2, self.data.X.shape[1])).to(self.data.X)

    def velocity(self, t: float, theta: Tensor) -> Tensor:
        X, y = self.data.X, self.data.y
        q = y * (X @ weights(theta))
        g = 2 * (X.T @ (y * torch.sigmoid(-q))) / len(y)  # -∂L/∂w · 2, [d]
        return torch.stack([g, -g]).sub_(self.weight_decay).mul_(theta)

    def error_scale(self, theta: Tensor) -> Tensor:
        return theta.norm()

    def observe(self, t: float, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        w = weights(theta)
        q = self.data.y * (self.data.X @ w)
        columns = {
            "train_loss": float(softplus(-q).mean()),
            "train_accuracy": float((q > 0).to(q.dtype).mean()),
            "parameter_norm": float(theta.norm()),
        }
        return columns, w

    def predictors(self, times: Tensor, records: Tensor) -> Tensor:
        return records


def weights(theta: Tensor) -> Tensor:
    """w(θ) = u⊙u - v⊙v, [d]."""
    u, v = theta
    return (u - v) * (u + v)
