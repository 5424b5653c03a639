"""An LSTM that reads a sum on a tree of prefixes, with its gradient written out."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from grokking.kernels.backward import Chain, linear, shifted, taken
from grokking.kernels.layout import Layout, Shapes, Weights
from grokking.kernels.prefix_tree import PrefixTree
from grokking.kernels.tree_lstm import recurrent


@dataclass(frozen=True)
class RecurrentNet:
    """The net for sums mod `p`. Inputs are one-hot: the first layer's products are table rows."""

    p: int
    layers: int
    width: int

    @cached_property
    def layout(self) -> Layout:
        """The parameters by name; gates i, f, g, o as in torch.nn.LSTM, one bias instead of two."""
        h, tokens = self.width, self.p + 2
        shapes: Shapes = {}
        for i in range(self.layers):
            shapes |= {f"{i}.input": (4 * h, h) if i else (tokens, 4 * h), f"{i}.recurrent": (4 * h, h)}
            shapes |= {f"{i}.bias": (4 * h,)}
        return Layout(shapes | {"read_out": (tokens, h), "read_out.bias": (tokens,)})

    def forward(self, W: Weights, dW: Weights, tree: PrefixTree) -> tuple[Tensor, Callable[[Tensor], object]]:
        """Outputs and backward pass: see `grokking.nets.sum_objective.TreeNet.forward`."""
        both = {name: (W[name], dW[name]) for name in W}
        chain = Chain(W["0.input"].clone()).then(shifted, *both["0.bias"]).then(taken, tree.tokens)
        for i in range(self.layers):
            if i:
                chain.then(linear, *both[f"{i}.input"]).then(shifted, *both[f"{i}.bias"])
            chain.then(recurrent, *both[f"{i}.recurrent"], tree)
        chain.then(taken, tree.answers).then(taken, tree.leaf)  # [batch, h]
        chain.then(linear, *both["read_out"]).then(shifted, *both["read_out.bias"])
        return chain.x, lambda dz: dW["0.input"].add_(chain.back(dz))
