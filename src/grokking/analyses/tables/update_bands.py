"""Which part of the updates lowers the loss, the slow or the fast: the update of each step split by how it lasts.

u_t = θ_{t+1} - θ_t is the sum of bands of exponential averages m_τ ← m_τ + (u - m_τ) / τ: u - m_τ₁, m_τ₁ - m_τ₂, …,
and m of the longest τ, each average over (1 - (1 - 1/τ)^t) for its start at 0. To first order the validation loss falls
by Σ_t -⟨∇L(θ_t), u_t⟩, and each band has its share of that.
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

GROKFAST = 100  # steps, the window of its filter: what outlasts it is the slow part
FAST, SLOW = "fast", "slow"


@dataclass
class Splitter:
    """Splits the update of each step, and adds up what its bands gain in each window.

    What is measured every so many steps is scaled up to the window.
    """

    objective: SumObjective
    analysis: SlowPart
    starts: dict[str, int]
    averages: Tensor | None = None  # [τ, parameters]
    before: Tensor | None = None  # θ of the step before
    totals: dict[str, Tensor] = field(default_factory=dict)  # by window, [gain and norm, bands]

    def __call__(self, step: int, theta: Tensor, gradient: Tensor) -> None:
        """Look at the update of the step before this one, which is complete now."""
        if self.before is not None:
            self.split(step - 1, theta - self.before)
        self.before = theta.clone()

    def split(self, step: int, update: Tensor) -> None:
        """Bring the averages up to date, and add this update's gains where it is in a window and its turn."""
        if self.averages is None:
            self.averages = update.new_zeros((len(self.analysis.times), *update.shape))
        for average, time in zip(self.averages, self.analysis.times, strict=True):
            average.lerp_(update, 1 / time)
        inside = [name for name, start in self.starts.items() if start < step <= start + self.analysis.length]
        if inside and step % self.analysis.every == 0:
            found = self.gains(self.parts(step, update)).mul_(self.analysis.every)
            for name in inside:
                self.totals[name] = self.totals.get(name, 0) + found

    def parts(self, step: int, update: Tensor) -> Tensor:
        """The bands of an update, from the fastest, and the sums of the fast and the slow ones, [bands + 2, …]."""
        begun = update.new_tensor([1 - (1 - 1 / time) ** step for time in self.analysis.times])
        found = torch.cat([update[None], cast(Tensor, self.averages) / begun[:, None]])
        found[:-1] -= found[1:].clone()
        slow = torch.tensor([time >= GROKFAST for time in (0, *self.analysis.times)])
        return torch.cat([found, found[~slow].sum(0, keepdim=True), found[slow].sum(0, keepdim=True)])

    def gains(self, parts: Tensor) -> Tensor:
        """-⟨∇L, part⟩ of the validation loss, and ‖part‖, float64 [2, bands + 2]."""
        data, theta = self.objective.data, cast(Tensor, self.before)
        slope = self.objective.slope(theta, data.operands[~data.observed], data.results[~data.observed])
        return torch.stack([-(parts @ slope), parts.norm(dim=1)]).to(torch.float64)

    def rows(self, window: str) -> pd.DataFrame:
        """For each band what the validation loss gains by it in a window, the sum of its norms, and the gain by norm.

        After the bands come two sums of them, the fast ones and the slow ones.
        """
        gain, norm = self.totals[window].numpy()
        names = [*band_names(self.analysis.times), FAST, SLOW]
        return pd.DataFrame({"window": window, "band": names, "gain": gain, "norm": norm, "gain_per_norm": gain / norm})


def band_names(times: Sequence[int]) -> list[str]:
    """`< 10`, `10 - 100`, …, `> 1000`: how many steps the parts last."""
    return [f"< {times[0]}", *(f"{low} - {high}" for low, high in pairwise(times)), f"> {times[-1]}"]
