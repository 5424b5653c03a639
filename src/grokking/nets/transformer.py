"""The loss of the transformer, with its dropout."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from grokking.data.sums import SumData
from grokking.kernels.layout import Layout, Weights
from grokking.kernels.prefix_tree import PrefixTree
from grokking.nets.objective import Noise
from grokking.nets.sum_objective import SumObjective
from grokking.nets.tree_transformer import TransformerNet


class TransformerObjective(SumObjective):
    """The mean loss of a transformer.

    With dropout, each sample has its own masks, so that samples share no computation of prefixes.
    """

    def __init__(self, data: SumData, net: TransformerNet, initial: Tensor) -> None:
        super().__init__(data, net, initial, net.model.loss, net.model.exact_residuals)
        self.transformer = net
        self.stochastic = net.model.dropout > 0

    def forward(
        self, W: Weights, dW: Weights, tree: PrefixTree, noise: Noise | None
    ) -> tuple[Tensor, Callable[[Tensor], object]]:
        """Return outputs and backward pass, with the step's dropout masks if there is noise."""
        masks = self.masks(tree, noise) if noise and self.stochastic else None
        return self.transformer.forward(W, dW, tree, masks)

    def masks(self, tree: PrefixTree, noise: Noise) -> Weights:
        """Return the dropout masks of a step, by name.

        An entry is 1 / (1 - dropout) where a state is kept, 0 elsewhere.
        """
        dropout, layout = self.transformer.model.dropout, Layout(self.transformer.mask_shapes(tree))
        uniform = noise.generator("dropout").random(sum(layout.sizes), dtype=np.float32)
        kept = torch.from_numpy(uniform >= dropout).to(self.initial)
        return layout.views(kept / (1 - dropout))
