"""A net for sums, given by its outputs in plain torch; the gradient comes from autograd."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from grokking.kernels.layout import Layout, Weights
from grokking.kernels.prefix_tree import PrefixTree


@dataclass(frozen=True)
class AutogradNet:
    """`outputs(W, tokens)` [batch, p + 2] from parameters by name and tokens, int64 [batch, 2K].

    The tokens are x₁ + … + x_K =. No prefix is shared between samples.
    """

    layout: Layout
    outputs: Callable[[Weights, Tensor], Tensor]

    def forward(self, W: Weights, dW: Weights, tree: PrefixTree) -> tuple[Tensor, Callable[[Tensor], None]]:
        """Outputs and backward pass: see `grokking.nets.sum_objective.TreeNet.forward`."""
        leaves = {name: weight.detach().requires_grad_() for name, weight in W.items()}
        with torch.enable_grad():
            z = self.outputs(leaves, tree.tokens[tree.levels[-1].paths[tree.leaf]])

        def back(dz: Tensor) -> None:
            gradients = torch.autograd.grad(z, list(leaves.values()), dz, allow_unused=True)
            for name, gradient in zip(leaves, gradients, strict=True):
                if gradient is not None:
                    dW[name].add_(gradient)

        return z.detach(), back
