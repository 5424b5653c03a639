"""The change of a net's tangent kernel during training.

K_ij = ⟨∇⟨u, f(x_i)⟩, ∇⟨u, f(x_j)⟩⟩ for inputs x_i drawn from the whole task, averaged over random
directions u of the outputs. Inputs and directions stay the same throughout. A net is lazy while the
change ‖K - K₀‖ / ‖K₀‖ is small (Chizat et al. 2019, 1812.07956). The distance
1 - ⟨K, K₀⟩ / (‖K‖ ‖K₀‖) leaves out mere growth (Fort et al. 2020, 2010.15110). Kernels are centred;
otherwise the part common to all inputs, such as a bias, would hide the rest.
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

PART = 2**15  # weights per block of a Gram matrix


def table(analysis: TangentKernel, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """Compute one row per run and snapshot: step, accuracies, change and distance of the kernel."""
    return pd.concat([distances(Snapshots.read(run), analysis, seed) for run in runs], ignore_index=True)


def distances(run: Snapshots, analysis: TangentKernel, seed: int) -> pd.DataFrame:
    """Compute the rows of one run."""
    kernels = [kernel(run.objective, theta, analysis, seed) for theta in run.weights.values()]
    return run.rows(
        kernel_distance=[1 - cosine(kernels[0], K) for K in kernels],
        kernel_change=[float((K - kernels[0]).norm() / kernels[0].norm()) for K in kernels],
    )


def kernel(objective: Objective, theta: Tensor, analysis: TangentKernel, seed: int) -> Tensor:
    """Return the centred kernel, float64 [samples, samples]."""
    inputs, outputs, gradient = task_of(objective)
    generator = stream(seed, "tangent kernel")
    chosen = generator.permutation(inputs)[: analysis.samples].tolist()
    directions = torch.from_numpy(generator.standard_normal((analysis.directions, outputs)))
    J = theta.new_empty((len(chosen), theta.numel()))  # [samples, weights]
    K = torch.zeros((len(chosen), len(chosen)), dtype=torch.float64)
    for u in directions.to(theta):
        for row, i in zip(J, chosen, strict=True):
            row[:] = gradient(theta, i, u).flatten()
        K += gram(J) / analysis.directions
    return centred(K)


def gram(J: Tensor) -> Tensor:
    """Return J Jᵀ in float64, block by block: all weights of an LSTM would take gigabytes."""
    parts = (part.to(torch.float64) for part in torch.split(J, PART, dim=1))
    return sum((part @ part.T for part in parts), torch.zeros((len(J), len(J)), dtype=torch.float64))


def centred(K: Tensor) -> Tensor:
    """Return the kernel of the gradients minus their mean over the inputs."""
    mean = K.mean(0)
    return K - mean - mean[:, None] + mean.mean()


def task_of(objective: Objective) -> tuple[int, int, Callable[[Tensor, int, Tensor], Tensor]]:
    """Return the numbers of inputs and outputs, and the function ∇⟨u, f(x_i)⟩ of θ, i and u.

    The gradient has the shape of θ. Raises `ConfigError` for other nets.
    """
    match objective:
        case SumObjective(data=data):
            return len(data.results), data.p + 2, partial(gradient_of_sum, objective)
        case PairNetObjective(data=data):
            return data.p**2, data.p, partial(gradient_of_pair, objective)
        case DiagonalClassifier(data=data):
            return len(data.y), 1, partial(gradient_of_diagonal, objective)
    raise ConfigError("of", type(objective).__name__, "has no tangent kernel here")


def gradient_of_sum(objective: SumObjective, theta: Tensor, i: int, u: Tensor) -> Tensor:
    """Return ∇⟨u, f(x_i)⟩ of a net for sums, on the prefix tree of sample i."""
    data, layout, gradient = objective.data, objective.layout, torch.zeros_like(theta)
    tree = prefix_tree(data.operands[i : i + 1], data.p)
    _, back = objective.net.forward(layout.views(theta), layout.views(gradient), tree)
    back(u[None])
    return gradient


def gradient_of_pair(objective: PairNetObjective, theta: Tensor, i: int, u: Tensor) -> Tensor:
    """Return ∇⟨u, f(x_i)⟩ of a net for pairs, as the gradient of a loss linear in the outputs."""
    a, b = divmod(i, objective.data.p)
    pair = Pairs(torch.tensor([a]), torch.tensor([b]), objective.data.results[a : a + 1, b])
    return objective.net(pair).gradient(theta, lambda z, c, m: u[None])


def gradient_of_diagonal(objective: DiagonalClassifier, theta: Tensor, i: int, u: Tensor) -> Tensor:
    """Return the gradient of ⟨x_i, u^L - v^L⟩ by θ = (u, v), times the scalar `u`."""
    x, depth = objective.X[i], objective.depth
    return depth * u * theta ** (depth - 1) * torch.stack([x, -x])
