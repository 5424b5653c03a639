"""The flow of a matrix factorisation over many decades of time, by SciPy's implicit Radau method.

The state is S = U + V and P = U - V in units of the decaying scale ρ = α e^(-λt). Weight decay then
drops out, and nothing cancels for large α: W = UUᵀ - VVᵀ = ρ² (PSᵀ + SPᵀ)/2, S' = -MP and P' = -MS
with M = (2/n)(R + Rᵀ).
"""

from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

from grokking.failures import NotSolved

TOLERANCE = 1e-6


@dataclass(frozen=True)
class CompletionFlow:
    """Gradient flow on eq. (5) of Lyu et al. 2024, from U = V = α I + noise.

    The flow fits the entries of `target` [d, d] in the mask `observed` [d, d].
    """

    target: np.ndarray
    observed: np.ndarray
    alpha: float
    weight_decay: float

    def follow(self, times: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Return (S, P) in units of ρ, [T, 2, d, d], at increasing `times` > 0.

        `noise` [2, d, d] is added to U and V at t = 0. Raises `NotSolved` if the solver gives up.
        """
        U, V = np.eye(len(self.target)) + noise / self.alpha
        start = 1e-6 * self.observed.sum() / self.alpha**2
        tiny = 1e-3 * TOLERANCE / max(1.0, self.alpha**2)  # outputs move with ρ² P
        where = f"completion flow at α = {self.alpha:g}, λ = {self.weight_decay:g}"
        try:
            solution = solve_ivp(
                self.log_time_derivative,
                (np.log(min(start, times[0])), np.log(times[-1])),
                np.stack([U + V, U - V]).ravel(),
                "Radau",
                np.log(times),
                vectorized=True,
                rtol=TOLERANCE,
                atol=tiny,
            )
        except ValueError as error:  # a state that overflows has no Jacobian
            raise NotSolved(f"{where}: {error}") from None
        if not solution.success:
            raise NotSolved(f"{where}: {solution.message}")
        return solution.y.T.reshape(-1, 2, *self.target.shape)

    def log_time_derivative(self, log_time: float, y: np.ndarray) -> np.ndarray:
        """Return d(S, P)/d log t for a state [2dd] or a batch of states [2dd, B]."""
        t, d = np.exp(log_time), len(self.target)
        S, P = np.moveaxis(y.reshape(2, d, d, -1), -1, 1)  # [B, d, d] each
        M = self.residual_operator(self.matrix(t, S, P))
        change = -t * np.stack([M @ P, M @ S])
        return np.moveaxis(change, 1, -1).reshape(y.shape)

    def scale(self, t: float | np.ndarray) -> float | np.ndarray:
        """Return ρ(t) = α e^(-λt)."""
        return self.alpha * np.exp(-self.weight_decay * t)

    def matrix(self, t: float | np.ndarray, S: np.ndarray, P: np.ndarray) -> np.ndarray:
        """Return W [..., d, d] at time t from S and P in units of ρ."""
        half = P @ S.swapaxes(-1, -2)
        return np.square(self.scale(t)) / 2 * (half + half.swapaxes(-1, -2))

    def residual_operator(self, W: np.ndarray) -> np.ndarray:
        """Return M = (2/n)(R + Rᵀ), with the residual R on Ω, so that -∇L = (-MU, MV)."""
        R = np.where(self.observed, W - self.target, 0.0)
        return 2 / self.observed.sum() * (R + R.swapaxes(-1, -2))
