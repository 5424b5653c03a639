"""One output and one hidden neuron on all pairs of numbers (Gromov 2023, Figures 2 and 7 to 9)."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from grokking.analyses.preactivations import Preactivations
from grokking.analyses.tables.trained_net import TrainedNet
from grokking.nets.all_pairs import outputs, preactivations
from grokking.nets.wave_weights import NeuronWaves, WaveWeights

DIGITS = 4  # significant digits of a grid's largest entry


def table(analysis: Preactivations, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """Compute one row per stage (initial, trained, closed form), n and m.

    `right` is 1 where the function's value is the class of the output. `output` is h⁽²⁾ and
    `hidden` the neuron h⁽¹⁾ = W₁ x / √D. `spectrum` is the modulus of the output's 2-D Fourier
    transform without its mean; there n and m are frequencies, 0 in the middle. Each column is
    rounded to four digits of its largest entry.
    """
    (run,) = runs
    net = TrainedNet.read(run)
    tables = [grids(analysis, net, stage, theta) for stage, theta in stages(analysis, net)]
    return pd.concat(tables, ignore_index=True)


def stages(analysis: Preactivations, net: TrainedNet) -> Iterator[tuple[str, Tensor]]:
    """Yield the name and the weights [3p, N] of each stage."""
    yield "initial", net.model.initial_weights(net.p, net.spec.seed)
    yield "trained", net.theta
    if analysis.first:
        waves = WaveWeights(analysis.first, analysis.second, analysis.outer)
        yield "closed form", waves.theta(net.p, net.model.width, net.spec.seed)


def grids(analysis: Preactivations, net: TrainedNet, stage: str, theta: Tensor) -> pd.DataFrame:
    """Compute the rows of one stage: each quantity on the grid of n and m, row by row."""
    n, m = (index.ravel() for index in np.indices((net.p, net.p)))
    values = quantities(theta.double(), net.p, analysis.output, trained=stage == "trained")
    return pd.DataFrame(
        {
            "stage": stage,
            "n": n,
            "m": m,
            "right": (net.data.results == analysis.output).int().flatten(),
            "test_accuracy": round(net.test_accuracy(theta), DIGITS),
            **{name: rounded(grid.numpy()).ravel() for name, grid in values.items()},
        }
    )


def quantities(theta: Tensor, p: int, output: int, trained: bool) -> dict[str, Tensor]:
    """Return output, spectrum and hidden neuron, [p, p] each."""
    h2 = outputs(theta, p)[:, :, output]
    neuron = int(NeuronWaves.of(theta).share.argmax()) if trained else output - 1
    return {
        "output": h2,
        "spectrum": torch.fft.fftshift(torch.fft.fft2(h2 - h2.mean()).abs()),
        "hidden": preactivations(theta[:, neuron : neuron + 1], p)[:, :, 0],
    }


def rounded(grid: np.ndarray) -> np.ndarray:
    """Round the grid to `DIGITS` significant digits of its largest entry."""
    largest = np.abs(grid).max()
    return grid.round(DIGITS - 1 - math.floor(math.log10(largest))) if largest else grid
