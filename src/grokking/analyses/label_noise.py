"""Label-noise SGD leaves the limit of gradient flow at time T/η² (Lyu et al. 2024, Theorem B.1; Li et al. 2022).

Update (6): θ ← θ - η ∇(f(θ; x_i) - y_i + ξ)², ξ ~ N(0, 1), one random sample a step, on a diagonal net of depth 2 that
starts at θ = α (1, 1), with a κ-sparse linear teacher of norm 1 and Gaussian inputs.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import root

from grokking.rng import stream
from grokking.specs.fields import Count, Positive

BLOCK = 10_000  # steps whose random numbers are drawn together
POINTS = 120  # observations


@dataclass(frozen=True)
class LabelNoise:
    """n samples in d dimensions; each η of `learning_rates` is run to η² · steps = `horizon`."""

    n: Count
    d: Count
    kappa: Count
    learning_rates: tuple[Positive, ...]
    horizon: Positive
    alpha: Positive = 1.0

    def table(self, seed: int) -> pd.DataFrame:
        """One row per η and observation: the losses, and the distance of w from the limit of gradient flow."""
        X, y, teacher = self.draw(seed)
        limit = gradient_flow_limit(X, y, self.alpha)
        tables = [self.run(X, y, teacher, limit, eta, seed) for eta in self.learning_rates]
        return pd.concat(tables, ignore_index=True)

    def draw(self, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """X [n, d], y [n] and the teacher w* [d], κ equal entries of norm 1 together."""
        X = stream(seed, "train").standard_normal((self.n, self.d))
        teacher = np.zeros(self.d)
        teacher[: self.kappa] = 1 / math.sqrt(self.kappa)
        return X, X @ teacher, teacher

    def run(
        self, X: np.ndarray, y: np.ndarray, teacher: np.ndarray, limit: np.ndarray, eta: float, seed: int
    ) -> pd.DataFrame:
        """The path at one learning rate."""
        total = round(self.horizon / eta**2)
        wanted = np.unique(np.geomspace(1, total, POINTS).round().astype(np.int64))
        rows = []
        for step, w in zip(wanted, noisy_descent(X, y, self.alpha, eta, wanted, seed), strict=True):
            rows.append(
                {
                    "learning_rate": eta,
                    "step": step,
                    "time": eta * step,
                    "slow_time": eta**2 * step,
                    "train_loss": float(np.mean((X @ w - y) ** 2)),
                    "population_loss": float(np.sum((w - teacher) ** 2)),
                    "distance_to_flow": float(np.linalg.norm(w - limit)),
                    "flow_population_loss": float(np.sum((limit - teacher) ** 2)),
                }
            )
        return pd.DataFrame(rows)


def noisy_descent(
    X: np.ndarray, y: np.ndarray, alpha: float, eta: float, wanted: np.ndarray, seed: int
) -> list[np.ndarray]:
    """The weights w = u² - v² after each number of steps in `wanted`; `ArithmeticError` where the path diverges."""
    generator = stream(seed, f"label noise {eta:g}")
    u = np.full(X.shape[1], alpha)
    v = u.copy()
    seen, done, upcoming = [], 0, set(wanted.tolist())
    while done < wanted[-1]:
        count = min(BLOCK, int(wanted[-1]) - done)
        rows = generator.integers(0, len(X), count)
        targets = y[rows] - generator.standard_normal(count)  # f - y + ξ = f - (y - ξ)
        for row, target in zip(rows, targets, strict=True):
            x = X[row]
            change = (4 * eta * ((u * u - v * v) @ x - target)) * x
            u -= u * change
            v += v * change
            done += 1
            if done in upcoming:
                seen.append(u * u - v * v)
        if not np.isfinite(u).all():
            raise ArithmeticError(f"label-noise SGD diverged before step {done} at learning rate {eta:g}")
    return seen


def gradient_flow_limit(X: np.ndarray, y: np.ndarray, alpha: float) -> np.ndarray:
    """Where gradient flow on the squared loss ends: w = 2α² sinh(4Xᵀs) with Xw = y, n equations for the dual s.

    They are the stationary point of the convex function Σ_k (α²/2) cosh(4 x_kᵀ s) - yᵀs.
    """

    def residual(s: np.ndarray) -> np.ndarray:
        return X @ (2 * alpha**2 * np.sinh(4 * (X.T @ s))) - y

    def jacobian(s: np.ndarray) -> np.ndarray:
        return (X * (8 * alpha**2 * np.cosh(4 * (X.T @ s)))) @ X.T

    found = root(residual, np.zeros(len(y)), jac=jacobian, tol=1e-12)
    if np.abs(found.fun).max() > 1e-8:
        raise ArithmeticError(f"limit of gradient flow: {found.message}")
    return 2 * alpha**2 * np.sinh(4 * (X.T @ found.x))
