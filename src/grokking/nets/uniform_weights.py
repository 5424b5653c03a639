"""The initialisation of torch.nn.Linear and torch.nn.LSTM: uniform in ±1 / √n."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from grokking.kernels.layout import Layout
from grokking.rng import stream


def uniform_weights(layout: Layout, sizes: Mapping[str, int], seed: int, dtype: str) -> Tensor:
    """θ(0) on the CPU; each parameter is U(±1 / √n), with its n in `sizes`."""
    generator = stream(seed, "init")
    weights = {}
    for name, shape in layout.shapes.items():
        weights[name] = torch.from_numpy(generator.uniform(-1, 1, shape)) / math.sqrt(sizes[name])
    return layout.flat(weights).to(getattr(torch, dtype))
