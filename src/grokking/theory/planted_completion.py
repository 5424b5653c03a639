"""Completion problems of planted rank: a symmetric matrix, a set of its entries and the completions theory names."""

from dataclasses import dataclass

import numpy as np

from grokking.rng import stream
from grokking.theory.nuclear_norm import minimum_nuclear_norm


@dataclass(frozen=True)
class PlantedCompletion:
    """`target` [d, d] of rank r with ‖X*‖_F = d, and the mask `observed` with at most one of (i, j) and (j, i).

    So the tangent features are linearly independent (Assumption 3.8).
    """

    target: np.ndarray
    observed: np.ndarray

    @classmethod
    def draw(cls, d: int, rank: int, fraction: float, seed: int) -> "PlantedCompletion":
        """X* = QQᵀ with Gaussian Q [d, r], scaled; Ω a `fraction` of the d(d+1)/2 pairs i ≤ j.

        Each pair (i, j) is turned to (j, i) or not, at random.
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
        """The limit of Corollary 3.11: X* where (i, j) or (j, i) is observed, else 0."""
        return np.where(self.observed | self.observed.T, self.target, 0.0)

    def least_nuclear_norm(self) -> np.ndarray:
        """The completion of least nuclear norm."""
        return minimum_nuclear_norm(self.target, self.observed).W

    def distance(self, W: np.ndarray, goal: np.ndarray) -> np.ndarray:
        """‖W - goal‖_F / ‖X*‖_F of each matrix of W [..., d, d]."""
        return np.asarray(np.linalg.norm(W - goal, axis=(-2, -1)) / np.linalg.norm(self.target))
