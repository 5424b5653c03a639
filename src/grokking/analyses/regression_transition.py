"""Sharp transition of regression (Lyu et al. 2024, Theorems 3.9 and 3.10, Corollary 3.11, Lemmas D.1, D.2 and D.8).

Matrix completion from U = V = α I, or perturbed as in Theorem 3.12, for α from 10 to 1000 and λ = α^-p.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from grokking.rng import stream
from grokking.specs.fields import Count, Factor, Fraction, NonNegative, Positive
from grokking.theory.completion_flow import CompletionFlow
from grokking.theory.planted_completion import PlantedCompletion

RELATIVE_TIMES = np.arange(1, 81) / 40  # of the critical time
L = 2  # the homogeneity of W = UUᵀ - VVᵀ


@dataclass(frozen=True)
class RegressionTransition:
    """A planted matrix [d, d] of a `rank` with a share `observed` of its pairs, for each α of `scales`; λ = α^-p.

    `perturbation` is σ of Theorem 3.12.
    """

    d: Count
    rank: Count
    observed: Fraction
    decay_exponent: Positive
    scales: tuple[Factor, ...]
    perturbation: NonNegative = 0.0

    def table(self, seed: int) -> pd.DataFrame:
        """One row per α and time."""
        problem = PlantedCompletion.draw(self.d, self.rank, self.observed, seed)
        noise = self.perturbation * stream(seed, "init").standard_normal((2, self.d, self.d))
        tables = [self.transition(problem, noise, alpha) for alpha in self.scales]
        return pd.concat(tables, ignore_index=True)

    def transition(self, problem: PlantedCompletion, noise: np.ndarray, alpha: float) -> pd.DataFrame:
        """One factorisation followed past its critical time."""
        decay = alpha**-self.decay_exponent
        flow = CompletionFlow(problem.target, problem.observed, alpha, decay)
        times = RELATIVE_TIMES * math.log(alpha) / decay
        S, P = np.moveaxis(flow.follow(times, noise), 1, 0)
        W = flow.matrix(times[:, None, None], S, P)
        goals = {
            "zero_filled": problem.zero_filled(),
            "least_nuclear_norm": problem.least_nuclear_norm(),
            "target": problem.target,
        }
        return pd.DataFrame(
            {
                "alpha": alpha,
                "weight_decay": decay,
                "relative_time": RELATIVE_TIMES,
                "time": times,
                **{f"distance_to_{name}": problem.distance(W, goal) for name, goal in goals.items()},
                **kkt(flow, times, S, P, W),
                **lemmas(flow, times, S, P, W),
            }
        )


def frobenius(*parts: np.ndarray) -> np.ndarray:
    """The norm of several arrays of matrices [T, d, d] taken together, [T]."""
    return np.sqrt(sum(np.square(part).sum((-2, -1)) for part in parts))


def kkt(flow: CompletionFlow, times: np.ndarray, S: np.ndarray, P: np.ndarray, W: np.ndarray) -> dict[str, np.ndarray]:
    """‖θ‖, the largest residual on Ω, and the cosine of θ and -∇L, which is 1 at a KKT point of (R2).

    With U = ρ(S + P)/2 and V = ρ(S - P)/2: ‖θ‖² = ρ²(‖S‖² + ‖P‖²)/2, and -∇L = ρ(-MP, -MS) in the same coordinates.
    """
    M = flow.push(W)
    inner = -((S * (M @ P)).sum((-2, -1)) + (P * (M @ S)).sum((-2, -1)))
    return {
        "parameter_norm": flow.scale(times) * frobenius(S, P) / math.sqrt(2),
        "largest_residual": np.abs(np.where(flow.observed, W - flow.target, 0)).max((-2, -1)),
        "gradient_cosine": inner / (frobenius(S, P) * frobenius(M @ P, M @ S)),
    }


def lemmas(
    flow: CompletionFlow, times: np.ndarray, S: np.ndarray, P: np.ndarray, W: np.ndarray
) -> dict[str, np.ndarray]:
    """The bound on the loss by D.1 over the loss, and ‖δ‖ in units of α^-L e^(Lλt), bounded by D.2.

    Both are claimed while `in_kernel_ball`. A = α^(2(L-1))/λ; ν is the least eigenvalue of the kernel at (I, I):
    features of different entries are orthogonal, with squared norm 4 off the diagonal and 8 on it. A change δ of θ
    changes a feature by at most 2‖δ‖, so the least singular value of the features stays above √ν/2 while
    ‖δ‖ ≤ √ν / (4 √n).
    """
    n, y = flow.observed.sum(), flow.target[flow.observed]
    off_diagonal = flow.observed & ~np.eye(len(flow.target), dtype=bool)
    nu = 4.0 if off_diagonal.any() else 8.0
    m, A = 2 * (L - 1), flow.alpha ** (2 * (L - 1)) / flow.decay
    early = y @ y / n * np.exp(-nu * A / (8 * n * (L - 1)) * -np.expm1(-m * flow.decay * times))
    late = (
        16 * n * L**2 * (y @ y) * flow.decay**2 / (nu**2 * flow.alpha ** (2 * m)) * np.exp(2 * m * flow.decay * times)
    )
    delta = frobenius(S - 2 * np.eye(len(flow.target)), P) / math.sqrt(2)
    loss = np.square(np.where(flow.observed, W - flow.target, 0)).sum((-2, -1)) / n
    return {
        "train_loss": loss,
        "d1_loss_room": np.maximum(early, late) / loss,
        "delta_in_d2": delta * flow.scale(times) ** L,
        "in_kernel_ball": np.logical_and.accumulate(delta <= math.sqrt(nu / n) / 4).astype(int),
    }
