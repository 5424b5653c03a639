"""The limit of gradient flow of a depth-2 diagonal net on the squared loss (Lyu et al. 2024, B.1).

Label-noise SGD, update (6), first follows this flow and leaves its limit at time T/η² (Li et al.
2022).
"""

import numpy as np
from scipy.optimize import root

from grokking.failures import NotSolved


def gradient_flow_limit(X: np.ndarray, y: np.ndarray, alpha: float) -> np.ndarray:
    """Return the w [d] with Xw = y, for X [n, d], that the flow reaches from u = v = α.

    The flow keeps w = 2α² sinh(4Xᵀs) for a dual s [n]; Xw = y is the stationary point of the convex
    function Σ_k (α²/2) cosh(4 x_kᵀ s) - yᵀs (Theorem B.1). Raises `NotSolved` if the residual stays
    above 10⁻⁸.
    """

    def residual(s: np.ndarray) -> np.ndarray:
        return X @ (2 * alpha**2 * np.sinh(4 * (X.T @ s))) - y

    def jacobian(s: np.ndarray) -> np.ndarray:
        return (X * (8 * alpha**2 * np.cosh(4 * (X.T @ s)))) @ X.T

    solution = root(residual, np.zeros(len(y)), jac=jacobian, tol=1e-12)
    if np.abs(solution.fun).max() > 1e-8:
        raise NotSolved(f"limit of gradient flow: {solution.message}")
    return np.asarray(2 * alpha**2 * np.sinh(4 * (X.T @ solution.x)))
