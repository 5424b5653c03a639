"""How well the closed-form weights solve a task, against width and activation (Gromov 2023, Figures 4b and 6)."""

from dataclasses import dataclass
from itertools import product
from typing import Literal

import pandas as pd
import torch
from torch import Tensor

from grokking.kernels.activations import ACTIVATIONS
from grokking.models.wave_weights import WaveWeights
from grokking.specs.fields import Count
from grokking.tasks.modular_function import ModularFunction

CACHED = 2**18  # numbers of the hidden layer at once: a megabyte


@dataclass(frozen=True)
class WaveAccuracy:
    """The net of `WaveWeights` on `function` = outer(first + second), with each activation and width.

    All p² pairs, in float32.
    """

    p: Count
    widths: tuple[Count, ...]
    activations: tuple[Literal["square", "relu", "gelu"], ...] = ("square",)
    amplitudes: tuple[Literal["printed", "unit_peak"], ...] = ("unit_peak",)
    first: str = "n"
    second: str = "m"
    outer: str = "x"
    function: str = "n + m"

    def __post_init__(self) -> None:
        ModularFunction(self.p, 0.5, self.function)
        WaveWeights(self.first, self.second, self.outer).theta(self.p, 1, seed=0)

    def table(self, seed: int) -> pd.DataFrame:
        """One row per amplitude, activation and width: accuracy, loss, and the mean output at the right class."""
        results = ModularFunction(self.p, 0.5, self.function).results().flatten()
        rows = []
        for amplitude, activation, width in product(self.amplitudes, self.activations, self.widths):
            weights = WaveWeights(self.first, self.second, self.outer, amplitude)
            f = outputs(weights.theta(self.p, width, seed).float(), self.p, activation)
            right = f.gather(1, results[:, None])[:, 0]
            rows.append(
                {
                    "function": self.function,
                    "amplitude": amplitude,
                    "activation": activation,
                    "width": width,
                    "accuracy": float((f.argmax(1) == results).double().mean()),
                    "loss": float(((f.square().sum(1) - 2 * right + 1) / self.p).mean()),
                    "peak": float(right.mean()),
                }
            )
        return pd.DataFrame(rows)


def outputs(theta: Tensor, p: int, activation: str) -> Tensor:
    """f(x) = (1/N) W₂ φ(W₁ x / √D) for all pairs, row n · p + m, [p², p]; for φ(x) = x² this is eq. (4)."""
    first, second, W2 = torch.split(theta, p)
    pairs = torch.arange(p * p)
    blocks = []
    for rows in torch.split(pairs, max(1, CACHED // theta.shape[1])):
        pre = (first[rows // p] + second[rows % p]) / (2 * p) ** 0.5
        blocks.append(ACTIVATIONS[activation].forward(pre)[0] @ W2.T / theta.shape[1])
    return torch.cat(blocks)
