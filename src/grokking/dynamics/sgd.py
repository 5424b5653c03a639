"""Stochastic gradient descent with momentum, bit for bit as torch.optim.SGD.

The step is written out: importing torch.optim takes seconds.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from grokking.dynamics.memory import Memory
from grokking.dynamics.optimizer import Optimizer
from grokking.parts.fields import Probability

if TYPE_CHECKING:
    from torch import Tensor

BUFFER = "momentum_buffer"  # b


@dataclass(frozen=True, kw_only=True)
class SGD(Optimizer):
    """torch.optim.SGD, with Polyak's momentum or Nesterov's."""

    momentum: Probability = 0.9
    nesterov: bool = False

    name: ClassVar = "sgd"
    label: ClassVar = "GD + momentum"
    color: ClassVar = 2
    batched: ClassVar = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov needs momentum above 0: without it there is nothing to look ahead along")

    def step(self, theta: "Tensor", gradient: "Tensor", memory: Memory, learning_rate: float, decay: float) -> None:
        """Take a step: b ← μb + g, at first b = g; then θ ← θ - ηb, or with Nesterov θ - η(g + μb).

        g is the gradient of the loss plus λθ, that of its term (λ/2)‖θ‖².
        """
        g = gradient.add(theta, alpha=decay) if decay else gradient
        if self.momentum:
            if BUFFER in memory:
                memory[BUFFER].mul_(self.momentum).add_(g)
            else:
                memory[BUFFER] = g.clone()
            g = g.add(memory[BUFFER], alpha=self.momentum) if self.nesterov else memory[BUFFER]
        theta.add_(g, alpha=-learning_rate)
