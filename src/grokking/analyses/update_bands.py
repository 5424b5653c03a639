"""Which part of the updates lowers the loss, the slow or the fast: the update of each step split by how it lasts.

u_t = θ_{t+1} - θ_t is the sum of bands of exponential averages m_τ ← m_τ + (u - m_τ) / τ: u - m_τ₁, m_τ₁ - m_τ₂, …,
and m of the longest τ. To first order the loss falls by Σ_t -⟨∇L(θ_t), u_t⟩, and each band has its share of that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pandas as pd
import torch
from torch import Tensor

from grokking.analyses.replay import replay, replayable, windows
from grokking.models.sum_objective import SumObjective
from grokking.runs.results import TABLE, read_csv
from grokking.specs.analyses import UpdateBands
from grokking.specs.fields import ConfigError

GROKFAST = 100  # steps: the window of its filter


def table(analysis: UpdateBands, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """For each run, window and band what training and validation loss gain by it, the sum of its norms, gain by norm.

    `slowness` is the shortest τ that a band's part of the update outlasts, 0 for the fastest; from 100 on, the window
    of Grokfast's filter, a band is `slow`. What is measured every so many steps is scaled up to the window.
    """
    return pd.concat([bands(run, analysis) for run in runs], ignore_index=True)


def bands(run: Path, analysis: UpdateBands) -> pd.DataFrame:
    """Those of one run."""
    spec, inner = replayable(run)
    if not isinstance(inner, SumObjective):
        raise ConfigError(f"run {spec.id}: model", spec.model.name, "must be a net for modular_sum")
    starts = windows(read_csv(run / TABLE), analysis.length)
    splitter = Splitter(inner, analysis, starts)
    replay(spec, inner, max(starts.values(), default=0) + analysis.length + 1, splitter)
    return pd.concat([splitter.rows(name) for name in starts], ignore_index=True)


@dataclass
class Splitter:
    """Splits the update of each step, and adds up what its bands gain in each window."""

    objective: SumObjective
    analysis: UpdateBands
    starts: dict[str, int]
    averages: Tensor | None = None  # [τ, parameters]
    before: Tensor | None = None  # θ of the step before
    totals: dict[str, Tensor] = field(default_factory=dict)  # by window, [train, test, norm] x bands

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
            parts = torch.cat([update[None], self.averages])
            parts[:-1] -= self.averages
            found = self.gains(parts).mul_(self.analysis.every)
            for name in inside:
                self.totals[name] = self.totals.get(name, 0) + found

    def gains(self, parts: Tensor) -> Tensor:
        """-⟨∇L, part⟩ for training and validation loss, and ‖part‖, float64 [3, bands]."""
        observed = self.objective.data.observed
        train, test = (-(parts @ self.slope(cast(Tensor, self.before), side)) for side in (observed, ~observed))
        return torch.stack([train, test, parts.norm(dim=1)]).to(torch.float64)

    def slope(self, theta: Tensor, side: Tensor) -> Tensor:
        """The gradient of the mean loss on one side of the data."""
        data = self.objective.data
        return self.objective.slope(theta, data.operands[side], data.results[side])

    def rows(self, window: str) -> pd.DataFrame:
        """One for each band, from the fastest."""
        found = pd.DataFrame(self.totals[window].T.numpy(), columns=["train_gain", "test_gain", "norm"])
        slowness = [0, *self.analysis.times]
        slow = [float(time >= GROKFAST) for time in slowness]
        per_norm = found["test_gain"] / found["norm"]
        return found.assign(window=window, slowness=slowness, slow=slow, gain_per_norm=per_norm)
