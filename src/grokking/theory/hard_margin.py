"""Max-margin classifiers of many points in few dimensions: solve on some constraints, add the violated ones."""

import numpy as np
from scipy.optimize import nnls

from grokking.theory.l1_max_margin import l1_max_margin

FIRST = 100  # constraints to begin with
SLACK = 1e-6  # of a margin of 1
GAP = 1e-6  # relative, of the L1 norm: beyond it few coordinates carry the optimum, and its equations degenerate


def hard_margin(X: np.ndarray, y: np.ndarray, norm: int) -> np.ndarray:
    """w [d] of least L1 or L2 norm with y_i⟨w, x_i⟩ ≥ 1 for X [n, d]; `ArithmeticError` if the data are not separable.

    The minimiser under a subset of the constraints that violates none of the others is the minimiser under all.
    """
    A = X * y[:, None]
    chosen = np.arange(min(FIRST, len(A)))
    while True:
        w = l1_max_margin(A[chosen], np.ones(len(chosen)), GAP).w if norm == 1 else l2_hard_margin(A[chosen])
        margins = A @ w
        violated = np.nonzero(margins < 1 - SLACK)[0]
        if not len(violated):
            return w
        worst = violated[np.argsort(margins[violated])[: max(FIRST, len(chosen))]]
        chosen = np.concatenate([chosen, worst])


def l2_hard_margin(A: np.ndarray) -> np.ndarray:
    """w of least L2 norm with Aw ≥ 1, for A [m, d] of any shape.

    The nearest point of the convex hull of the rows to 0 is w/‖w‖²: least squares over μ ≥ 0 with a row that sums μ.
    """
    system = np.vstack([A.T, np.ones((1, len(A)))])
    goal = np.zeros(len(system))
    goal[-1] = 1
    mu, _ = nnls(system, goal, maxiter=100 * len(A))
    w = A.T @ mu
    least = float((A @ w).min())
    if least <= 0:
        raise ArithmeticError(f"L2 max margin: the {len(A)} training points are not separable")
    return w / least
