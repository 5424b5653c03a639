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

    It acts once the window is full, as in the authors' code, or `from_start` on the gradients so
    far, as in their Algorithm 1.
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
        """g + factor · mean of the last gradients; g alone while the window fills."""
        total, count = self.moving_sum(gradient, memory, step), min(step, self.window)
        waiting = count < self.window and not self.from_start
        return gradient if waiting else gradient.add(total, alpha=self.factor / count)

    def moving_sum(self, gradient: "Tensor", memory: Memory, step: int) -> "Tensor":
        """The sum of the last `window` gradients, recomputed once a window against rounding."""
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
