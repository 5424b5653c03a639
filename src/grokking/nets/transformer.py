"""The transformer of the course report's Figures 1 and 3 to 7, a decoder as in Power et al. 2022."""

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
    """With dropout where there is noise; a mask belongs to a sample, and so the batch shares no prefixes then."""

    def __init__(self, data: SumData, net: TransformerNet, initial: Tensor) -> None:
        super().__init__(data, net, initial, net.model.exact_residuals)
        self.transformer = net
        self.stochastic = net.model.dropout > 0

    def forward(
        self, W: Weights, dW: Weights, tree: PrefixTree, noise: Noise | None
    ) -> tuple[Tensor, Callable[[Tensor], object]]:
        """With a step's masks."""
        masks = self.masks(tree, noise) if noise and self.stochastic else None
        return self.transformer.forward(W, dW, tree, masks)

    def masks(self, tree: PrefixTree, noise: Noise) -> Weights:
        """1 / (1 - dropout) where a state is kept, else 0."""
        dropout, layout = self.transformer.model.dropout, Layout(self.transformer.mask_shapes(tree))
        uniform = noise.generator("dropout").random(sum(layout.sizes), dtype=np.float32)
        kept = torch.from_numpy(uniform >= dropout).to(self.initial)
        return layout.views(kept / (1 - dropout))
