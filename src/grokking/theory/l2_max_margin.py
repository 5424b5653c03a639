"""The L2 max-margin direction, where a diagonal net stays in its kernel regime (Lyu et al. 2024, Corollary 3.6)."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls


@dataclass(frozen=True)
class MaxMargin:
    """A minimiser w [d] of the norm subject to y_i⟨w, x_i⟩ ≥ 1, and how certainly it is one."""

    w: np.ndarray
    norm: float  # ‖w‖ in the norm that is minimised; the largest margin is 1 / norm
    gap: float  # (primal - dual) / primal, both feasible: an upper bound on the relative error of `norm`


def l2_max_margin(X: np.ndarray, y: np.ndarray) -> MaxMargin:
    """Minimise ‖w‖₂ subject to y_i⟨w, x_i⟩ ≥ 1, for X [n, d].

    Raises `ArithmeticError` unless its rows are linearly independent.

    The dual, max 1ᵀμ - ½ μᵀGμ over μ ≥ 0 with G = diag(y)XXᵀdiag(y) = LLᵀ, is the non-negative least-squares problem
    ‖Lᵀμ - L⁻¹1‖, solved by an active-set method.
    """
    A = X * y[:, None]
    if np.linalg.matrix_rank(A @ A.T) < len(A):
        raise ArithmeticError(f"L2 max margin: the {len(A)} training points must be linearly independent")
    L = np.linalg.cholesky(A @ A.T)
    mu, _ = nnls(L.T, np.linalg.solve(L, np.ones(len(y))), maxiter=100 * len(y))
    w = A.T @ mu
    w /= (A @ w).min()  # exactly feasible
    squared = float(w @ w)
    best = mu.sum() / (mu @ A @ (A.T @ mu))  # the scale of μ that maximises the dual
    dual = 2 * (best * mu.sum() - 0.5 * best**2 * float(np.sum((A.T @ mu) ** 2)))  # ≤ ‖w‖²
    return MaxMargin(w, norm=squared**0.5, gap=1 - (max(dual, 0.0) / squared) ** 0.5)
