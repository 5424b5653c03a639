"""Where a diagonal net of depth 2 ends under gradient flow on the squared loss (Lyu et al. 2024, Theorem B.1).

Label-noise SGD, update (6), follows that flow first and leaves its limit at time T/η² (Li et al. 2022).
"""

import numpy as np
from scipy.optimize import root

from grokking.failures import NotSolved


def gradient_flow_limit(X: np.ndarray, y: np.ndarray, alpha: float) -> np.ndarray:
    """The weights w [d] with Xw = y, for X [n, d], that the flow reaches from u = v = α.

    The flow keeps w = 2α² sinh(4Xᵀs) for a dual s [n]; Xw = y is the stationary point of the convex function
    Σ_k (α²/2) cosh(4 x_kᵀ s) - yᵀs. Raises `NotSolved` if the residual stays above 1e-8.
    """

    def residual(s: np.ndarray) -> np.ndarray:
        return X @ (2 * alpha**2 * np.sinh(4 * (X.T @ s))) - y

    def jacobian(s: np.ndarray) -> np.ndarray:
        return (X * (8 * alpha**2 * np.cosh(4 * (X.T @ s)))) @ X.T

    found = root(residual, np.zeros(len(y)), jac=jacobian, tol=1e-12)
    if np.abs(found.fun).max() > 1e-8:
        raise NotSolved(f"limit of gradient flow: {found.message}")
    return np.asarray(2 * alpha**2 * np.sinh(4 * (X.T @ found.x)))
