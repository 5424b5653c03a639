"""Sharp transition of classification (Lyu et al. 2024, Theorems 3.4 and 3.5, Corollaries 3.6 and 3.7, Lemmas C.4-C.7).

Diagonal nets with exponential loss, α over many decades and λ = α^-p. Along each run: the direction of w against the
L2 and L1 max-margin directions, the margin in units of Z(α), the KKT residuals, and both sides of the lemmas.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import torch
from scipy.special import lambertw

from grokking.models import DiagonalNet
from grokking.models.dual_diagonal_net import DualDiagonalNet
from grokking.specs.fields import Count, Factor, Positive
from grokking.tasks import LinearData, SparseClassification
from grokking.theory.alignment import max_margin_alignment
from grokking.theory.dual_flow import follow
from grokking.theory.references import References, max_margins

RELATIVE_TIMES = np.arange(1, 161) / 80  # of the critical time, with 1/4, 1/2 and 3/4
EARLY_TIMES = 30  # log-spaced ones before the first of them


@dataclass(frozen=True)
class ClassificationTransition:
    """Nets of a `depth` on n points in d dimensions with a k-sparse teacher, for each α of `scales`; λ = α^-p."""

    n: Count
    d: Count
    k: Count
    decay_exponent: Positive
    scales: tuple[Factor, ...]
    depth: Literal[2, 3] = 2

    def table(self, seed: int) -> pd.DataFrame:
        """One row per α and time."""
        data = SparseClassification(n=self.n, d=self.d, k=self.k, n_test=1000).draw(seed)
        references = max_margins(data)
        tables = [self.transition(data, references, alpha) for alpha in self.scales]
        return pd.concat(tables, ignore_index=True)

    def transition(self, data: LinearData, references: References, alpha: float) -> pd.DataFrame:
        """One net followed past its critical time."""
        decay = alpha**-self.decay_exponent
        net = DiagonalNet(alpha * math.sqrt(2 * self.d), self.depth, "exponential")
        system = net.flow_system(data, decay, seed=0)
        constants = Constants.of(data, references, alpha, decay, self.depth)
        relative = np.concatenate([constants.early_times(), RELATIVE_TIMES])
        times = relative * math.log(alpha) / decay
        states = follow(system, times)
        W = system.predictors(torch.from_numpy(times), states)
        return pd.DataFrame(
            {
                "alpha": alpha,
                "weight_decay": decay,
                "relative_time": relative,
                "time": times,
                **pd.DataFrame([system.observe(t, s)[0] for t, s in zip(times, states, strict=True)]),
                "test_accuracy": data.evaluate(W)["test_accuracy"],
                **max_margin_alignment(data, W, references),
                **kernel_margin(data, W, relative, alpha, decay, self.depth),
                **lemmas(system, times, states, constants),
            }
        )


@dataclass(frozen=True)
class Constants:
    """What the lemmas of Appendix C need: A, γ of the kernel at the initial point, a ball around it, and G there.

    While ‖δ‖ ≤ `radius`, the gradient of every q_i at θ̄ + δ has an inner product of at least γ/2 with h*, and a norm of
    at most G.
    """

    n: int
    L: int
    alpha: float
    decay: float
    gamma: float
    radius: float
    G: float

    @classmethod
    def of(cls, data: LinearData, references: References, alpha: float, decay: float, L: int) -> "Constants":
        """From the L2 max margin γ₂: at u = v = 1 the features are (Lx, -Lx), hence γ = √2 L γ₂."""
        n, d = data.X.shape
        gamma = math.sqrt(2) * L * references.facts["l2_max_margin"]["margin"]
        largest = float(data.X.abs().max())
        # A feature L x ⊙ (1 + δ)^(L-1) moves by at most L max|x| ((1 + ‖δ‖)^(L-1) - 1) in norm: at the radius, by γ/2.
        radius = (1 + gamma / (2 * L * largest)) ** (1 / (L - 1)) - 1
        return cls(n, L, alpha, decay, gamma, radius, L * largest * math.sqrt(2 * d) + gamma / 2)

    @property
    def A(self) -> float:
        """α^(2(L-1)) / λ."""
        return self.alpha ** (2 * (self.L - 1)) / self.decay

    def early_times(self) -> np.ndarray:
        """From a tenth of the time at which the loss could first move, in units of the critical time."""
        first = 0.1 / (self.G**2 * self.A * math.log(self.alpha))
        return np.geomspace(first, RELATIVE_TIMES[0], EARLY_TIMES, endpoint=False)

    def push(self, t: np.ndarray) -> np.ndarray:
        """(α e^(-λt))^(2(L-1)), how fast the kernel moves outputs."""
        return np.exp(2 * (self.L - 1) * (math.log(self.alpha) - self.decay * t))


def kernel_margin(
    data: LinearData, W: torch.Tensor, relative: np.ndarray, alpha: float, decay: float, L: int
) -> dict[str, np.ndarray]:
    """The smallest margin over Z(α) γ, which Theorem 3.4 sends to 1 at T_c = (1-c)/λ log α, for c = 1 - relative time.

    As printed Z γ = log(α^c/λ). By Lemmas C.4 and C.7 ℒ is λ (α e^(-λt))^(-2(L-1)) up to factors logarithmic in α,
    hence log(α^(2(L-1)c)/λ).
    """
    margin = (W @ data.X.T * data.y).amin(1).numpy()
    c, log_alpha, log_decay = 1 - relative, math.log(alpha), math.log(decay)
    before = (c > 0) & (c < 1)
    return {
        name: np.where(before, margin / np.where(before, scale * c * log_alpha - log_decay, 1), np.nan)
        for name, scale in (("margin_over_printed_z", 1), ("margin_over_z", 2 * (L - 1)))
    }


def lemmas(
    system: DualDiagonalNet, times: np.ndarray, states: torch.Tensor, constants: Constants
) -> dict[str, np.ndarray]:
    """Lemmas C.4, C.5 and C.7 at every time; they are claimed while `in_kernel_ball`.

    C.4 bounds dℒ/dt from above and, integrated, ℒ itself; C.7 bounds dℒ/dt from below; by C.5 the relative distance
    ‖δ‖ from the decayed initial point is at most a constant times α^-L log(A) e^(Lλt). A rate's room is its distance
    from the bound in units of the larger of the two: the lemma holds where it is not negative.
    """
    L, decay, gamma, push = constants.L, constants.decay, constants.gamma, constants.push(times)
    z = states @ system.data.X
    log_scale = system.log_scale(torch.from_numpy(times)[:, None])
    q = (system.shape.weights(log_scale, z) @ system.data.X.T * system.data.y).numpy()
    g = (torch.from_numpy(np.exp(-q)) * system.data.y) @ system.data.X / constants.n
    squares = L**2 * (g**2 * system.shape.powers(log_scale, z, 2 * L - 2)).sum(1).numpy()  # ‖∇ℒ‖²
    loss = np.exp(-q).mean(1)
    delta = system.shape.deviation(z).numpy()
    rate = decay * L * (q * np.exp(-q)).mean(1) - squares
    above = decay * L * loss * np.log(1 / loss) - gamma**2 / 4 * push * loss**2
    below = decay * L * loss * np.log(1 / (constants.n * loss)) - constants.G**2 * push * loss**2
    return {
        "c4_rate_room": (above - rate) / np.maximum(np.abs(above), np.abs(rate)),
        "c7_rate_room": (rate - below) / np.maximum(np.abs(below), np.abs(rate)),
        "c4_loss_room": loss_bound(times, constants) / loss,
        "delta_in_c5": delta * (constants.alpha * np.exp(-decay * times)) ** L / math.log(constants.A),
        "in_kernel_ball": np.logical_and.accumulate(delta <= constants.radius).astype(int),
    }


def loss_bound(t: np.ndarray, constants: Constants) -> np.ndarray:
    """The bound on ℒ of Lemma C.4."""
    m = 2 * (constants.L - 1)
    growth = np.exp(m * constants.decay * t)
    falling = 1 / (1 + constants.gamma**2 / (8 * m) * constants.A * (1 - 1 / growth))
    return np.maximum(falling, growth / (inverse_x_log_x(constants.gamma**2 / (8 * constants.L) * constants.A) - 1))


def inverse_x_log_x(y: float) -> float:
    """The x ≥ 1 with x log x = y ≥ 0."""
    return float(np.exp(lambertw(y).real))
