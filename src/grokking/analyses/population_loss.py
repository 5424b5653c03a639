"""The squared loss on all pairs along training, over that of the zero predictor, beside what a kernel has.

A learner that is equivariant under permutations of either operand, such as a kernel method or gradient descent while it
is lazy, has at least 1 - 1/p - α e^(2/(p - 1)) of it (Mohamadi et al. 2024, 2407.12332). A net with one embedding for
both operands is none: permutations act on both alike. For it stands what is left to one that knows the training pairs
and that addition commutes, (1 - α)². Of a net trained by cross entropy its softmax is measured.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from grokking.analyses.snapshots import Snapshots
from grokking.models.all_pairs import outputs
from grokking.models.objective import Objective
from grokking.models.quadratic_net import QuadraticObjective
from grokking.models.sum_objective import SumObjective
from grokking.specs.analyses import PopulationLoss
from grokking.specs.fields import ConfigError


def table(analysis: PopulationLoss, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """One row per run and snapshot: step, accuracies, the loss, what is left without learning addition."""
    return pd.concat([losses(Snapshots.read(run)) for run in runs], ignore_index=True)


def losses(run: Snapshots) -> pd.DataFrame:
    """The rows of one run."""
    found = [squared_errors(run.objective, theta).mean() for theta in run.weights.values()]
    return run.rows(population_loss=[float(loss) for loss in found]).assign(bound=bound(run.objective))


def bound(objective: Objective) -> float:
    """What is left without learning addition. Raises `ConfigError` unless the net learns all pairs."""
    match objective:
        case SumObjective(data=data) | QuadraticObjective(data=data):
            p, observed = data.p, objective.samples / data.p**2
            if data.results.numel() != p**2 or bool((data.results < 0).any()):
                raise ConfigError("of", type(objective).__name__, "must learn all p² pairs")
    shared = isinstance(objective, SumObjective) and "embedding" in objective.layout.shapes
    return (1 - observed) ** 2 if shared else 1 - 1 / p - observed * math.exp(2 / (p - 1))


def squared_errors(objective: Objective, theta: Tensor) -> Tensor:
    """‖f - onehot‖² for each pair; 1 for f = 0. Raises `ConfigError` for other nets."""
    match objective:
        case SumObjective(data=data):
            found = objective.outputs(theta).to(torch.float64).softmax(1)
        case QuadraticObjective(data=data):
            found = outputs(theta, data.p).to(torch.float64).flatten(0, 1)
        case _:
            raise ConfigError("of", type(objective).__name__, "must be a quadratic_net or a net for modular_sum")
    return (found - one_hot(data.results.flatten(), found.shape[1])).square().sum(1)
