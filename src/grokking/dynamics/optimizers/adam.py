"""Adam (Kingma and Ba 2015) by torch's fused kernel, to the bit as torch.optim.Adam takes its steps.

The kernel is called without its class, which loads seconds of code that no step needs.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from grokking.dynamics.memory import Memory, Update
from grokking.specs.dynamics import Adam

STEP, FIRST, SECOND = (f"optimizer.{name}" for name in ("step", "exp_avg", "exp_avg_sq"))  # their number, m and v


def update(spec: Adam, theta: Tensor, decay: float, memory: Memory) -> Update:
    """The step; decay is a term of the loss."""
    return fused(torch._fused_adam_, spec, theta, decay, memory)


def fused(kernel: Callable[..., Any], spec: Adam, theta: Tensor, decay: float, memory: Memory) -> Update:
    """A step by one of torch's fused kernels, which count steps in float32."""
    if STEP not in memory:
        count = torch.zeros((), dtype=torch.float32, device=theta.device)
        memory.update({STEP: count, FIRST: torch.zeros_like(theta), SECOND: torch.zeros_like(theta)})

    def step(gradient: Tensor, learning_rate: float) -> None:
        memory[STEP].add_(1)
        kernel(
            [theta], [gradient], [memory[FIRST]], [memory[SECOND]], [], [memory[STEP]],
            lr=learning_rate, beta1=spec.beta1, beta2=spec.beta2, weight_decay=decay, eps=spec.epsilon,
            amsgrad=False, maximize=False,
        )  # fmt: skip

    return step
