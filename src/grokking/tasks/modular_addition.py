"""Modular addition, a + b ≡ c (mod p), from a random part of its table (Lyu et al. 2024, Section 2)."""

import torch

from grokking.specs.tasks import ModularAddition
from grokking.tasks.observed import random_mask
from grokking.tasks.operation import OperationData


def draw(task: ModularAddition, seed: int) -> OperationData:
    """The data of run `seed`; the paper observes 3763 of 9409 pairs."""
    a = torch.arange(task.p)
    mask = torch.from_numpy(random_mask(seed, task.p, task.observed))
    return OperationData((a[:, None] + a) % task.p, mask)
