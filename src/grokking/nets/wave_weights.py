"""Weights that solve modular arithmetic in closed form (Gromov 2023).

Equations (6), (7), (12) and (17)-(19).
"""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from grokking.rng import stream
from grokking.tasks.expression import evaluate


@dataclass(frozen=True)
class WaveWeights:
    """The net for outer(first(n) + second(m)) mod p: polynomials in n, in m, and in x.

    Neuron k = 1 … N has frequency k, two random phases, and their sum in the read-out. `amplitude`
    is 1 (as printed) or (2D)^(1/3), D = 2p, with which the output peaks at 1. Where `outer` takes a
    value twice, the read-out uses the smallest x.
    """

    first: str = "n"
    second: str = "m"
    outer: str = "x"
    amplitude: Literal["printed", "unit_peak"] = "unit_peak"

    def theta(self, p: int, width: int, seed: int) -> Tensor:
        """θ = (W₁, W₂) [3p, N], float64."""
        k = torch.arange(1, width + 1, dtype=torch.float64)
        phases = torch.from_numpy(stream(seed, "phases").uniform(-math.pi, math.pi, (2, width)))
        first, second = (
            waves(torch.from_numpy(evaluate(text, p, (name,))), k, phase, p)
            for text, name, phase in ((self.first, "n", phases[0]), (self.second, "m", phases[1]))
        )
        branch = smallest_preimage(torch.from_numpy(evaluate(self.outer, p, ("x",))))
        out = waves(branch.clamp(min=0), k, phases.sum(0), p) * (branch >= 0)[:, None]
        scale = (4 * p) ** (1 / 3) if self.amplitude == "unit_peak" else 1.0
        return scale * torch.cat([first, second, out])


def waves(values: Tensor, k: Tensor, phases: Tensor, p: int) -> Tensor:
    """cos(2π k v / p + φ_k) for values v [p], frequencies and phases [N]: [p, N]."""
    return torch.cos(2 * math.pi / p * (values[:, None] * k % p) + phases)


def smallest_preimage(values: Tensor) -> Tensor:
    """The smallest x with values[x] = q for every q, -1 where there is none; int64 [p]."""
    smallest = torch.full_like(values, -1)
    backwards = torch.arange(len(values) - 1, -1, -1)
    for x in backwards.tolist():
        smallest[values[x]] = x
    return smallest


@dataclass(frozen=True)
class NeuronWaves:
    """Each neuron's strongest wave: frequency in 1 … p/2, phases φ⁽¹⁾, φ⁽²⁾, φ⁽³⁾, share of power.

    The power is that of all frequencies but 0, averaged over the three blocks.
    """

    frequency: Tensor
    phases: Tensor
    share: Tensor

    @classmethod
    def of(cls, theta: Tensor) -> "NeuronWaves":
        """The waves of weights [3p, N]: each block is cos(2π f v / p + φ) with a common f."""
        blocks = torch.fft.rfft(theta.to(torch.float64).reshape(3, -1, theta.shape[1]), dim=1)[:, 1:]
        power = blocks.abs().square()  # [3, frequencies, N]
        shares = (power / power.sum(1, keepdim=True)).mean(0)
        best = shares.argmax(0)
        at_best = blocks.gather(1, best.expand(3, 1, -1))[:, 0]
        return cls(best + 1, at_best.angle(), shares.gather(0, best[None])[0])

    @property
    def phase_sum(self) -> Tensor:
        """φ⁽¹⁾ + φ⁽²⁾ - φ⁽³⁾ in (-π, π]; constraint (12) says 0."""
        total = self.phases[0] + self.phases[1] - self.phases[2]
        return torch.atan2(total.sin(), total.cos())

    @property
    def interference(self) -> Tensor:
        """How much of the waves that must cancel is left among the neurons of its frequency, [N].

        The outputs in closed form, eq. (11), have waves in 2n - q, 2m - q and n - m - q beside that
        in n + m - q. Their phases ψ are 2φ⁽¹⁾ - φ⁽³⁾, 2φ⁽²⁾ - φ⁽³⁾ and φ⁽¹⁾ - φ⁽²⁾ - φ⁽³⁾. The number
        is |Σ e^(iψ)|² / k over the k neurons of the same frequency, averaged over the three waves: 1
        on average if phases are independent, 0 if the waves cancel.
        """
        first, second, third = self.phases
        unwanted = torch.stack([2 * first - third, 2 * second - third, first - second - third])
        same = (self.frequency[:, None] == self.frequency).to(unwanted)
        left = (unwanted.cos() @ same).square() + (unwanted.sin() @ same).square()
        return left.mean(0) / same.sum(0)
