"""AdamW (Loshchilov and Hutter 2019): Adam, with θ ← (1 - ηλ) θ beside its step."""

import torch
from torch import Tensor

from grokking.dynamics.memory import Memory, Update
from grokking.dynamics.optimizers.adam import fused
from grokking.specs.dynamics import AdamW


def update(spec: AdamW, theta: Tensor, decay: float, memory: Memory) -> Update:
    """The step; the decay is decoupled."""
    return fused(torch._fused_adamw_, spec, theta, decay, memory)
