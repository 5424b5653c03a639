"""The loss of a net that reads a sum, or another function of K numbers, as tokens."""

from collections.abc import Callable
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from grokking.data.sums import SumData
from grokking.kernels.layout import Layout, Weights
from grokking.kernels.losses import cross_entropy_residuals
from grokking.kernels.prefix_tree import PrefixTree, prefix_tree
from grokking.losses.cross_entropy import CrossEntropy
from grokking.losses.loss import Loss
from grokking.nets.objective import Noise, Objective, refuse_label_noise

CROSS_ENTROPY = CrossEntropy()
EVALUATED_TOGETHER = 1024  # samples, so that a layer's states stay in the cache


class TreeNet(Protocol):
    """A net that computes its outputs on a tree, in which samples share their common prefixes."""

    @property
    def layout(self) -> Layout:
        """The parameters by name."""

    def forward(self, W: Weights, dW: Weights, tree: PrefixTree) -> tuple[Tensor, Callable[[Tensor], object]]:
        """Return the outputs [batch, p + 2] on a tree, and a function for the backward pass.

        `W` are the parameters by name. The function takes the gradient by the outputs and adds the
        gradient by W to `dW`.
        """


class SumObjective(Objective):
    """The mean `loss` over the training set of a net that reads x₁ + … + x_K = as tokens.

    The outputs are those for the p + 2 tokens at "=". The record of an observation is the answers
    to all samples. `exact` says whether the gradient of the cross entropy avoids torch's rounding
    errors.
    """

    layout: Layout
    counts_right = True

    def __init__(
        self, data: SumData, net: TreeNet, initial: Tensor, loss: Loss = CROSS_ENTROPY, exact: bool = False
    ) -> None:
        self.data, self.net, self.layout, self.loss, self.exact = data, net, net.layout, loss, exact
        self.initial = initial.to(data.operands.device)
        self.operands, self.results = data.operands[data.observed], data.labels[data.observed]
        self.samples = len(self.results)

    def gradient(self, theta: Tensor, rows: Tensor | None = None, noise: Noise | None = None) -> Tensor:
        """Return ∇L(θ), shaped like θ, over all training samples or those in `rows`.

        `noise` is the dropout of a step. Raises `ValueError` for label noise.
        """
        return self.counted_gradient(theta, rows, noise)[0]

    def counted_gradient(
        self, theta: Tensor, rows: Tensor | None = None, noise: Noise | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return what `gradient` returns, and the number of right answers in the batch, int64 [1]."""
        refuse_label_noise(noise)
        chosen: Tensor | slice = slice(None) if rows is None else rows.to(self.operands.device)
        return self.counted_slope(theta, self.operands[chosen], self.results[chosen], noise)

    def slope(self, theta: Tensor, operands: Tensor, results: Tensor, noise: Noise | None = None) -> Tensor:
        """Return the gradient of the mean loss on samples `operands` [m, K] with `results` [m]."""
        return self.counted_slope(theta, operands, results, noise)[0]

    def counted_slope(
        self, theta: Tensor, operands: Tensor, results: Tensor, noise: Noise | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return what `slope` returns, and how many of the samples the net answers rightly, int64 [1]."""
        tree, gradient = prefix_tree(operands, self.data.p, shared=noise is None), torch.zeros_like(theta)
        z, back = self.forward(self.layout.views(theta), self.layout.views(gradient), tree, noise)
        right = (z.argmax(1) == results).sum(0, keepdim=True)
        back(self.residuals(z, results))
        return gradient, right

    def residuals(self, z: Tensor, c: Tensor) -> Tensor:
        """Return ∂L/∂z [m, p + 2] of the mean loss L for outputs z [m, p + 2] and classes c [m].

        For the cross entropy it has torch's rounding errors unless the objective is `exact`.
        """
        return cross_entropy_residuals(z, c, len(z)) if self.exact else self.loss.residuals(z, c)

    def forward(
        self, W: Weights, dW: Weights, tree: PrefixTree, noise: Noise | None
    ) -> tuple[Tensor, Callable[[Tensor], object]]:
        """Return the outputs and the backward pass of the net, see `TreeNet.forward`.

        A stochastic model overrides it to use the `noise`.
        """
        return self.net.forward(W, dW, tree)

    @cached_property
    def trees(self) -> list[PrefixTree]:
        """The trees of all samples, each of at most `EVALUATED_TOGETHER` samples."""
        return [prefix_tree(part, self.data.p) for part in torch.split(self.data.operands, EVALUATED_TOGETHER)]

    def outputs(self, theta: Tensor) -> Tensor:
        """Return the outputs for all samples, [N, p + 2]."""
        weights = self.layout.views(theta)
        return torch.cat([self.net.forward(weights, weights, tree)[0] for tree in self.trees])

    def observe(self, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """Return losses, accuracies and norm at θ, and the answers to all samples, int16 [N]."""
        outputs, data = self.outputs(theta), self.data
        answers = outputs.argmax(1).to(torch.int16)
        losses = self.loss.values(outputs.to(torch.float64), data.labels)
        return {
            "train_loss": float(losses[data.observed].mean()),
            "test_loss": float(losses[~data.observed].mean()),
            **{name: values[0] for name, values in data.evaluate(answers[None]).items()},
            "parameter_norm": float(theta.norm()),
        }, answers
