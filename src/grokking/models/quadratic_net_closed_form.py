"""The closed-form solution of n + m mod p by a quadratic net (Gromov 2023)."""

import torch
from torch import Tensor

from grokking.models.wave_weights import WaveWeights
from grokking.specs.models import QuadraticNet
from grokking.tasks.operation import OperationData


def closed_form_weights(model: QuadraticNet, data: OperationData, seed: int) -> Tensor:
    """θ [3p, N] with random phases, on the CPU (eqs. (6), (7) and (12))."""
    return WaveWeights().theta(data.p, model.width, seed).to(getattr(torch, model.dtype))
