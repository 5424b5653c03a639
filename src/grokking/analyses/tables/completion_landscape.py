"""The landscape of regularised matrix completion (Lyu et al. 2024, Theorems F.1 to F.3).

A net whose U has a columns and V has b columns that are not 0 keeps them under gradient descent.
The best of these nets is a critical point of the whole loss, and a saddle unless it is as good as
the best net of all.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from grokking.analyses.completion_landscape import CompletionLandscape
from grokking.failures import NotSolved
from grokking.rng import stream
from grokking.theory.planted_completion import PlantedCompletion

GLOBAL = 1e-6  # relative excess over the convex optimum up to which a loss is the global minimum
STATIONARY = 1e-4  # ‖∇‖ / (λ √‖X*‖) of a critical point
CONVERGED = 1e-14  # relative change of W in a step of the convex solver
MOST_STEPS = 20_000
SIGNS = np.array([1.0, -1.0])[:, None, None]  # of UUᵀ and VVᵀ


def table(analysis: CompletionLandscape, seed: int) -> pd.DataFrame:
    """Compute one row per critical point.

    `kind` is "minimum" for the end of a descent from a random start, "saddle" for a critical point
    of narrow nets that is not global. `excess` is the loss over the least value of the convex
    problem (42) minus 1, `stationarity` the norm of the gradient over λ √‖X*‖, the size of λθ where W
    is near X*, and `least_curvature` the least eigenvalue of the Hessian over λ.
    """
    problem = PlantedCompletion.draw(analysis.d, analysis.rank, analysis.observed, seed)
    loss = RegularisedLoss(problem.target, problem.observed, analysis.weight_decay)
    best, scale = loss.convex_optimum(), analysis.weight_decay * np.linalg.norm(problem.target) ** 0.5
    generator, d = stream(seed, "init"), analysis.d
    starts: list[tuple[str, tuple[int, ...]]] = [("minimum", (d, d))] * analysis.starts
    starts += [("saddle", widths) for widths in product(range(analysis.widest + 1), repeat=2)]
    rows = []
    for kind, widths in starts:
        theta = loss.minimised(generator.standard_normal((2, d, d)) * (np.arange(d) < np.array(widths)[:, None, None]))
        stationarity = float(np.linalg.norm(loss.gradient(theta))) / scale
        if stationarity > STATIONARY:
            raise NotSolved(f"completion landscape: gradient {stationarity:.1e} at the end of a descent")
        excess = loss.value(theta) / best - 1
        if kind == "minimum" or excess > GLOBAL:
            curvature = loss.least_eigenvalue(theta) / analysis.weight_decay
            rows.append((kind, loss.value(theta), excess, stationarity, curvature))
    return pd.DataFrame(rows, columns=analysis.columns)


@dataclass(frozen=True)
class RegularisedLoss:
    """The mean squared error on the n observed entries plus (λ/2)(‖U‖² + ‖V‖²), eq. (5).

    θ = (U, V) is [2, d, d]; `target` X* and the mask `observed` are [d, d].
    """

    target: np.ndarray
    observed: np.ndarray
    weight_decay: float

    def value(self, theta: np.ndarray) -> float:
        """Return the loss at θ."""
        return self.error(product_of(theta)) + self.weight_decay / 2 * float(np.square(theta).sum())

    def gradient(self, theta: np.ndarray) -> np.ndarray:
        """Return the gradient, [2, d, d]."""
        return SIGNS * (self.slope(product_of(theta) - self.target) @ theta) + self.weight_decay * theta

    def least_eigenvalue(self, theta: np.ndarray) -> float:
        """Return the least eigenvalue of the Hessian."""
        slope, n = self.slope(product_of(theta) - self.target), theta.size
        columns = []
        for direction in np.eye(n).reshape(n, *theta.shape):
            change = SIGNS * (theta @ direction.swapaxes(1, 2))
            turned = self.slope((change + change.swapaxes(1, 2)).sum(0)) @ theta
            columns.append((SIGNS * (turned + slope @ direction) + self.weight_decay * direction).ravel())
        return float(np.linalg.eigvalsh(np.array(columns))[0])

    def minimised(self, theta: np.ndarray) -> np.ndarray:
        """Return the end of a descent from θ. Columns that are 0 stay 0, since their gradient is."""

        def value_and_gradient(flat: np.ndarray) -> tuple[float, np.ndarray]:
            point = flat.reshape(theta.shape)
            return self.value(point), self.gradient(point).ravel()

        options = {"maxiter": MOST_STEPS, "maxfun": 2 * MOST_STEPS, "ftol": 1e-16, "gtol": 1e-10, "maxcor": 30}
        found = minimize(value_and_gradient, theta.ravel(), jac=True, method="L-BFGS-B", options=options)
        return np.asarray(found.x).reshape(theta.shape)

    def convex_optimum(self) -> float:
        """Return the least value of (42), the mean squared error plus (λ/2)‖W‖_*.

        W is symmetric and found by accelerated proximal gradient descent with restarts (O'Donoghue
        and Candès 2015). Raises `NotSolved` if W still moves.
        """
        W = ahead = np.zeros_like(self.target)
        step, t = self.observed.sum() / 2, 1.0
        for _ in range(MOST_STEPS):
            values, vectors = np.linalg.eigh(ahead - step / 2 * self.slope(ahead - self.target))
            values = np.sign(values) * np.maximum(np.abs(values) - step * self.weight_decay / 2, 0)
            before, W = W, vectors * values @ vectors.T
            if np.linalg.norm(W - before) <= CONVERGED * np.linalg.norm(self.target):
                return self.error(W) + self.weight_decay / 2 * float(np.abs(values).sum())
            if ((ahead - W) * (W - before)).sum() > 0:  # it went too far
                t = 1.0
            following = (1 + (1 + 4 * t * t) ** 0.5) / 2
            ahead, t = W + (t - 1) / following * (W - before), following
        raise NotSolved(f"completion landscape: the convex problem is not solved after {MOST_STEPS} steps")

    def error(self, W: np.ndarray) -> float:
        """Return the mean squared error of W."""
        return float(np.square((W - self.target)[self.observed]).mean())

    def slope(self, residual: np.ndarray) -> np.ndarray:
        """Return (2/n)(R + Rᵀ), with the residual R on the observed entries alone."""
        R = np.where(self.observed, residual, 0.0)
        return 2 / self.observed.sum() * (R + R.T)


def product_of(theta: np.ndarray) -> np.ndarray:
    """Return W = UUᵀ - VVᵀ, [d, d]."""
    return np.asarray((SIGNS * (theta @ theta.swapaxes(1, 2))).sum(0))
