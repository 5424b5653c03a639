"""Grokfast-EMA (Lee et al. 2024): the slow part of the gradient, an exponential average, is amplified."""

from torch import Tensor

from grokking.dynamics.memory import Memory
from grokking.specs.filters import ExponentialAverage


def filtered(spec: ExponentialAverage, gradient: Tensor, memory: Memory, step: int) -> Tensor:
    """g + factor · μ with μ ← m μ + (1 - m) g; μ starts as the first gradient, as in the authors' code."""
    if "average" not in memory:
        memory["average"] = gradient.clone()
    return gradient.add(memory["average"].lerp_(gradient, 1 - spec.momentum), alpha=spec.factor)
