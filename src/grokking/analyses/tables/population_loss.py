"""The squared loss on all pairs along training, relative to the zero predictor, and a bound.

The bound is 1 - 1/p - α e^(2/(p - 1)), with the train fraction α, for every learner that is
equivariant under permutations of either operand, such as a kernel method or lazy gradient descent
(Mohamadi et al. 2024, 2407.12332). It does not apply to a net with one embedding for both operands,
because permutations act on both alike. The bound is then (1 - α)², the loss of a predictor that
knows the training pairs and that addition commutes. For a net trained by cross entropy the loss is
that of its softmax.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pandas as pd
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from grokking.analyses.population_loss import PopulationLoss
from grokking.analyses.tables.snapshots import Snapshots
from grokking.nets.all_pairs import outputs
from grokking.nets.quadratic_net import QuadraticObjective
from grokking.nets.sum_objective import SumObjective


def table(analysis: PopulationLoss, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """Compute one row per run and snapshot: step, accuracies, `population_loss`, `bound`."""
    return pd.concat([losses(Snapshots.read(run)) for run in runs], ignore_index=True)


def losses(run: Snapshots) -> pd.DataFrame:
    """Compute the rows of one run."""
    net = cast(SumObjective | QuadraticObjective, run.objective)
    losses = [float(squared_errors(net, theta).mean()) for theta in run.weights.values()]
    return run.rows(population_loss=losses).assign(bound=bound(net))


def bound(objective: SumObjective | QuadraticObjective) -> float:
    """Return the loss that is left without learning addition: see the module's docstring."""
    p = objective.data.p
    observed = objective.samples / p**2
    shared = isinstance(objective, SumObjective) and "embedding" in objective.layout.shapes
    return (1 - observed) ** 2 if shared else 1 - 1 / p - observed * math.exp(2 / (p - 1))


def squared_errors(objective: SumObjective | QuadraticObjective, theta: Tensor) -> Tensor:
    """Return ‖f - onehot(c)‖² for each of the p² pairs, with the answer c; float64 [p²].

    f is the output of a quadratic net, or the softmax of the outputs of a net trained by cross
    entropy. The zero predictor, f = 0, has the value 1.
    """
    if isinstance(objective, SumObjective):
        f = objective.outputs(theta).to(torch.float64).softmax(1)
    else:
        f = outputs(theta, objective.data.p).to(torch.float64).flatten(0, 1)
    return (f - one_hot(objective.data.results.flatten(), f.shape[1])).square().sum(1)
