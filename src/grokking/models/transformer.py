"""The transformer of the course report's Figures 1 and 3 to 7, a decoder as in Power et al. 2022."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from grokking.kernels.layout import Layout, Weights
from grokking.kernels.prefix_tree import PrefixTree
from grokking.kernels.transformer import TransformerNet
from grokking.models.objective import Noise
from grokking.models.sum_objective import SumObjective
from grokking.rng import stream
from grokking.specs.models import Transformer
from grokking.tasks.sums import SumData

EMBEDDING_SCALE = 0.1


def objective(model: Transformer, data: SumData, seed: int) -> SumObjective:
    """The mean cross entropy over the training set."""
    positions = fixed_positions(model)
    net = TransformerNet(data.p, model, None if positions is None else positions.to(data.operands.device))
    return TransformerObjective(data, net, initial_weights(net, seed))


def initial_weights(net: TransformerNet, seed: int) -> Tensor:
    """θ(0) on the CPU: embedding and positions N(0, 0.1²), other matrices N(0, 1 / fan-in), norms γ = 1, β = 0."""
    generator, weights = stream(seed, "init"), {}
    for name, shape in net.layout.shapes.items():
        if name.endswith((".gain", ".bias")):
            weights[name] = torch.full(shape, float(name.endswith(".gain")), dtype=torch.float64)
            continue
        scale = EMBEDDING_SCALE if name in ("embedding", "positions") else 1 / math.sqrt(shape[1])
        weights[name] = torch.from_numpy(generator.standard_normal(shape)) * (net.model.init_scale * scale)
    return net.layout.flat(weights).to(getattr(torch, net.model.dtype))


def fixed_positions(model: Transformer) -> Tensor | None:
    """What is added to the embedding where it is not learned, [context, width]; None where it is.

    Sines and cosines of the position over 10 000^(2i / width) (Vaswani et al. 2017, § 3.5).
    """
    if model.positions == "learned":
        return None
    found = torch.zeros((model.context, model.width), dtype=torch.float64)
    if model.positions == "sinusoidal":
        rates = 10_000 ** (-torch.arange(0, model.width, 2, dtype=torch.float64) / model.width)
        angles = torch.arange(model.context, dtype=torch.float64)[:, None] * rates
        found[:, 0::2], found[:, 1::2] = angles.sin(), angles.cos()
    return found.to(getattr(torch, model.dtype))


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
