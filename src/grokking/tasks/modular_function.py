"""Any polynomial of two numbers modulo p, from a random part of its table (Gromov 2023, Section 2, Appendix C).

The observed share of the table is α in the paper.
"""

import torch

from grokking.specs.tasks import ModularFunction
from grokking.tasks.expression import evaluate
from grokking.tasks.observed import random_mask
from grokking.tasks.operation import OperationData


def draw(task: ModularFunction, seed: int) -> OperationData:
    """The data of run `seed`; n runs down the table and m across."""
    results = torch.from_numpy(evaluate(task.function, task.p, ("n", "m")))
    return OperationData(results, torch.from_numpy(random_mask(seed, task.p, task.observed)))
