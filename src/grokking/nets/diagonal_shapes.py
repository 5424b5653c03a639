"""The layers u, v of a diagonal net as functions of the dual variable, for each depth L.

With u = ρ ũ and the decaying scale ρ(t) = α exp(-λt), weight decay drops out of u' = L u^(L-1) ⊙
Xᵀc - λu. With the dual variable s' = ρ^(L-2) c, s(0) = 0, and z = Xᵀs

    L = 2:  ũ = exp(2z),         u² - v² = 2ρ² sinh(4z);
    L = 3:  ũ = 1 / (1 - 3z),    u³ - v³ = ρ³ (6a + 2a³) / (1 - a²)³ with a = 3z;

and v is u at -z. In these forms u^L - v^L does not cancel, however large ρ is. (For L = 3, late in
a run, 1 - a cancels; it falls like ρ.)
"""

import math
from typing import Protocol

import torch
from torch import Tensor

LogScale = float | Tensor


class Shape(Protocol):
    """The formulas of one depth; `log_scale` is log ρ and z is [..., d]."""

    depth: int

    def weights(self, log_scale: LogScale, z: Tensor) -> Tensor:
        """u^L - v^L."""

    def powers(self, log_scale: LogScale, z: Tensor, exponent: int) -> Tensor:
        """u^e + v^e."""

    def deviation(self, z: Tensor) -> Tensor:
        """‖(ũ, ṽ) - (1, 1)‖, the relative distance of θ from the decayed initial point."""

    def layers(self, log_scale: LogScale, z: Tensor) -> Tensor:
        """θ = (u, v), [2, …, d]."""

    def dual_scale(self, X: Tensor, s: Tensor) -> Tensor:
        """The change of s ∈ R^n that changes every log w by about 1; columns of X are ≈ √n."""


class Quadratic:
    """L = 2 in log space, where neither a huge α nor a late t overflows."""

    depth = 2

    def weights(self, log_scale: LogScale, z: Tensor) -> Tensor:
        size = 4 * z.abs()
        return torch.exp(size + 2 * log_scale).mul_(torch.expm1(-2 * size)).mul_(-z.sign())

    def powers(self, log_scale: LogScale, z: Tensor, exponent: int) -> Tensor:
        size = 2 * exponent * z.abs()
        return torch.exp(size + exponent * log_scale).mul_(1 + torch.exp(-2 * size))

    def deviation(self, z: Tensor) -> Tensor:
        return torch.hypot(torch.expm1(2 * z), torch.expm1(-2 * z)).norm(dim=-1)

    def layers(self, log_scale: LogScale, z: Tensor) -> Tensor:
        return torch.exp(torch.stack([2 * z, -2 * z]) + log_scale)

    def dual_scale(self, X: Tensor, s: Tensor) -> Tensor:
        return s.new_tensor(1 / (4 * math.sqrt(len(s))))


class Cubic:
    """L = 3; the flow never reaches |3z| = 1, where u or v would be infinite."""

    depth = 3

    def weights(self, log_scale: LogScale, z: Tensor) -> Tensor:
        a = 3 * z
        return torch.exp(z.new_tensor(3) * log_scale) * (6 * a + 2 * a**3) / (1 - a**2) ** 3

    def powers(self, log_scale: LogScale, z: Tensor, exponent: int) -> Tensor:
        a = 3 * z
        return torch.exp(z.new_tensor(exponent) * log_scale) * ((1 - a) ** -exponent + (1 + a) ** -exponent)

    def deviation(self, z: Tensor) -> Tensor:
        a = 3 * z
        return torch.hypot(a / (1 - a), a / (1 + a)).norm(dim=-1)

    def layers(self, log_scale: LogScale, z: Tensor) -> Tensor:
        a = 3 * z
        return torch.exp(z.new_tensor(1) * log_scale) / torch.stack([1 - a, 1 + a])

    def dual_scale(self, X: Tensor, s: Tensor) -> Tensor:
        return (1 - 3 * (X.T @ s).abs().max()) / (9 * math.sqrt(len(s)))


SHAPES: dict[int, Shape] = {2: Quadratic(), 3: Cubic()}
