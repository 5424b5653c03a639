"""Grokfast-MA (Lee et al. 2024): the slow part of the gradient, a mean over a window of steps, is amplified."""

import torch
from torch import Tensor

from grokking.dynamics.memory import Memory
from grokking.specs.filters import MovingAverage


def filtered(spec: MovingAverage, gradient: Tensor, memory: Memory, step: int) -> Tensor:
    """g + factor · mean of the last `window` gradients; g alone until there are so many, unless `from_start`."""
    total, count = moving_sum(spec, gradient, memory, step), min(step, spec.window)
    waiting = count < spec.window and not spec.from_start
    return gradient if waiting else gradient.add(total, alpha=spec.factor / count)


def moving_sum(spec: MovingAverage, gradient: Tensor, memory: Memory, step: int) -> Tensor:
    """The sum of the last `window` gradients, kept up to date; added up anew once a window, before rounding gathers."""
    if "window" not in memory:
        memory["window"] = gradient.new_zeros((spec.window, *gradient.shape))
        memory["sum"] = torch.zeros_like(gradient)
    window, total = memory["window"], memory["sum"]
    oldest = window[step % spec.window]
    total.add_(gradient).sub_(oldest)
    oldest.copy_(gradient)
    if step % spec.window == 0:
        torch.sum(window, 0, out=total)
    return total
