"""A multilayer perceptron on the one-hot tokens of a sum, with its gradient written out.

It runs on a tree of prefixes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from grokking.kernels.activations import activation
from grokking.kernels.backward import Back, Chain, activated, linear, shifted, taken
from grokking.kernels.layout import Layout, Shapes, Weights
from grokking.kernels.prefix_tree import PrefixTree


@dataclass(frozen=True)
class Perceptron:
    """The net for sums mod `p` of `operands` numbers.

    Each operand has its part of the first layer, a table of p rows. The operators add the same to
    every sum: they are part of the bias.
    """

    p: int
    operands: int
    layers: int
    width: int
    activation: str

    @cached_property
    def layout(self) -> Layout:
        """The parameters by name."""
        h, tokens = self.width, self.p + 2
        shapes: Shapes = {"input": (self.operands * self.p, h), "0.bias": (h,)}
        for i in range(1, self.layers):
            shapes |= {f"{i}.weight": (h, h), f"{i}.bias": (h,)}
        return Layout(shapes | {"read_out": (tokens, h), "read_out.bias": (tokens,)})

    def forward(self, W: Weights, dW: Weights, tree: PrefixTree) -> tuple[Tensor, Callable[[Tensor], object]]:
        """Outputs and backward pass: see `grokking.nets.sum_objective.TreeNet.forward`."""
        both = {name: (W[name], dW[name]) for name in W}
        phi = activation(self.activation)
        chain = Chain(W["input"]).then(sums_of_rows, tree).then(taken, tree.leaf)  # [batch, h]
        for i in range(self.layers):
            if i:
                chain.then(linear, *both[f"{i}.weight"])
            chain.then(shifted, *both[f"{i}.bias"]).then(activated, phi)
        chain.then(linear, *both["read_out"]).then(shifted, *both["read_out.bias"])
        return chain.x, lambda dz: dW["input"].add_(chain.back(dz))


def sums_of_rows(table: Tensor, tree: PrefixTree) -> tuple[Tensor, Back]:
    """Σ_k table[k p + x_k] for each prefix of the last level, summed level by level."""
    x = table.new_zeros((1, table.shape[1]))
    for k, level in enumerate(tree.levels):
        x = x.index_select(0, level.parent).add_(table.index_select(0, k * tree.p + level.digit))

    def back(dx: Tensor) -> Tensor:
        dtable = torch.zeros_like(table)
        sizes = [1, *(len(level) for level in tree.levels)]
        for k, level in reversed(list(enumerate(tree.levels))):
            dtable.index_add_(0, k * tree.p + level.digit, dx)
            dx = dx.new_zeros((sizes[k], dx.shape[1])).index_add_(0, level.parent, dx)
        return dtable

    return x, back
