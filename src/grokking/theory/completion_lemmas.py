"""Both sides of Lemmas D.1 and D.2 of Lyu et al. 2024, and the KKT conditions of Lemma D.8."""

import math
from dataclasses import dataclass

import numpy as np

from grokking.theory.completion_flow import CompletionFlow

L = 2  # the homogeneity of W = UUᵀ - VVᵀ


@dataclass(frozen=True)
class KernelConstants:
    """The constants of the lemmas: n, y = X* on Ω, α, λ, and ν, the kernel's least eigenvalue.

    ν is taken at U = V = I. While ‖δ‖ ≤ `radius` · α e^(-λt) the least singular value of the
    features stays above half of its initial value.
    """

    n: int
    y: np.ndarray
    alpha: float
    weight_decay: float
    nu: float

    @classmethod
    def of(cls, flow: CompletionFlow) -> "KernelConstants":
        """Compute the constants of a flow.

        Features of different entries are orthogonal, with squared norm 4 off the diagonal, 8 on it.
        """
        off_diagonal = flow.observed & ~np.eye(len(flow.target), dtype=bool)
        y = flow.target[flow.observed]
        return cls(len(y), y, flow.alpha, flow.weight_decay, 4.0 if off_diagonal.any() else 8.0)

    @property
    def radius(self) -> float:
        """√(ν/n)/4: a change δ of θ changes a feature by at most 2‖δ‖, all n by at most 2√n ‖δ‖."""
        return math.sqrt(self.nu / self.n) / 4

    def loss_bound(self, t: np.ndarray) -> np.ndarray:
        """Return the upper bound on the loss (D.1).

        It is the larger of a bound that falls and one that rises as the kernel decays.
        """
        m, n, nu, squared = 2 * (L - 1), self.n, self.nu, float(self.y @ self.y)
        A = self.alpha**m / self.weight_decay
        falling = squared / n * np.exp(-nu * A / (8 * n * (L - 1)) * -np.expm1(-m * self.weight_decay * t))
        late = 16 * n * L**2 * squared * self.weight_decay**2 / (nu**2 * self.alpha ** (2 * m))
        return np.maximum(falling, late * np.exp(2 * m * self.weight_decay * t))


def lemmas(
    flow: CompletionFlow, times: np.ndarray, S: np.ndarray, P: np.ndarray, W: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the bound of D.1 over the loss, and ‖δ‖/(α^-L e^(Lλt)), which D.2 bounds, [T] each.

    Both lemmas apply while `in_kernel_ball` is 1. S, P [T, d, d] are in units of ρ, as
    `CompletionFlow.follow` returns them; W [T, d, d] are their matrices.
    """
    constants = KernelConstants.of(flow)
    loss = np.square(np.where(flow.observed, W - flow.target, 0)).sum((-2, -1)) / constants.n
    delta = norms(S - 2 * np.eye(len(flow.target)), P) / math.sqrt(2)
    return {
        "train_loss": loss,
        "d1_loss_slack": constants.loss_bound(times) / loss,
        "delta_in_d2": delta * flow.scale(times) ** L,
        "in_kernel_ball": np.logical_and.accumulate(delta <= constants.radius).astype(int),
    }


def kkt(flow: CompletionFlow, times: np.ndarray, S: np.ndarray, P: np.ndarray, W: np.ndarray) -> dict[str, np.ndarray]:
    """Return ‖θ‖ (Lemma D.8), the largest residual on Ω, and the cosine of θ and -∇L, at each time.

    The cosine is 1 at a KKT point of (R2). With U = ρ(S + P)/2 and V = ρ(S - P)/2,
    ‖θ‖² = ρ²(‖S‖² + ‖P‖²)/2, and -∇L = ρ(-MP, -MS) in the coordinates S and P.
    """
    M = flow.residual_operator(W)
    inner = -((S * (M @ P)).sum((-2, -1)) + (P * (M @ S)).sum((-2, -1)))
    return {
        "parameter_norm": flow.scale(times) * norms(S, P) / math.sqrt(2),
        "largest_residual": np.abs(np.where(flow.observed, W - flow.target, 0)).max((-2, -1)),
        "gradient_cosine": inner / (norms(S, P) * norms(M @ P, M @ S)),
    }


def norms(*parts: np.ndarray) -> np.ndarray:
    """Return the joint Frobenius norm of several arrays of matrices [T, d, d], [T]."""
    return np.asarray(np.sqrt(sum(np.square(part).sum((-2, -1)) for part in parts)))
