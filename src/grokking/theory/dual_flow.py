"""The flow of a small diagonal net over dozens of decades of time, by SciPy's Radau method.

With α = 10^12 the first outputs appear at t = 10^-24 and the transition at 10^13. Every dual
variable |s_i| only grows, over as many decades. The solver therefore follows log |s_i| over log t,
where the flow is smooth and has n stiff unknowns.
"""

import numpy as np
import torch
from scipy.integrate import solve_ivp
from torch import Tensor

from grokking.failures import NotSolved
from grokking.nets.dual_diagonal_net import DualDiagonalNet

TOLERANCE = 1e-8
LINEAR = 1e-6  # outputs below this count as linear in time


def follow(system: DualDiagonalNet, times: np.ndarray) -> Tensor:
    """Return the dual variables [T, n] at increasing `times` > 0.

    Raises `NotSolved` if the solver gives up.
    """
    y = system.data.y.numpy()
    rate = y * system.velocity(0.0, system.initial).numpy()
    start = LINEAR / first_output(system, torch.from_numpy(y * rate))

    def log_derivative(log_time: float, log_s: np.ndarray) -> np.ndarray:
        """Return d log |s| / d log t, [n]."""
        t, s = np.exp(log_time), np.exp(log_s)
        return t / s * y * system.velocity(t, torch.from_numpy(y * s)).numpy()

    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # such steps are rejected
        solution = solve_ivp(
            log_derivative,
            (np.log(start), np.log(times[-1])),
            np.log(start * rate),
            "Radau",
            np.log(times),
            rtol=TOLERANCE,
            atol=TOLERANCE,
        )
    if not solution.success:
        raise NotSolved(f"dual flow at α = {system.initial_entry:g}: {solution.message}")
    return torch.from_numpy(y[:, None] * np.exp(solution.y)).T.contiguous()


def first_output(system: DualDiagonalNet, s: Tensor) -> float:
    """Return the largest output |⟨w, x_i⟩| at dual variables s [n] so small that it is linear."""
    depth, log_scale = system.shape.depth, float(system.log_scale(0.0))
    slope = 2 * depth**2 * (system.data.X.T @ s)  # of u^L - v^L at u = v = 1
    return float((system.data.X @ slope).abs().max() * np.exp(depth * log_scale))
