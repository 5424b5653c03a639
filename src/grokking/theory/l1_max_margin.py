"""The L1 max-margin direction, where a diagonal net ends (Lyu et al. 2024, Corollary 3.7).

It solves a linear programme with 2d + n non-negative unknowns but only n constraints. A primal-dual
interior-point method needs one n × n system per iteration, so that d = 10⁵ takes seconds.
"""

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from grokking.failures import NotSolved
from grokking.theory.max_margin import MaxMargin

MOST_ITERATIONS = 100
RIDGE = 1e-14  # keeps the n × n system definite when few coordinates carry the optimum


def l1_max_margin(X: np.ndarray, y: np.ndarray, gap: float = 1e-9) -> MaxMargin:
    """Minimise ‖w‖₁ subject to y_i⟨w, x_i⟩ ≥ 1 for separable X [n, d], to the relative gap `gap`.

    The method is Mehrotra's predictor-corrector on w = p - q, z = Aw - 1 with p, q, z ≥ 0 and
    A = diag(y)X; the dual is max 1ᵀμ subject to ‖Aᵀμ‖_∞ ≤ 1, μ ≥ 0. Raises `NotSolved` if the
    duality gap is not reached.
    """
    A = X * y[:, None]
    x, slack, mu = start(A)
    reached = np.inf
    for _ in range(MOST_ITERATIONS):
        if not np.isfinite(np.concatenate([x, slack])).all():
            break
        solution = certify(A, x, mu)
        reached = solution.gap
        if reached <= gap:
            return solution
        x, slack, mu = improve(A, x, slack, mu)
    raise NotSolved(f"L1 max margin: gap {reached:.1e} instead of {gap:.1e}; are the data separable?")


def start(A: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a strictly positive x = (p, q, z), the slack, and a strictly dual-feasible μ.

    The slack is s = c - Bᵀμ with B = (A, -A, -I) and c = (1, 1, 0).
    """
    w = A.T @ np.linalg.lstsq(A @ A.T, np.full(len(A), 2.0))[0]
    away = np.abs(w).max()
    x = np.concatenate([np.maximum(w, 0) + away, np.maximum(-w, 0) + away, np.ones(len(A))])
    mu = np.full(len(A), 0.5 / np.abs(A.sum(0)).max())
    price = mu @ A
    return x, np.concatenate([1 - price, 1 + price, mu]), mu


def certify(A: np.ndarray, x: np.ndarray, mu: np.ndarray) -> MaxMargin:
    """Scale w and μ until they are feasible, and return w with its duality gap."""
    w = positive_part_difference(x, A.shape[1])
    margin = (A @ w).min()
    if margin <= 0:
        return MaxMargin(w, norm=np.inf, gap=np.inf)
    norm = float(np.abs(w).sum() / margin)
    dual = float(mu.sum() / np.abs(mu @ A).max())
    return MaxMargin(w / margin, norm, gap=1 - dual / norm)


def positive_part_difference(x: np.ndarray, d: int) -> np.ndarray:
    """Return w = p - q [d] of x = (p, q, z)."""
    return x[:d] - x[d : 2 * d]


def improve(
    A: np.ndarray, x: np.ndarray, slack: np.ndarray, mu: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (x, slack, μ) after one predictor-corrector step.

    The slack is updated, since computed from μ it would cancel to 0 near the solution.
    """
    n, d = A.shape
    weight = x / slack
    M = (A * (weight[:d] + weight[d : 2 * d])) @ A.T + np.diag(weight[2 * d :])
    M[np.diag_indices(n)] *= 1 + RIDGE
    factor = cho_factor(M)
    residual = 1 - (A @ positive_part_difference(x, d) - x[2 * d :])

    def direction(complementarity: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the Newton step (dx, ds, dμ) with s dx + x ds = `complementarity`."""
        part = complementarity / slack
        d_mu = cho_solve(factor, residual - (A @ positive_part_difference(part, d) - part[2 * d :]))
        d_price = d_mu @ A
        d_slack = np.concatenate([-d_price, d_price, d_mu])
        return part - weight * d_slack, d_slack, d_mu

    mean = x @ slack / len(x)
    dx, ds, _ = direction(-x * slack)
    reached = (x + longest(x, dx) * dx) @ (slack + longest(slack, ds) * ds) / len(x)
    dx, ds, d_mu = direction((reached / mean) ** 3 * mean - x * slack - dx * ds)
    primal, dual = 0.995 * longest(x, dx), 0.995 * longest(slack, ds)
    return x + primal * dx, slack + dual * ds, mu + dual * d_mu


def longest(x: np.ndarray, dx: np.ndarray) -> float:
    """Return the largest step in [0, 1] that keeps x + step · dx ≥ 0."""
    falling = dx < 0
    return min(1.0, float((-x[falling] / dx[falling]).min())) if falling.any() else 1.0
