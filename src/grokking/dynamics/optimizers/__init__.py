"""Optimisers: how θ moves along a gradient. Each has a module of the name that a config calls it, found by that name.

To add one: its parameters in `grokking/specs/dynamics.py` and a module of its name here, with a function `update`; or a
file in `grokking/own/`, which has both.
"""

from importlib import import_module

from torch import Tensor

from grokking.dynamics.memory import Memory, Update
from grokking.specs.dynamics import home
from grokking.specs.optimizer import Optimizer


def update_of(spec: Optimizer, theta: Tensor, decay: float, memory: Memory) -> Update:
    """The step of an optimiser on the flat parameters θ, in place: a function of gradient and learning rate.

    `decay` is weight_decay or l2, whichever it takes. What it remembers is in `memory`, beside what the filter does.
    """
    update: Update = import_module(f"grokking.dynamics.optimizers.{home(spec)}").update(spec, theta, decay, memory)
    return update
