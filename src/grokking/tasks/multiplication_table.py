"""The multiplication table as a rank-one matrix, X*_ij = (i/d)(j/d), partly observed (Lyu et al. 2024, Figure 3)."""

import torch

from grokking.specs.tasks import MultiplicationTable
from grokking.tasks.completion import CompletionData
from grokking.tasks.observed import random_mask


def draw(task: MultiplicationTable, seed: int) -> CompletionData:
    """The data of run `seed`; i and j count from 0, and the paper observes 470 of 9409 entries."""
    u = torch.arange(task.d, dtype=torch.float64) / task.d
    mask = torch.from_numpy(random_mask(seed, task.d, task.observed))
    return CompletionData(torch.outer(u, u), mask)
