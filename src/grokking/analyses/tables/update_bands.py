"""The contribution of fast and slow parts of the updates to the fall of the validation loss.

The update u_t = θ_{t+1} - θ_t is split into bands by exponential averages
m_τ ← m_τ + (u - m_τ) / τ: u - m_τ₁, m_τ₁ - m_τ₂, …, and m of the longest τ. Each average is divided
by 1 - (1 - 1/τ)^t, since it starts at 0. In a step the loss falls by -∫₀¹ ⟨∇L(θ_t + s u_t), u_t⟩ ds,
to which each band of u_t contributes a term, its gain. The gradient is the mean of those at the two
points of Gauss's rule, so that the gains add up to the fall of a loss that is a polynomial of degree
four along u_t. A gradient at the left end of the step would miss the curvature, which is larger than
what the loss falls by; that in the middle, exact for a quadratic loss, misses the fall by up to 14 %.

L is the mean loss of some validation samples, the same at all steps. All steps are measured, because
from step to step the loss moves up and down by more than it falls on average: in windows of 512 steps
of the course report's transformer every fourth step misses the fall by a third, every 32nd by a
factor of three or four.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import cast

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from grokking.analyses.slow_part import SlowPart
from grokking.analyses.tables.time_spectra import chosen
from grokking.nets.sum_objective import SumObjective

GROKFAST = 100  # steps, the window of Grokfast's filter: the slow part lasts at least as long
FAST, SLOW = "fast", "slow"
GAUSS = (0.5 - 3**-0.5 / 2, 0.5 + 3**-0.5 / 2)  # two points of [0, 1], of equal weight
CLOSURE = 0.1  # of the fall of the loss, by which the gains may miss it and still explain it


@dataclass
class Splitter:
    """Splits the update of each step into bands, and sums their gains over each window.

    `starts` has, by window, the step before its first. `samples` are the validation samples whose
    loss is measured, numbers of samples in the data.
    """

    objective: SumObjective
    analysis: SlowPart
    starts: dict[str, int]
    samples: Tensor
    averages: Tensor | None = None  # [τ, parameters]
    before: Tensor | None = None  # θ before the previous step
    totals: dict[str, Tensor] = field(default_factory=dict)  # by window, [2, bands + 2]: gain, norm
    losses: dict[int, tuple[float, float]] = field(default_factory=dict)  # after a step: `samples`, all of validation

    def __call__(self, step: int, theta: Tensor, gradient: Tensor) -> None:
        """Split the update of the previous step, which θ at this step completes."""
        if self.before is not None:
            self.split(step - 1, theta - self.before)
        self.before = theta.clone()
        if any(step - 1 in (start, start + self.analysis.length) for start in self.starts.values()):
            self.losses[step - 1] = self.validation_losses(theta)

    def split(self, step: int, update: Tensor) -> None:
        """Update the averages; add the gains of this update to the windows that it is in."""
        if self.averages is None:
            self.averages = update.new_zeros((len(self.analysis.times), *update.shape))
        for average, time in zip(self.averages, self.analysis.times, strict=True):
            average.lerp_(update, 1 / time)
        inside = [name for name, start in self.starts.items() if start < step <= start + self.analysis.length]
        if inside:
            gains = self.gains(self.parts(step, update), update)
            for name in inside:
                self.totals[name] = self.totals.get(name, 0) + gains

    def parts(self, step: int, update: Tensor) -> Tensor:
        """Return the bands of an update, fastest first, then the sums of fast and slow bands.

        The shape is [bands + 2, parameters].
        """
        begun = update.new_tensor([1 - (1 - 1 / time) ** step for time in self.analysis.times])
        bands = torch.cat([update[None], cast(Tensor, self.averages) / begun[:, None]])
        bands[:-1] -= bands[1:].clone()
        slow = torch.tensor([time >= GROKFAST for time in (0, *self.analysis.times)])
        return torch.cat([bands, bands[~slow].sum(0, keepdim=True), bands[slow].sum(0, keepdim=True)])

    def gains(self, parts: Tensor, update: Tensor) -> Tensor:
        """Return -⟨∇L, part⟩ with the mean gradient along `update`, and ‖part‖: float64 [2, bands + 2]."""
        data, theta = self.objective.data, cast(Tensor, self.before)
        operands, labels = data.operands[self.samples], data.labels[self.samples]
        first, second = (self.objective.slope(theta + point * update, operands, labels) for point in GAUSS)
        return torch.stack([-(parts @ (first + second)) / 2, parts.norm(dim=1)]).to(torch.float64)

    def validation_losses(self, theta: Tensor) -> tuple[float, float]:
        """Return the mean loss of `samples`, and that of the whole validation set."""
        data = self.objective.data
        losses = self.objective.loss.values(self.objective.outputs(theta).to(torch.float64), data.labels)
        return float(losses[self.samples].mean()), float(losses[~data.observed].mean())

    def rows(self, window: str) -> pd.DataFrame:
        """Compute one row per band: its gain in a window, the sum of its norms, their ratio.

        Two rows follow, for all fast and all slow bands. All rows have the window's `total_gain`,
        summed over the bands, the `fall` of the loss that it stands for, and `validation_fall`, the
        fall of the loss on the whole validation set. If `total_gain` misses `fall` by more than a
        tenth the gains are NaN.
        """
        gain, norm = self.totals[window].numpy()
        total, start = gain[-2:].sum(), self.starts[window]
        ends = zip(self.losses[start], self.losses[start + self.analysis.length], strict=True)
        fall, validation_fall = (first - last for first, last in ends)
        if abs(total - fall) > CLOSURE * abs(fall):
            gain = np.full_like(gain, np.nan)
        return pd.DataFrame({
            "window": window, "band": [*band_names(self.analysis.times), FAST, SLOW],
            "gain": gain, "norm": norm, "gain_per_norm": gain / norm,
            "total_gain": total, "fall": fall, "validation_fall": validation_fall,
        })  # fmt: skip


def measured(objective: SumObjective, count: int, seed: int) -> Tensor:
    """Draw `count` samples of the validation set, or take all if it has fewer: numbers of samples."""
    validation = torch.nonzero(~objective.data.observed).flatten()
    return validation[chosen(len(validation), count, seed, "validation samples")]


def band_names(times: Sequence[int]) -> list[str]:
    """Return the bands' names, which say how many steps they last: `< 10`, `10 - 100`, `> 100`."""
    return [f"< {times[0]}", *(f"{low} - {high}" for low, high in pairwise(times)), f"> {times[-1]}"]
