"""Optimisers from torch.optim, on one flat parameter whose gradient is handed to them."""

import torch
from torch import Tensor

from grokking.dynamics.steps.filters import Memory
from grokking.specs.dynamics import SGD, Adam, AdamW, GradientDescent
from grokking.specs.optimizer import Optimizer, OwnOptimizer

OWN = "optimizer."  # what the names of its memory begin with


class Update:
    """θ ← θ + step(g), in place, by the optimiser of `spec`; `decay` is its weight_decay or l2, whichever it takes.

    What the optimiser remembers is kept in `memory`, next to the filter's, so that another `Update` can go on from it.
    """

    def __init__(self, spec: Optimizer, theta: Tensor, decay: float, memory: Memory) -> None:
        self.theta, self.memory = theta, memory
        self.optimizer = torch_optimizer(spec, theta, decay)
        own = {name.removeprefix(OWN): value for name, value in memory.items() if name.startswith(OWN)}
        if own:
            self.optimizer.state[theta] = own

    def __call__(self, gradient: Tensor, learning_rate: float) -> None:
        """One step along the gradient of the loss."""
        self.theta.grad = gradient
        self.optimizer.param_groups[0]["lr"] = learning_rate
        self.optimizer.step()
        for name, value in self.optimizer.state[self.theta].items():
            if isinstance(value, Tensor):
                self.memory[OWN + name] = value


class OwnUpdate:
    """The same by an optimiser of one's own, which is told what it remembers."""

    def __init__(self, spec: OwnOptimizer, theta: Tensor, decay: float, memory: Memory) -> None:
        self.spec, self.theta, self.decay, self.memory = spec, theta, decay, memory
        self.own = {name.removeprefix(OWN): value for name, value in memory.items() if name.startswith(OWN)}

    def __call__(self, gradient: Tensor, learning_rate: float) -> None:
        """One step along the gradient of the loss."""
        self.spec.step(self.theta, gradient, self.own, learning_rate, self.decay)
        self.memory.update({OWN + name: value for name, value in self.own.items()})


def update_of(spec: Optimizer, theta: Tensor, decay: float, memory: Memory) -> Update | OwnUpdate:
    """How the optimiser of `spec` moves θ."""
    if isinstance(spec, OwnOptimizer):
        return OwnUpdate(spec, theta, decay, memory)
    return Update(spec, theta, decay, memory)


def torch_optimizer(spec: Optimizer, theta: Tensor, decay: float) -> torch.optim.Optimizer:
    """The optimiser of torch.optim that `spec` names; its learning rate is set at each step."""
    match spec:
        case GradientDescent():
            return torch.optim.SGD([theta], lr=0.0, weight_decay=decay)
        case SGD():
            return torch.optim.SGD([theta], lr=0.0, momentum=spec.momentum, nesterov=spec.nesterov, weight_decay=decay)
        case Adam():
            kind = torch.optim.AdamW if isinstance(spec, AdamW) else torch.optim.Adam
            betas = (spec.beta1, spec.beta2)
            return kind([theta], lr=0.0, betas=betas, eps=spec.epsilon, weight_decay=decay, fused=True)
    raise TypeError(spec)
