"""The L2 max-margin direction, where a diagonal net stays in its kernel regime (Lyu et al. 2024, Corollary 3.6)."""

import math

import numpy as np
from scipy.optimize import nnls

from grokking.failures import NotSolved
from grokking.theory.max_margin import MaxMargin


def l2_max_margin(X: np.ndarray, y: np.ndarray) -> MaxMargin:
    """Minimise ‖w‖₂ subject to y_i⟨w, x_i⟩ ≥ 1, for X [n, d] of any shape.

    The point Aᵀμ nearest to 0 in the convex hull of the rows of A = diag(y)X is w/‖w‖². With Aᵀ = QR, and with a row
    of ones that sums μ, that is the non-negative least-squares problem ‖Rμ‖² + (1ᵀμ - 1)², solved by an active-set
    method. Raises `NotSolved` unless the data are separable.
    """
    A = X * y[:, None]
    R = np.asarray(np.linalg.qr(A.T, mode="r"))
    system = np.vstack([R / np.linalg.norm(R, 2), np.ones((1, len(A)))])
    goal = np.zeros(len(system))
    goal[-1] = 1
    mu, _ = nnls(system, goal, maxiter=100 * len(A))
    w = A.T @ mu
    least = float((A @ w).min())
    if least <= 0:
        raise NotSolved(f"L2 max margin: the {len(A)} training points are not separable")
    norm = math.sqrt(w @ w) / least
    dual = mu.sum() / math.sqrt(w @ w)  # the largest value of 1ᵀμ subject to ‖Aᵀμ‖ ≤ 1, at this direction of μ
    return MaxMargin(w / least, norm, gap=float(1 - dual / norm))
