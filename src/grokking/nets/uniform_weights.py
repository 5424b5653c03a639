"""The initialisation of torch.nn.Linear and torch.nn.LSTM: every parameter uniform in ±1 / √n, n its layer's."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from grokking.kernels.layout import Layout
from grokking.rng import stream


def uniform_weights(layout: Layout, sizes: Mapping[str, int], seed: int, dtype: str) -> Tensor:
    """θ(0) on the CPU, with the n of each parameter in `sizes`."""
    generator = stream(seed, "init")
    weights = {}
    for name, shape in layout.shapes.items():
        weights[name] = torch.from_numpy(generator.uniform(-1, 1, shape)) / math.sqrt(sizes[name])
    return layout.flat(weights).to(getattr(torch, dtype))
