"""A polynomial or a quotient of two numbers modulo p, from a random part of its table.

Polynomials are those of Gromov 2023 (Section 2, Appendix C), where the observed share of the table is α; division is
the main example of Power et al. 2022. Pairs whose quotient does not exist are left out of both sets.
"""

import torch

from grokking.specs.tasks import ModularFunction
from grokking.tasks.expression import evaluate
from grokking.tasks.observed import mask_within
from grokking.tasks.operation import OperationData


def draw(task: ModularFunction, seed: int) -> OperationData:
    """The data of run `seed`; n runs down the table and m across."""
    results = evaluate(task.function, task.p, ("n", "m"), division=True)
    mask = mask_within(seed, results >= 0, task.observed)
    return OperationData(torch.from_numpy(results), torch.from_numpy(mask))
