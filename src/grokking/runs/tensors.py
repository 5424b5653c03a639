"""Tensors from disk, the same ones at every reading."""

from pathlib import Path

import safetensors.torch
from torch import Tensor


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file, sorted by name, in memory of their own.

    The library returns them in no fixed order and at addresses that change the last digits of a matrix product.
    """
    return {name: tensor.clone() for name, tensor in sorted(safetensors.torch.load(path.read_bytes()).items())}
