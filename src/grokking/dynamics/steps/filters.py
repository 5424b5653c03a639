"""Gradient filters: what an optimiser is given in place of the gradient (Grokfast, Lee et al. 2024)."""

from torch import Tensor

from grokking.specs.dynamics import ExponentialAverage, GradientFilter, MovingAverage

Memory = dict[str, Tensor]  # what a filter or an optimiser carries from step to step, by name


def filtered(spec: GradientFilter, gradient: Tensor, memory: Memory, step: int) -> Tensor:
    """The gradient of step number `step`, from 1 on, with its slow part amplified; `memory` is brought up to date."""
    match spec:
        case ExponentialAverage():
            return gradient.add(exponential_average(spec, gradient, memory), alpha=spec.factor)
        case MovingAverage():
            mean = moving_average(spec, gradient, memory, step)
            return gradient if step < spec.window else gradient.add(mean, alpha=spec.factor)
    return gradient


def exponential_average(spec: ExponentialAverage, gradient: Tensor, memory: Memory) -> Tensor:
    """μ ← m μ + (1 - m) g; it starts as the first gradient, as in the authors' code."""
    if "average" not in memory:
        memory["average"] = gradient.clone()
    return memory["average"].lerp_(gradient, 1 - spec.momentum)


def moving_average(spec: MovingAverage, gradient: Tensor, memory: Memory, step: int) -> Tensor:
    """The mean of the last `window` gradients."""
    if "window" not in memory:
        memory["window"] = gradient.new_zeros((spec.window, *gradient.shape))
    memory["window"][step % spec.window] = gradient
    return memory["window"].mean(0)
