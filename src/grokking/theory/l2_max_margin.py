"""The L2 max-margin direction, that of a lazy diagonal net (Lyu et al. 2024, Corollary 3.6)."""

import math

import numpy as np
from scipy.optimize import lsq_linear, nnls

from grokking.failures import NotSolved
from grokking.theory.max_margin import MaxMargin


def l2_max_margin(X: np.ndarray, y: np.ndarray, gap: float = 1e-9) -> MaxMargin:
    """Minimise ‖w‖₂ subject to y_i⟨w, x_i⟩ ≥ 1, for X [n, d], to the relative duality gap `gap`.

    The point Aᵀμ nearest to 0 in the convex hull of the rows of A = diag(y)X is w/‖w‖². With
    Aᵀ = QR its direction is that of the minimiser of ‖Rμ‖² + (1ᵀμ - 1)² over μ ≥ 0, which an
    active-set method finds. Raises `NotSolved` if the gap is not reached, as for data that are not
    separable.
    """
    A = X * y[:, None]
    R = np.asarray(np.linalg.qr(A.T, mode="r"))
    system = np.vstack([R / np.linalg.norm(R, 2), np.ones((1, len(A)))])
    goal = np.zeros(len(system))
    goal[-1] = 1
    for solve in (lawson_hanson, stark_parker):
        solution = certify(A, solve(system, goal))
        if solution.gap <= gap:
            return solution
    raise NotSolved(f"L2 max margin: gap {solution.gap:.1e} instead of {gap:.1e}; are the data separable?")


def lawson_hanson(system: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """Return the least-squares μ ≥ 0 by Lawson and Hanson's method, or 0 if it does not converge.

    SciPy 1.15 to 1.17 may stop too early (SciPy's issue 25389).
    """
    n = system.shape[1]
    try:
        mu: np.ndarray = nnls(system, goal, maxiter=100 * n)[0]
    except RuntimeError:
        return np.zeros(n)
    return mu


def stark_parker(system: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """Return the least-squares μ ≥ 0 by Stark and Parker's method, at least ten times slower."""
    mu: np.ndarray = lsq_linear(system, goal, (0, np.inf), method="bvls", tol=1e-15, max_iter=100 * system.shape[1]).x
    return mu


def certify(A: np.ndarray, mu: np.ndarray) -> MaxMargin:
    """Scale w = Aᵀμ to a least margin of 1 and μ to ‖Aᵀμ‖ = 1; return w with its duality gap."""
    w = A.T @ mu
    least = float((A @ w).min())
    if least <= 0:
        return MaxMargin(w, norm=math.inf, gap=math.inf)
    norm = math.sqrt(w @ w) / least
    dual = mu.sum() / math.sqrt(w @ w)
    return MaxMargin(w / least, norm, gap=float(1 - dual / norm))
