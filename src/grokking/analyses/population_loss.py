"""The squared loss on all pairs along training, over that of the zero predictor, beside the bound of a kernel.

A learner that is equivariant under permutations of either operand, such as a kernel method or gradient descent while it
is lazy, has at least 1 - 1/p - α e^(2/(p - 1)) of it (Mohamadi et al. 2024, 2407.12332); where both operands share one
embedding, permutations act on both alike, and a kernel check found (1 - α)². Of a net trained by cross entropy its
softmax is measured.
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
from grokking.runs.tables import settings
from grokking.specs.analyses import PopulationLoss
from grokking.specs.fields import ConfigError


def table(analysis: PopulationLoss, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """One row per run and snapshot: step, accuracies, the loss, the bound of kernels of such nets."""
    return pd.concat([losses(Snapshots.read(run)) for run in runs], ignore_index=True)


def losses(run: Snapshots) -> pd.DataFrame:
    """The rows of one run."""
    p = settings(run.spec)["p"]
    observed = run.objective.samples / p**2
    rows = run.rows(population_loss=[population_loss(run.objective, theta) for theta in run.weights.values()])
    return rows.assign(bound=shared_bound(observed) if shares(run.objective) else separate_bound(p, observed))


def shares(objective: Objective) -> bool:
    """Whether both operands have one embedding."""
    return isinstance(objective, SumObjective) and "embedding" in objective.layout.shapes


def shared_bound(observed: float) -> float:
    """Of a kernel on operands with one embedding."""
    return (1 - observed) ** 2


def separate_bound(p: int, observed: float) -> float:
    """Of a kernel on operands with an embedding each."""
    return 1 - 1 / p - observed * math.exp(2 / (p - 1))


def population_loss(objective: Objective, theta: Tensor) -> float:
    """‖f - onehot‖², the mean over all pairs; 1 for f = 0. Raises `ConfigError` for other nets."""
    match objective:
        case SumObjective(data=data):
            found = objective.outputs(theta).to(torch.float64).softmax(1)
            truth = data.results
        case QuadraticObjective(data=data):
            found = outputs(theta, data.p).to(torch.float64).flatten(0, 1)
            truth = data.results.flatten()
        case _:
            raise ConfigError("of", type(objective).__name__, "must be a quadratic_net or a net for modular_sum")
    return float((found - one_hot(truth, found.shape[1])).square().sum(1).mean())
