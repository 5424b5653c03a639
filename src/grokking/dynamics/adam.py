"""Adam by torch's fused kernel, bit for bit as torch.optim.Adam.

The kernel is called directly: importing torch.optim takes seconds.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.dynamics.memory import Memory
from grokking.dynamics.optimizer import Optimizer
from grokking.parts.fields import Positive, Probability

if TYPE_CHECKING:
    from torch import Tensor

STEP, FIRST, SECOND = "step", "exp_avg", "exp_avg_sq"  # number of steps, m and v


@dataclass(frozen=True, kw_only=True)
class Adam(Optimizer):
    """torch.optim.Adam (Kingma and Ba 2015)."""

    beta1: Probability = 0.9
    beta2: Probability = 0.999
    epsilon: Positive = 1e-8

    name: ClassVar = "adam"
    label: ClassVar = "Adam"
    color: ClassVar = 3
    batched: ClassVar = True
    kernel: ClassVar[str] = "_fused_adam_"

    def step(self, theta: "Tensor", gradient: "Tensor", memory: Memory, learning_rate: float, decay: float) -> None:
        """Take a step with torch's fused kernel, which counts steps in float32."""
        import torch

        if STEP not in memory:
            memory[STEP] = torch.zeros((), dtype=torch.float32, device=theta.device)
            memory[FIRST], memory[SECOND] = torch.zeros_like(theta), torch.zeros_like(theta)
        memory[STEP].add_(1)
        getattr(torch, self.kernel)(
            [theta], [gradient], [memory[FIRST]], [memory[SECOND]], [], [memory[STEP]],
            lr=learning_rate, beta1=self.beta1, beta2=self.beta2, weight_decay=decay, eps=self.epsilon,
            amsgrad=False, maximize=False,
        )  # fmt: skip
