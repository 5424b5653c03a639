"""Gradient filters: what an optimiser is given in place of the gradient (Grokfast, Lee et al. 2024)."""

import torch
from torch import Tensor

from grokking.specs.filters import ExponentialAverage, GradientFilter, MovingAverage

Memory = dict[str, Tensor]  # what a filter or an optimiser carries from step to step, by name


def filtered(spec: GradientFilter, gradient: Tensor, memory: Memory, step: int) -> Tensor:
    """The gradient of step number `step`, from 1 on, with its slow part amplified; `memory` is brought up to date."""
    match spec:
        case ExponentialAverage():
            return gradient.add(exponential_average(spec, gradient, memory), alpha=spec.factor)
        case MovingAverage():
            total, count = moving_sum(spec, gradient, memory, step), min(step, spec.window)
            waiting = count < spec.window and not spec.from_start
            return gradient if waiting else gradient.add(total, alpha=spec.factor / count)
    return gradient


def exponential_average(spec: ExponentialAverage, gradient: Tensor, memory: Memory) -> Tensor:
    """μ ← m μ + (1 - m) g; it starts as the first gradient, as in the authors' code."""
    if "average" not in memory:
        memory["average"] = gradient.clone()
    return memory["average"].lerp_(gradient, 1 - spec.momentum)


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
