"""Bounds on the test error of max-margin classifiers (Lyu et al. 2024, Theorems E.1 to E.5).

The teacher sums k coordinates: a weight vector of L1 norm k and L2 norm √k, with margins ≥ 1.
"""

import math

import numpy as np

from grokking.rng import signs, stream

DRAWS = 2000  # random sign vectors σ


def sample_scale(norm: int, d: int, k: int) -> float:
    """Return the order of the number of samples needed: k² log d for L1 (E.4), k d for L2 (E.5)."""
    return k**2 * math.log(d) if norm == 1 else float(k * d)


def error_bound(norm: int, n: int, d: int, k: int, failure: float) -> float:
    """Return the bound on the test error of the L1 (E.4) or L2 (E.5) max-margin classifier.

    It is proportional to 1/√n, holds with probability 1 - `failure`, and says nothing from 1 on.
    """
    complexity = 4 * k * math.sqrt(2 * math.log(2 * d) / n) if norm == 1 else 4 * math.sqrt(k * d / n)
    return complexity + 3 * math.sqrt(math.log(2 / failure) / (2 * n))


def rademacher(X: np.ndarray, norm: int, seed: int) -> dict[str, float]:
    """Estimate the empirical Rademacher complexity (E.1), its standard error and its bound (E.3).

    It is that of {⟨w, ·⟩ : ‖w‖_norm ≤ 1} on the rows of X [n, d]. The maximum over w is the dual
    norm of z = Xᵀσ/n. The mean over σ is estimated from `DRAWS` draws, with ‖z‖², whose mean
    Σ‖x_i‖²/n² is known, as a control variate: for L2 the complexity is so close to its bound that a
    plain mean could exceed it.
    """
    n = len(X)
    dual = np.inf if norm == 1 else 2
    sigma = signs(stream(seed, "rademacher"), DRAWS, n).astype(float)
    z = sigma @ X / n
    largest = np.linalg.norm(z, dual, axis=1)
    excess = np.square(z).sum(1) - np.square(X).sum() / n**2
    variance = excess.var(ddof=1)
    controlled = largest - np.cov(largest, excess)[0, 1] / variance * excess if variance else largest
    return {
        "rademacher": float(controlled.mean()),
        "rademacher_error": float(controlled.std() / math.sqrt(DRAWS)),
        "rademacher_bound": rademacher_bound(X, norm),
    }


def rademacher_bound(X: np.ndarray, norm: int) -> float:
    """Return √(Σ‖x_i‖²)/n in the dual norm; for L1 times √(2 log 2d), by Massart's lemma (E.3)."""
    sizes = np.linalg.norm(X, np.inf if norm == 1 else 2, axis=1)
    factor = math.sqrt(2 * math.log(2 * X.shape[1])) if norm == 1 else 1.0
    return factor * float(np.linalg.norm(sizes)) / len(X)
