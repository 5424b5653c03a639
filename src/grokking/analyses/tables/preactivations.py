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
    transform without its mean; there n and m are frequencies, 0 in the middle, `wave` is the number
    of which a frequency is a wave (n + m, n - m, 2n, 2m or another) and `power_of_wave` the share of
    all power that is in waves of this number. Each grid is rounded to four digits of its largest
    entry.
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
    ).assign(wave=waves_of(net.p), power_of_wave=power_of_wave)


def waves_of(p: int) -> np.ndarray:
    """Return of which number each frequency (f, g) of the shifted transform is a wave, [p²]."""
    f, g = (np.ravel(index) - p // 2 for index in np.indices((p, p)))
    numbers = {"n + m": (f - g) % p == 0, "n - m": (f + g) % p == 0, "2n": g == 0, "2m": f == 0}
    waves = np.full(p * p, "other", dtype=object)
    for number, is_wave in numbers.items():
        waves[is_wave & ((f != 0) | (g != 0))] = number
    return waves


def power_of_wave(grids: pd.DataFrame) -> pd.Series:
    """Return the share of the power of the spectrum that is in waves of the same number."""
    power = grids["spectrum"] ** 2
    return power.groupby(grids["wave"]).transform("sum") / power.sum()


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
