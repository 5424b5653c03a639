"""The contribution of fast and slow parts of the updates to the fall of the validation loss.

The update u_t = θ_{t+1} - θ_t is split into bands by exponential averages
m_τ ← m_τ + (u - m_τ) / τ: u - m_τ₁, m_τ₁ - m_τ₂, …, and m of the longest τ. Each average is divided
by 1 - (1 - 1/τ)^t, since it starts at 0. To first order the validation loss falls by
Σ_t -⟨∇L(θ_t), u_t⟩, to which each band contributes a term, its gain.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import cast

import pandas as pd
import torch
from torch import Tensor

from grokking.analyses.slow_part import SlowPart
from grokking.nets.sum_objective import SumObjective

GROKFAST = 100  # steps, the window of Grokfast's filter: the slow part lasts at least as long
FAST, SLOW = "fast", "slow"


@dataclass
class Splitter:
    """Splits the update of each step into bands, and sums their gains over each window.

    `starts` has, by window, the step before its first. Gains are measured every `analysis.every`
    steps and scaled up to the window.
    """

    objective: SumObjective
    analysis: SlowPart
    starts: dict[str, int]
    averages: Tensor | None = None  # [τ, parameters]
    before: Tensor | None = None  # θ before the previous step
    totals: dict[str, Tensor] = field(default_factory=dict)  # by window, [2, bands + 2]: gain, norm

    def __call__(self, step: int, theta: Tensor, gradient: Tensor) -> None:
        """Split the update of the previous step, which θ at this step completes."""
        if self.before is not None:
            self.split(step - 1, theta - self.before)
        self.before = theta.clone()

    def split(self, step: int, update: Tensor) -> None:
        """Update the averages; add the gains of this update if it is to be measured."""
        if self.averages is None:
            self.averages = update.new_zeros((len(self.analysis.times), *update.shape))
        for average, time in zip(self.averages, self.analysis.times, strict=True):
            average.lerp_(update, 1 / time)
        inside = [name for name, start in self.starts.items() if start < step <= start + self.analysis.length]
        if inside and step % self.analysis.every == 0:
            gains = self.gains(self.parts(step, update)).mul_(self.analysis.every)
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

    def gains(self, parts: Tensor) -> Tensor:
        """Return -⟨∇L, part⟩ of the validation loss L, and ‖part‖: float64 [2, bands + 2]."""
        data, theta = self.objective.data, cast(Tensor, self.before)
        slope = self.objective.slope(theta, data.operands[~data.observed], data.results[~data.observed])
        return torch.stack([-(parts @ slope), parts.norm(dim=1)]).to(torch.float64)

    def rows(self, window: str) -> pd.DataFrame:
        """Compute one row per band: its gain in a window, the sum of its norms, their ratio.

        Two rows follow, for all fast and all slow bands.
        """
        gain, norm = self.totals[window].numpy()
        names = [*band_names(self.analysis.times), FAST, SLOW]
        return pd.DataFrame({"window": window, "band": names, "gain": gain, "norm": norm, "gain_per_norm": gain / norm})


def band_names(times: Sequence[int]) -> list[str]:
    """Return the bands' names, which say how many steps they last: `< 10`, `10 - 100`, `> 100`."""
    return [f"< {times[0]}", *(f"{low} - {high}" for low, high in pairwise(times)), f"> {times[-1]}"]
