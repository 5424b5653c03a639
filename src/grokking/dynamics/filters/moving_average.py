"""Grokfast-MA (Lee et al. 2024): amplifies the mean gradient over a window of steps."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.dynamics.filters.filter import GradientFilter
from grokking.dynamics.memory import Memory
from grokking.parts.errors import ConfigError
from grokking.parts.fields import Amplification, Size

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class MovingAverage(GradientFilter):
    """Grokfast-MA (Lee et al. 2024): g + `factor` · the mean of the last `window` gradients.

    g is the gradient. The filter acts once `window` gradients are known, as in the authors' code.
    With `from_start` it acts from the first step on with the gradients so far, as in their
    Algorithm 1.
    """

    window: Size = 100
    factor: Amplification = 5.0
    from_start: bool = False

    name: ClassVar = "moving_average"
    batched: ClassVar = True

    def require_steps(self, steps: int) -> None:
        """Raise `ConfigError` for a window that is never full, unless `from_start`."""
        if self.window > steps and not self.from_start:
            raise ConfigError("dynamics.filter.window", self.window, f"must be at most the {steps} steps of the run")

    def filtered(self, gradient: "Tensor", memory: Memory, step: int) -> "Tensor":
        """Return g + `factor` · the mean of the last gradients, or g while the window fills."""
        total, count = self.moving_sum(gradient, memory, step), min(step, self.window)
        waiting = count < self.window and not self.from_start
        return gradient if waiting else gradient.add(total, alpha=self.factor / count)

    def moving_sum(self, gradient: "Tensor", memory: Memory, step: int) -> "Tensor":
        """Return the sum of the last `window` gradients.

        The sum is updated at each step, and recomputed once every `window` steps against rounding
        errors.
        """
        if "window" not in memory:
            memory["window"] = gradient.new_zeros((self.window, *gradient.shape))
            memory["sum"] = gradient.new_zeros(gradient.shape)
        window, total = memory["window"], memory["sum"]
        oldest = window[step % self.window]
        total.add_(gradient).sub_(oldest)
        oldest.copy_(gradient)
        if step % self.window == 0:
            total.copy_(window.sum(0))
        return total
