"""Grokfast-EMA (Lee et al. 2024): amplifies the exponential average of the gradients."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.dynamics.filters.filter import GradientFilter
from grokking.dynamics.memory import Memory
from grokking.parts.fields import Amplification, Probability

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class ExponentialAverage(GradientFilter):
    """Grokfast-EMA (Lee et al. 2024): g + `factor` · μ with μ ← `momentum` μ + (1 - `momentum`) g.

    g is the gradient, μ its exponential average, which starts as the first gradient, as in the
    authors' code. The factor -1 removes the slow part of the gradient.
    """

    momentum: Probability = 0.98
    factor: Amplification = 2.0

    name: ClassVar = "exponential_average"
    batched: ClassVar = True

    def filtered(self, gradient: "Tensor", memory: Memory, step: int) -> "Tensor":
        """Return g + `factor` · μ, with μ the exponential average of the gradients so far."""
        if "average" not in memory:
            memory["average"] = gradient.clone()
        return gradient.add(memory["average"].lerp_(gradient, 1 - self.momentum), alpha=self.factor)
