"""Stochastic gradient descent with momentum, Polyak's or Nesterov's, to the bit as torch.optim.SGD takes its steps.

With g the gradient of the loss and its term (λ/2)‖θ‖², b ← μb + g, which starts as the first g; then θ ← θ - ηb, or
θ ← θ - η(g + μb) with Nesterov. Written out, for torch.optim loads seconds of code that no step needs.
"""

from torch import Tensor

from grokking.dynamics.memory import Memory, Update
from grokking.specs.dynamics import SGD

BUFFER = "optimizer.momentum_buffer"  # b


def update(spec: SGD, theta: Tensor, decay: float, memory: Memory) -> Update:
    """The step; it remembers b."""

    def step(gradient: Tensor, learning_rate: float) -> None:
        g = gradient.add(theta, alpha=decay) if decay else gradient
        if spec.momentum:
            if BUFFER in memory:
                memory[BUFFER].mul_(spec.momentum).add_(g)
            else:
                memory[BUFFER] = g.clone()
            g = g.add(memory[BUFFER], alpha=spec.momentum) if spec.nesterov else memory[BUFFER]
        theta.add_(g, alpha=-learning_rate)

    return step
