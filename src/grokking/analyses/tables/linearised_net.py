"""A net linearised at its initialisation and fitted to the training set.

The fitted net shows what the net's tangent kernel learns. Its initial outputs, here ten times as
large as the targets, are subtracted, so that it starts at 0 as in theory. J δ, the derivative of
the outputs along a change δ of the weights, is fitted to the one-hot targets by conjugate gradients
on the normal equations from δ = 0 (CGLS, Björck 1996, § 7.4). Like gradient descent on the squared
loss they converge to the smallest δ that fits. J δ is a central difference of the net in float64,
Jᵀ r a gradient.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import cast

import pandas as pd
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from grokking.analyses.linearised_net import LinearisedNet
from grokking.data.sums import SumData
from grokking.kernels.prefix_tree import PrefixTree, prefix_tree
from grokking.models.token_net import TokenNet
from grokking.nets.sum_objective import EVALUATED_TOGETHER, SumObjective
from grokking.store.results import TABLE, read_csv, read_spec

STEP = 1e-6  # ‖change of the weights‖ in a central difference: few kinks crossed, rounding 10⁻¹⁰


def table(analysis: LinearisedNet, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """Compute one row per run; `row` lists the columns."""
    return pd.DataFrame([row(analysis, run) for run in runs])


def row(analysis: LinearisedNet, run: Path) -> dict[str, float]:
    """Compute the row of one run.

    Columns: the train fraction `observed`, accuracies of the linearised net, `trained_…`, the
    largest accuracies of the trained net, and the relative `residual` of the fit.
    """
    spec, _ = read_spec(run)
    data, model = cast(SumData, spec.task.draw(spec.seed)), cast(TokenNet, spec.model)
    net = Linearised(cast(SumObjective, replace(model, dtype="float64").objective(data, spec.seed)))
    delta, residual = net.fitted(analysis.iterations)
    answers = net.outputs(delta).argmax(1)
    run_table = read_csv(run / TABLE)
    trained = {f"trained_{name}": run_table[name].max() for name in run_table if name.endswith("_accuracy")}
    linearised = {name: values[0] for name, values in data.evaluate(answers[None]).items()}
    observed = float(data.observed.double().mean())
    return {"observed": observed, **linearised, **trained, "residual": residual}


@dataclass(frozen=True)
class Linearised:
    """The net `net`, linearised at its initial weights."""

    net: SumObjective

    @cached_property
    def training(self) -> list[PrefixTree]:
        """The prefix trees of the training set."""
        parts = torch.split(self.net.operands, EVALUATED_TOGETHER)
        return [prefix_tree(part, self.net.data.p) for part in parts]

    @cached_property
    def targets(self) -> Tensor:
        """The one-hot targets of the training set, [m, p + 2]."""
        return one_hot(self.net.results, self.net.data.p + 2).to(self.net.initial)

    def outputs(self, delta: Tensor) -> Tensor:
        """Return J δ for all samples, [N, p + 2]."""
        return self.forward(delta, self.net.trees)

    def forward(self, delta: Tensor, trees: Sequence[PrefixTree]) -> Tensor:
        """Return J δ for the samples of `trees`."""
        scale = STEP / float(delta.norm())
        ahead, behind = (self.at(self.net.initial + sign * scale * delta, trees) for sign in (1, -1))
        return (ahead - behind) / (2 * scale)

    def at(self, theta: Tensor, trees: Sequence[PrefixTree]) -> Tensor:
        """Return the outputs of the net with weights `theta` for the samples of `trees`."""
        weights = self.net.layout.views(theta)
        return torch.cat([self.net.net.forward(weights, weights, tree)[0] for tree in trees])

    def backward(self, r: Tensor) -> Tensor:
        """Return Jᵀ r for r [m, p + 2] on the training set."""
        net, gradient = self.net, torch.zeros_like(self.net.initial)
        weights, slopes = net.layout.views(net.initial), net.layout.views(gradient)
        sizes = [len(tree.leaf) for tree in self.training]
        for tree, part in zip(self.training, torch.split(r, sizes), strict=True):
            net.net.forward(weights, slopes, tree)[1](part)
        return gradient

    def fitted(self, iterations: int) -> tuple[Tensor, float]:
        """Return δ after `iterations` of CGLS, and ‖targets - J δ‖ / ‖targets‖."""
        residual, delta = self.targets.clone(), torch.zeros_like(self.net.initial)
        slope = self.backward(residual)
        direction, size = slope.clone(), slope.square().sum()
        for _ in range(iterations):
            image = self.forward(direction, self.training)
            length = size / image.square().sum()
            delta += length * direction
            residual -= length * image
            slope = self.backward(residual)
            before, size = size, slope.square().sum()
            direction = slope + size / before * direction
        return delta, float(residual.norm() / self.targets.norm())
