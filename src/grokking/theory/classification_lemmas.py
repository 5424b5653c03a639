"""Both sides of Lemmas C.4, C.5 and C.7 of Lyu et al. 2024: diagonal nets, exponential loss.

With m = 2(L-1) and the kernel's scale κ(t) = (α e^(-λt))^m, the flow satisfies

    λL ℒ log(1/(nℒ)) - G² κ ℒ²  ≤  dℒ/dt  ≤  λL ℒ log(1/ℒ) - (γ²/4) κ ℒ²        (C.7, C.4)

while θ is in a ball around the decayed initial point.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import lambertw

from grokking.nets.dual_diagonal_net import DualDiagonalNet


@dataclass(frozen=True)
class KernelConstants:
    """The constants of the lemmas, which hold at θ̄ + δ while ‖δ‖ ≤ `radius` · α e^(-λt).

    θ̄ = α e^(-λt) (1, …, 1) is the decayed initial point. In units of (α e^(-λt))^(L-1) the
    gradient of every margin q_i has an inner product of at least γ/2 with a unit vector h*, the
    same for all i, and a norm of at most G. `n` is the number of samples, `L` the depth.
    """

    n: int
    L: int
    alpha: float
    weight_decay: float
    gamma: float
    radius: float
    G: float

    @classmethod
    def of(cls, X: np.ndarray, l2_margin: float, alpha: float, weight_decay: float, L: int) -> "KernelConstants":
        """Compute the constants from the points X [n, d] and their L2 max margin γ₂.

        At u = v = 1 the features are (Lx, -Lx), hence γ = √2 L γ₂. A feature L x ⊙ (1 + δ)^(L-1)
        changes in norm by at most L max|x| ((1 + ‖δ‖)^(L-1) - 1), which at the radius is γ/2.
        """
        n, d = X.shape
        gamma = math.sqrt(2) * L * l2_margin
        largest = float(np.abs(X).max())
        radius = (1 + gamma / (2 * L * largest)) ** (1 / (L - 1)) - 1
        return cls(n, L, alpha, weight_decay, gamma, radius, L * largest * math.sqrt(2 * d) + gamma / 2)

    @property
    def A(self) -> float:
        """A = α^(2(L-1)) / λ."""
        return self.alpha ** (2 * (self.L - 1)) / self.weight_decay

    def kernel_scale(self, t: np.ndarray) -> np.ndarray:
        """Return κ(t) = (α e^(-λt))^(2(L-1)): the kernel at θ̄ over the kernel at (1, …, 1)."""
        return np.exp(2 * (self.L - 1) * (math.log(self.alpha) - self.weight_decay * t))

    def rate_bounds(self, t: np.ndarray, loss: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower (C.7) and the upper bound (C.4) on dℒ/dt."""
        kernel, entropy = self.kernel_scale(t) * loss**2, self.weight_decay * self.L * loss
        lower = entropy * np.log(1 / (self.n * loss)) - self.G**2 * kernel
        return lower, entropy * np.log(1 / loss) - self.gamma**2 / 4 * kernel

    def loss_bound(self, t: np.ndarray) -> np.ndarray:
        """Return the upper bound on ℒ (C.4).

        It is the larger of a bound that falls and one that rises as the kernel decays.
        """
        m = 2 * (self.L - 1)
        growth = np.exp(m * self.weight_decay * t)
        falling = 1 / (1 + self.gamma**2 / (8 * m) * self.A * (1 - 1 / growth))
        return np.maximum(falling, growth / (inverse_x_log_x(self.gamma**2 / (8 * self.L) * self.A) - 1))


def loss_and_rate(system: DualDiagonalNet, times: np.ndarray, states: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return ℒ and dℒ/dt = -‖∇ℒ‖² - λ⟨θ, ∇ℒ⟩, [T] each, at the dual variables `states` [T, n].

    By homogeneity ⟨θ, ∇q_i⟩ = L q_i, so that the second term is λL times the mean of q_i e^(-q_i).
    """
    X, y, L, decay = system.data.X, system.data.y, system.shape.depth, system.weight_decay
    z, log_scale = states @ X, system.log_scale(torch.from_numpy(times)[:, None])  # [T, d], [T, 1]
    q = system.shape.weights(log_scale, z) @ X.T * y  # [T, n]
    g = (torch.exp(-q) * y) @ X / len(y)  # -∂ℒ/∂w, [T, d]
    squares = L**2 * (g**2 * system.shape.powers(log_scale, z, 2 * L - 2)).sum(1)
    rate = decay * L * (q * torch.exp(-q)).mean(1) - squares
    return torch.exp(-q).mean(1).numpy(), rate.numpy()


def lemmas(
    system: DualDiagonalNet, times: np.ndarray, states: torch.Tensor, constants: KernelConstants
) -> dict[str, np.ndarray]:
    """Return how far each lemma is from failing at each time, [T] by column name.

    The lemmas apply while `in_kernel_ball` is 1. A rate's slack is its distance from the bound over
    the larger of the two; the lemma holds if it is ≥ 0. The slack of the loss is the bound over ℒ;
    the lemma holds if it is ≥ 1. By C.5 the relative distance ‖δ‖ from the decayed initial point
    is at most a constant times α^-L log(A) e^(Lλt); `delta_in_c5` is ‖δ‖ over this.
    """
    loss, rate = loss_and_rate(system, times, states)
    lower, upper = constants.rate_bounds(times, loss)
    delta = system.shape.deviation(states @ system.data.X).numpy()
    scale = constants.alpha * np.exp(-constants.weight_decay * times)
    return {
        "c4_rate_slack": (upper - rate) / np.maximum(np.abs(upper), np.abs(rate)),
        "c7_rate_slack": (rate - lower) / np.maximum(np.abs(lower), np.abs(rate)),
        "c4_loss_slack": constants.loss_bound(times) / loss,
        "delta_in_c5": delta * scale**constants.L / math.log(constants.A),
        "in_kernel_ball": np.logical_and.accumulate(delta <= constants.radius).astype(int),
    }


def inverse_x_log_x(y: float) -> float:
    """Return the x ≥ 1 with x log x = y, for y ≥ 0."""
    return float(np.exp(lambertw(y).real))
