"""How far the tangent kernel of a net moves while it trains: lazy as long as it stays where it was.

K_ij = ⟨∇⟨u, f(x_i)⟩, ∇⟨u, f(x_j)⟩⟩ for inputs x_i drawn from the whole task, the mean over some random directions u of
the outputs, all the same throughout: what two inputs have in common, whatever the output. Lazy is a net whose kernel
changes little against what it was, ‖K - K₀‖ / ‖K₀‖ (Chizat et al. 2019, 1812.07956); how much of that is more than
growth says the distance 1 - ⟨K, K₀⟩ / (‖K‖ ‖K₀‖) (Fort et al. 2020, 2010.15110). Kernels are centred, or the part that
all inputs share, as a bias does, would hide the rest.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from grokking.analyses.tables.snapshots import Snapshots
from grokking.analyses.tangent_kernel import TangentKernel
from grokking.data.operation import Pairs
from grokking.kernels.prefix_tree import prefix_tree
from grokking.measures.kkt import cosine
from grokking.nets.diagonal_net import DiagonalClassifier
from grokking.nets.objective import Objective
from grokking.nets.pair_objective import PairNetObjective
from grokking.nets.sum_objective import SumObjective
from grokking.parts.errors import ConfigError
from grokking.rng import stream

PART = 2**15  # weights


def table(analysis: TangentKernel, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """One row per run and snapshot: step, accuracies, change of the kernel from the first one, distance from it."""
    return pd.concat([distances(Snapshots.read(run), analysis, seed) for run in runs], ignore_index=True)


def distances(run: Snapshots, analysis: TangentKernel, seed: int) -> pd.DataFrame:
    """The rows of one run."""
    kernels = [kernel(run.objective, theta, analysis, seed) for theta in run.weights.values()]
    return run.rows(
        kernel_distance=[1 - cosine(kernels[0], now) for now in kernels],
        kernel_change=[float((now - kernels[0]).norm() / kernels[0].norm()) for now in kernels],
    )


def kernel(objective: Objective, theta: Tensor, analysis: TangentKernel, seed: int) -> Tensor:
    """The centred K, float64 [samples, samples]."""
    inputs, outputs, gradient = task_of(objective)
    generator = stream(seed, "tangent kernel")
    chosen = generator.permutation(inputs)[: analysis.samples].tolist()
    directions = torch.from_numpy(generator.standard_normal((analysis.directions, outputs)))
    J = theta.new_empty((len(chosen), theta.numel()))
    K = torch.zeros((len(chosen), len(chosen)), dtype=torch.float64)
    for u in directions.to(theta):
        for row, i in zip(J, chosen, strict=True):
            row[:] = gradient(theta, i, u).flatten()
        K += gram(J) / analysis.directions
    return centred(K)


def gram(J: Tensor) -> Tensor:
    """J Jᵀ in float64, a part of the weights at a time: those of an LSTM would take gigabytes."""
    parts = (part.to(torch.float64) for part in torch.split(J, PART, dim=1))
    return sum((part @ part.T for part in parts), torch.zeros((len(J), len(J)), dtype=torch.float64))


def centred(K: Tensor) -> Tensor:
    """That of the gradients less their mean over the inputs."""
    mean = K.mean(0)
    return K - mean - mean[:, None] + mean.mean()


def task_of(objective: Objective) -> tuple[int, int, Callable[[Tensor, int, Tensor], Tensor]]:
    """How many inputs the whole task has and outputs the net, and ∇⟨u, f(x_i)⟩ of θ, i and u, shaped like θ."""
    match objective:
        case SumObjective(data=data):
            return len(data.results), data.p + 2, partial(gradient_of_sum, objective)
        case PairNetObjective(data=data):
            return data.p**2, data.p, partial(gradient_of_pair, objective)
        case DiagonalClassifier(data=data):
            return len(data.y), 1, partial(gradient_of_diagonal, objective)
    raise ConfigError("of", type(objective).__name__, "has no tangent kernel here")


def gradient_of_sum(objective: SumObjective, theta: Tensor, i: int, u: Tensor) -> Tensor:
    """On the tree of one sample."""
    data, layout, gradient = objective.data, objective.layout, torch.zeros_like(theta)
    tree = prefix_tree(data.operands[i : i + 1], data.p)
    _, back = objective.net.forward(layout.views(theta), layout.views(gradient), tree)
    back(u[None])
    return gradient


def gradient_of_pair(objective: PairNetObjective, theta: Tensor, i: int, u: Tensor) -> Tensor:
    """Of a loss that is linear in the outputs."""
    a, b = divmod(i, objective.data.p)
    pair = Pairs(torch.tensor([a]), torch.tensor([b]), objective.data.results[a : a + 1, b])
    return objective.net(pair).gradient(theta, lambda z, c, m: u[None])


def gradient_of_diagonal(objective: DiagonalClassifier, theta: Tensor, i: int, u: Tensor) -> Tensor:
    """L u (x ⊙ u^(L-1), -x ⊙ v^(L-1))."""
    x, depth = objective.X[i], objective.depth
    return depth * u * theta ** (depth - 1) * torch.stack([x, -x])
