"""What one output and one hidden neuron do for every pair of numbers (Gromov 2023, Figures 2 and 7 to 9)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from grokking.analyses.net_training import NetTraining, accuracies
from grokking.analyses.wave_accuracy import outputs
from grokking.models.quadratic_net import QuadraticSystem
from grokking.models.wave_weights import NeuronWaves, WaveWeights
from grokking.specs.fields import Count, Fraction, Positive
from grokking.tasks.modular_function import ModularFunction


@dataclass(frozen=True)
class Preactivations:
    """A net before and after gradient flow, and, unless `first` is empty, the closed-form solution.

    `output` is the class q that is shown, and number k of the hidden neuron, which in the closed form has frequency k;
    of the trained ones, whose order means nothing, it is the one that comes nearest to a wave in n, m and q.
    """

    p: Count
    observed: Fraction
    width: Count
    learning_rate: Positive
    steps: Count
    function: str = "n + m"
    first: str = ""
    second: str = ""
    outer: str = "x"
    output: Count = 6

    def __post_init__(self) -> None:
        ModularFunction(self.p, self.observed, self.function)
        if self.first:
            WaveWeights(self.first, self.second, self.outer).theta(self.p, 1, seed=0)
        if not self.output < min(self.p, self.width + 1):
            raise ValueError("output must be below p and at most width")

    def table(self, seed: int) -> pd.DataFrame:
        """One row per stage, n and m; `right` where the function's value is the output's class.

        Columns: the `output` h⁽²⁾, the modulus of its 2-D Fourier transform (`spectrum`: n and m are then frequencies,
        0 in the middle; the mean left out), and the `hidden` neuron h⁽¹⁾ = W₁ x / √D, to four digits after the point.
        """
        task = ModularFunction(self.p, self.observed, self.function)
        net = NetTraining(task, self.width, "gradient_flow", self.learning_rate)
        system = net.system(seed)
        right = (task.results() == self.output).numpy().ravel().astype(int)
        n, m = (index.ravel() for index in np.indices((self.p, self.p)))
        tables = []
        for stage, theta in self.stages(net, system, seed):
            columns = {key: grid.ravel().round(4) for key, grid in self.grids(stage, theta.double()).items()}
            accuracy = round(accuracies(system, theta.to(system.initial.dtype))[1], 4)
            tables.append(
                pd.DataFrame({"stage": stage, "n": n, "m": m, "right": right, "test_accuracy": accuracy, **columns})
            )
        return pd.concat(tables, ignore_index=True)

    def stages(self, net: NetTraining, system: QuadraticSystem, seed: int) -> Iterator[tuple[str, Tensor]]:
        """Weights [3p, N] by name."""
        yield "initial", system.initial
        yield "trained", net.final(system, self.steps)
        if self.first:
            yield "closed form", WaveWeights(self.first, self.second, self.outer).theta(self.p, self.width, seed)

    def grids(self, stage: str, theta: Tensor) -> dict[str, np.ndarray]:
        """Each quantity on the grid of n and m, [p, p]."""
        h2 = outputs(theta, self.p, "square")[:, self.output].reshape(self.p, self.p)
        neuron = int(NeuronWaves.of(theta).share.argmax()) if stage == "trained" else self.output - 1
        first, second, _ = torch.split(theta[:, neuron], self.p)
        spectrum = torch.fft.fftshift(torch.fft.fft2(h2 - h2.mean()).abs())
        h1 = (first[:, None] + second) / (2 * self.p) ** 0.5
        return {name: value.numpy() for name, value in (("output", h2), ("spectrum", spectrum), ("hidden", h1))}
