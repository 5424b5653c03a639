"""The symmetric completion of least nuclear norm (Lyu et al. 2024, Section 3.3.3).

min ‖W‖_* subject to W = Wᵀ and W_ij = X*_ij on Ω is a semidefinite programme (Ding et al. 2022,
Theorem 3.2): W = P - Q with P, Q ⪰ 0 and objective tr P + tr Q. Its dual is max ⟨b, μ⟩ subject to
‖𝒜*μ‖ ≤ 1 in operator norm. With one unknown μ per observed entry, a primal-dual interior-point
method (HKM direction) needs one system of that size per iteration.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh, solve_triangular

from grokking.failures import NotSolved

MOST_ITERATIONS = 60


@dataclass(frozen=True)
class Completion:
    """A completion W [d, d] of least nuclear norm, with a certificate."""

    W: np.ndarray
    nuclear_norm: float
    gap: float  # (primal - dual) / primal with the dual scaled to be feasible
    residual: float  # largest error on an observed entry


@dataclass(frozen=True)
class Entries:
    """The observed entries as pairs i ≤ j, each symmetric pair once: 𝒜(W)_k = W_{i_k j_k}."""

    i: np.ndarray
    j: np.ndarray
    d: int

    @classmethod
    def of(cls, observed: np.ndarray) -> "Entries":
        """Collect the entries of the mask `observed`, bool [d, d]."""
        i, j = np.nonzero(np.triu(observed | observed.T))
        return cls(i, j, len(observed))

    def take(self, W: np.ndarray) -> np.ndarray:
        """Return 𝒜(W), one number per entry."""
        return W[self.i, self.j]

    def spread(self, mu: np.ndarray) -> np.ndarray:
        """Return the adjoint 𝒜*(μ), symmetric [d, d]."""
        Y = np.zeros((self.d, self.d))
        Y[self.i, self.j] = mu / 2
        return Y + Y.T

    def schur(self, P: np.ndarray, S_inverse: np.ndarray) -> np.ndarray:
        """Return the matrix tr(A_k P A_l S⁻¹) with A_k = (e_i e_jᵀ + e_j e_iᵀ)/2."""
        i, j = self.i, self.j
        pairs = ((i, i, j, j), (i, j, j, i), (j, i, i, j), (j, j, i, i))
        return sum(S_inverse[np.ix_(a, b)] * P[np.ix_(c, e)] for a, b, c, e in pairs) / 4


def minimum_nuclear_norm(target: np.ndarray, observed: np.ndarray, gap: float = 1e-8) -> Completion:
    """Complete the entries of `target` [d, d] in the mask `observed` with least nuclear norm.

    `gap` is the relative duality gap. Raises `NotSolved` if it is not reached.
    """
    entries = Entries.of(observed)
    b = entries.take(target)
    P = Q = 10 * np.abs(b).max() * np.eye(entries.d)
    mu = np.zeros(len(b))
    for _ in range(MOST_ITERATIONS):
        solution = certify(entries, b, P - Q, mu)
        if solution.gap <= gap and solution.residual <= gap * np.abs(b).max():
            return solution
        P, Q, mu = improve(entries, b, P, Q, mu)
    raise NotSolved(
        f"minimum nuclear norm: gap {solution.gap:.1e} and residual {solution.residual:.1e} after {MOST_ITERATIONS} "
        f"iterations, instead of {gap:.1e}"
    )


def certify(entries: Entries, b: np.ndarray, W: np.ndarray, mu: np.ndarray) -> Completion:
    """Return W with its nuclear norm and its duality gap, after scaling μ to ‖𝒜*μ‖ ≤ 1."""
    norm = float(np.abs(np.linalg.eigvalsh(W)).sum())
    excess = max(1.0, float(np.abs(np.linalg.eigvalsh(entries.spread(mu))).max()))
    gap = 1 - float(b @ mu) / excess / norm if norm else np.inf
    return Completion(W, norm, gap, float(np.abs(b - entries.take(W)).max()))


def improve(
    entries: Entries, b: np.ndarray, P: np.ndarray, Q: np.ndarray, mu: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (P, Q, μ) after one predictor-corrector step.

    The dual slacks are S_P = I - 𝒜*μ and S_Q = I + 𝒜*μ.
    """
    identity, Y = np.eye(entries.d), entries.spread(mu)
    SP, SQ = identity - Y, identity + Y
    SP_inverse, SQ_inverse = inverse(SP), inverse(SQ)
    values, vectors = eigh(entries.schur(P, SP_inverse) + entries.schur(Q, SQ_inverse))
    values = np.maximum(values, 1e-15 * values[-1])  # the Schur matrix is singular at the optimum
    residual = b - entries.take(P - Q)

    def direction(
        center: float, CP: np.ndarray | float, CQ: np.ndarray | float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return the step to P S_P = Q S_Q = center · I; CP and CQ are second-order corrections."""
        GP = symmetric(center * SP_inverse - P - CP)
        GQ = symmetric(center * SQ_inverse - Q - CQ)
        d_mu = vectors @ (vectors.T @ (residual - entries.take(GP - GQ)) / values)
        dY = entries.spread(d_mu)
        return GP + symmetric(P @ dY @ SP_inverse), GQ - symmetric(Q @ dY @ SQ_inverse), d_mu, dY

    mean = (np.sum(P * SP) + np.sum(Q * SQ)) / (2 * entries.d)
    dP, dQ, _, dY = direction(0.0, 0.0, 0.0)
    primal, dual = longest(P, dP, Q, dQ), longest(SP, -dY, SQ, dY)
    reached = np.sum((P + primal * dP) * (SP - dual * dY)) + np.sum((Q + primal * dQ) * (SQ + dual * dY))
    center = min(1.0, (reached / (2 * entries.d) / mean) ** 3) * mean
    dP, dQ, d_mu, dY = direction(center, -dP @ dY @ SP_inverse, dQ @ dY @ SQ_inverse)
    primal, dual = longest(P, dP, Q, dQ), longest(SP, -dY, SQ, dY)
    return P + primal * dP, Q + primal * dQ, mu + dual * d_mu


def symmetric(M: np.ndarray) -> np.ndarray:
    """Return the symmetric part of M."""
    return (M + M.T) / 2


def inverse(S: np.ndarray) -> np.ndarray:
    """Return S⁻¹ of a positive-definite S, exactly symmetric even if S is nearly singular."""
    values, vectors = eigh(S)
    return (vectors / np.maximum(values, 1e-16)) @ vectors.T


def longest(A: np.ndarray, dA: np.ndarray, B: np.ndarray, dB: np.ndarray) -> float:
    """Return a step in (0, 1] that keeps A + step · dA and B + step · dB positive definite.

    It stays 5 % short of the boundary.
    """
    return min(longest_one(A, dA), longest_one(B, dB))


def longest_one(A: np.ndarray, dA: np.ndarray) -> float:
    """Return a step in (0, 1], 5 % short of the boundary, with A + step · dA positive definite."""
    L = np.linalg.cholesky(A)
    scaled = solve_triangular(L, solve_triangular(L, dA, lower=True).T, lower=True)
    lowest = float(np.linalg.eigvalsh(symmetric(scaled))[0])
    return min(1.0, -0.95 / lowest) if lowest < 0 else 1.0
