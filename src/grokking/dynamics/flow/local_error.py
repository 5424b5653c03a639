"""The size of a local error as a flow's integrators judge a step by it."""

import math

import torch
from torch import Tensor

from grokking.nets.system import relative_size


def local_error(error: Tensor, scale: Tensor) -> float:
    """Return ‖error / scale‖₂; infinite where the scale is not finite.

    A step that has lost stability can leave values so large that their norm overflows. Beside it
    any error would seem to be 0.
    """
    return relative_size(error, scale) if bool(torch.isfinite(scale).all()) else math.inf
