"""Completion problems of planted rank: a symmetric matrix and a mask of its observed entries."""

from dataclasses import dataclass

import numpy as np

from grokking.rng import stream
from grokking.theory.nuclear_norm import minimum_nuclear_norm


@dataclass(frozen=True)
class PlantedCompletion:
    """A completion problem whose matrix has low rank (Lyu et al. 2024, Section 3.3.3).

    `target` is a symmetric X* [d, d] of rank r with ‖X*‖_F = d, `observed` [d, d] the mask of its
    observed entries. The mask has at most one of (i, j) and (j, i), so that the tangent features
    are linearly independent (Assumption 3.8).
    """

    target: np.ndarray
    observed: np.ndarray

    @classmethod
    def draw(cls, d: int, rank: int, fraction: float, seed: int) -> "PlantedCompletion":
        """Draw X* = QQᵀ, scaled, with Gaussian Q [d, r], and a `fraction` of the pairs i ≤ j.

        The number of pairs is the nearest integer, at least 1: the fraction k/n of n pairs gives k.
        Each pair is turned into (j, i) with probability 1/2.
        """
        Q = stream(seed, "target").standard_normal((d, rank))
        target = Q @ Q.T
        pairs = np.transpose(np.triu_indices(d))
        generator = stream(seed, "entries")
        pairs = generator.permutation(pairs)[: max(1, round(fraction * len(pairs)))]
        turned = np.where(generator.random(len(pairs)) < 0.5, pairs.T, pairs.T[::-1])
        observed = np.zeros((d, d), dtype=bool)
        observed[tuple(turned)] = True
        return cls(target * d / np.linalg.norm(target), observed)

    def zero_filled(self) -> np.ndarray:
        """Return the limit of Corollary 3.11: X* where (i, j) or (j, i) is observed, else 0."""
        return np.where(self.observed | self.observed.T, self.target, 0.0)

    def least_nuclear_norm(self) -> np.ndarray:
        """Return the completion of least nuclear norm, [d, d]."""
        return minimum_nuclear_norm(self.target, self.observed).W

    def distance(self, W: np.ndarray, goal: np.ndarray) -> np.ndarray:
        """Return ‖W - goal‖_F / ‖X*‖_F for each matrix of W [..., d, d]."""
        return np.asarray(np.linalg.norm(W - goal, axis=(-2, -1)) / np.linalg.norm(self.target))
