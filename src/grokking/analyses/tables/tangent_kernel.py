"""The change of a net's tangent kernel during training, and its alignment with the answers.

K_ij = ⟨∇⟨u, f(x_i)⟩, ∇⟨u, f(x_j)⟩⟩ for inputs x_i drawn from the whole task, averaged over random
directions u of the outputs. Inputs and directions stay the same throughout. The distance
1 - ⟨K, K₀⟩ / (‖K‖ ‖K₀‖) is that of directions (Fort et al. 2020, 2010.15110): a kernel that only
grows or shrinks has the same predictor, and Lyu et al. 2024 (Theorem 3.4) call a net whose norm
decays while the direction of its weights stays in the kernel regime. The change ‖K - K₀‖ / ‖K₀‖
counts growth too (Chizat et al. 2019, 1812.07956).

The alignment is the cosine between K and Y, where Y_ij is 1 if x_i and x_j have the same answer and
0 otherwise (Cortes et al. 2012, 1203.0550): it is 1 for a kernel that knows only the answer. The
inputs share few answers, so that the diagonal does not dominate Y. Kernels and Y are centred;
otherwise the part common to all inputs, such as a bias, would hide the rest.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
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

Slope = Callable[[int, Tensor], Tensor]  # ∇⟨u, f(x_i)⟩ as a function of i and u
PART = 2**15  # weights per block of a Gram matrix


def table(analysis: TangentKernel, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """Compute one row per run and snapshot: step, accuracies, change and alignment of the kernel."""
    return pd.concat([of_run(Snapshots.read(run), analysis, seed) for run in runs], ignore_index=True)


def of_run(run: Snapshots, analysis: TangentKernel, seed: int) -> pd.DataFrame:
    """Compute the rows of one run."""
    answers, outputs, gradient = task_of(run.objective)
    generator = stream(seed, "tangent kernel")
    chosen = drawn(answers, analysis.samples, analysis.classes, generator)
    directions = torch.from_numpy(generator.standard_normal((analysis.directions, outputs)))
    kernels = [kernel(theta, partial(gradient, theta), chosen, directions) for theta in run.weights.values()]
    same = same_answer(answers[chosen])
    return run.rows(
        kernel_distance=[1 - cosine(kernels[0], K) for K in kernels],
        kernel_change=[float((K - kernels[0]).norm() / kernels[0].norm()) for K in kernels],
        kernel_alignment=[cosine(same, K) for K in kernels],
    )


def drawn(answers: Tensor, samples: int, classes: int, generator: np.random.Generator) -> list[int]:
    """Draw `samples` inputs in equal parts from `classes` of their `answers` [N].

    There are fewer where the task has fewer answers, or an answer has fewer inputs. Inputs without
    an answer, -1, are not drawn.
    """
    kinds = generator.permutation(np.unique(answers[answers >= 0]))[:classes]
    order = generator.permutation(len(answers))
    of_kind = [order[answers[order].numpy() == kind][: samples // classes] for kind in kinds]
    return [int(i) for i in np.concatenate(of_kind)]


def same_answer(answers: Tensor) -> Tensor:
    """Return the centred matrix that is 1 where two `answers` [m] are equal, else 0: float64 [m, m]."""
    return centred((answers == answers[:, None]).to(torch.float64))


def kernel(theta: Tensor, gradient: Slope, inputs: Sequence[int], directions: Tensor) -> Tensor:
    """Return the centred kernel of some `inputs` at weights `theta`, float64 [inputs, inputs].

    `gradient` is ∇⟨u, f(x_i)⟩ as a function of i and u; the kernel is the mean over u in
    `directions`.
    """
    J = theta.new_empty((len(inputs), theta.numel()))
    K = torch.zeros((len(inputs), len(inputs)), dtype=torch.float64)
    for u in directions.to(theta):
        for row, i in zip(J, inputs, strict=True):
            row[:] = gradient(i, u).flatten()
        K += gram(J) / len(directions)
    return centred(K)


def gram(J: Tensor) -> Tensor:
    """Return J Jᵀ in float64, block by block: all weights of an LSTM would take gigabytes."""
    parts = (part.to(torch.float64) for part in torch.split(J, PART, dim=1))
    return sum((part @ part.T for part in parts), torch.zeros((len(J), len(J)), dtype=torch.float64))


def centred(K: Tensor) -> Tensor:
    """Return the kernel of the gradients minus their mean over the inputs."""
    mean = K.mean(0)
    return K - mean - mean[:, None] + mean.mean()


def task_of(objective: Objective) -> tuple[Tensor, int, Callable[[Tensor, int, Tensor], Tensor]]:
    """Return the right answers, the number of outputs, and the function ∇⟨u, f(x_i)⟩ of θ, i and u.

    Answers are numbers from 0 on, int64 [N]. The gradient has the shape of θ. Raises `ConfigError`
    for other nets.
    """
    match objective:
        case SumObjective(data=data):
            return data.results, data.p + 2, partial(gradient_of_sum, objective)
        case PairNetObjective(data=data):
            return data.results.flatten(), data.p, partial(gradient_of_pair, objective)
        case DiagonalClassifier(data=data):
            return (data.y > 0).to(torch.int64), 1, partial(gradient_of_diagonal, objective)
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
