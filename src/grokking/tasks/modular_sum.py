"""K-ary addition, x₁ + … + x_K mod p, from a random part of all its samples or of a sample of them.

The course report "Penetrating the Grokking Phenomenon" takes K = 2, all pairs of p = 97, and K = 3 to 6, 10⁴ samples.
"""

import numpy as np
import torch

from grokking.rng import stream
from grokking.specs.tasks import ModularSum
from grokking.tasks.observed import number_observed
from grokking.tasks.sums import SumData, same_operands


def draw(task: ModularSum, seed: int) -> SumData:
    """The data of run `seed`."""
    total = task.p**task.operands
    if task.samples:
        numbers = np.sort(stream(seed, "sample", task.sample).choice(total, task.samples, replace=False))
    else:
        numbers = np.arange(total)
    operands = np.stack(np.unravel_index(numbers, (task.p,) * task.operands), axis=1)
    if task.ascending:
        operands = operands[(np.diff(operands, axis=1) >= 0).all(1)]
    observed = training_set(task, operands, seed)
    return SumData(task.p, torch.from_numpy(operands), torch.from_numpy(observed))


def training_set(task: ModularSum, operands: np.ndarray, seed: int) -> np.ndarray:
    """Which samples are observed, bool [N].

    With `mirrors` together all orders of the same operands are, or none: random groups of them as long as they fit.
    """
    count = number_observed(len(operands), task.observed)
    order = stream(seed, "train", task.sample)
    observed = np.zeros(len(operands), dtype=bool)
    if task.mirrors == "apart":
        observed[order.permutation(len(operands))[:count]] = True
        return observed
    group = same_operands(operands)
    sizes = np.bincount(group)
    chosen, room = np.zeros(len(sizes), dtype=bool), count
    for one in order.permutation(len(sizes)):
        if sizes[one] <= room:
            chosen[one] = True
            room -= sizes[one]
    return chosen[group]
