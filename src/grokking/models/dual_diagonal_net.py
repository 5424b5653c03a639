"""The flow of a diagonal net, reduced exactly from 2d unknowns to n.

Gradient flow on θ = (u, v) with weight decay λ is multiplicative: u' = u⊙(2Xᵀc - λ), v' = v⊙(-2Xᵀc - λ), with
c_i = y_i σ(-y_i f_i)/n for the mean logistic loss. Hence, with the dual variable s' = c, s(0) = 0,

    u = a exp(2Xᵀs - λt),   v = a exp(-2Xᵀs - λt),   w = u⊙u - v⊙v = 2a² exp(-2λt) sinh(4Xᵀs),

an ODE for s ∈ R^n alone. Everything is evaluated in log space, so neither a huge a nor a late t overflows.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

from grokking.tasks.linear import LinearData


@dataclass(frozen=True)
class DualDiagonalNet:
    """s' = c(t, s) for s [n]; `initial_entry` is a."""

    data: LinearData
    initial_entry: float
    weight_decay: float

    @property
    def initial(self) -> Tensor:
        return torch.zeros_like(self.data.y)

    def velocity(self, t: float, s: Tensor) -> Tensor:
        q = self.data.y * self._outputs(t, s)
        return self.data.y * torch.sigmoid(-q) / len(q)

    def error_scale(self, s: Tensor) -> Tensor:
        """Where w is linear in s, ‖s‖; later the size of s that changes log w = 4x_kᵀs by at most 1 (‖x_k‖ ≈ √n)."""
        return s.norm().clamp(max=1 / (4 * math.sqrt(len(s))))

    def observe(self, t: float, s: Tensor) -> tuple[dict[str, float], Tensor]:
        q = self.data.y * self._outputs(t, s)
        columns = {
            "train_loss": float(softplus(-q).mean()),
            "train_accuracy": float((q > 0).to(q.dtype).mean()),
            "parameter_norm": self._parameter_norm(t, s),
        }
        return columns, s

    def predictors(self, times: Tensor, records: Tensor) -> Tensor:
        """The weights w [T, d] at `times` [T], from the dual variables [T, n]."""
        exponent = 4 * (records @ self.data.X)
        return self._sinh(times[:, None], exponent)

    def _outputs(self, t: float, s: Tensor) -> Tensor:
        return self.data.X @ self._sinh(t, 4 * (self.data.X.T @ s))

    def _log_scale(self, t: float | Tensor) -> float | Tensor:
        return 2 * math.log(self.initial_entry) - 2 * self.weight_decay * t

    def _sinh(self, t: float | Tensor, z: Tensor) -> Tensor:
        """2a² e^(-2λt) sinh z."""
        size = z.abs()
        return torch.exp(size + self._log_scale(t)).mul_(torch.expm1(-2 * size)).mul_(-z.sign())

    def _parameter_norm(self, t: float, s: Tensor) -> float:
        """‖θ‖² = Σ u² + v² = 2a² e^(-2λt) Σ cosh(4Xᵀs)."""
        size = (4 * (self.data.X.T @ s)).abs()
        return math.sqrt(float((torch.exp(size + self._log_scale(t)) * (1 + torch.exp(-2 * size))).sum()))
