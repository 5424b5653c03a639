"""A net that is given by its outputs alone, in plain torch: the quick way to try an architecture on sums."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from grokking.kernels.layout import Layout, Weights
from grokking.kernels.prefix_tree import PrefixTree


@dataclass(frozen=True)
class AutogradNet:
    """`outputs(W, tokens)` [batch, p + 2] from the parameters by name and the tokens x₁ + … + x_K =, int64 [batch, 2K].

    The gradient comes from automatic differentiation, and no prefix is computed once for several samples.
    """

    layout: Layout
    outputs: Callable[[Weights, Tensor], Tensor]

    def forward(self, W: Weights, dW: Weights, tree: PrefixTree) -> tuple[Tensor, Callable[[Tensor], None]]:
        """As `grokking.kernels.transformer.TransformerNet.forward`."""
        leaves = {name: weight.detach().requires_grad_() for name, weight in W.items()}
        with torch.enable_grad():
            z = self.outputs(leaves, tree.tokens[tree.levels[-1].paths[tree.leaf]])

        def back(dz: Tensor) -> None:
            slopes = torch.autograd.grad(z, list(leaves.values()), dz, allow_unused=True)
            for name, slope in zip(leaves, slopes, strict=True):
                if slope is not None:
                    dW[name].add_(slope)

        return z.detach(), back
