"""How fast the gradient changes from step to step, before, at and after generalisation: its power spectrum in time.

Grokfast amplifies what changes slowly in it. A run kept no gradients, so its steps are taken once more, to the same
bytes, and a random part of the coordinates is recorded.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.signal import periodogram
from torch import Tensor

from grokking.measures.curves import Crossing
from grokking.measures.evidence import Evidence
from grokking.models import objective
from grokking.models.objective import Noise, Objective
from grokking.rng import stream
from grokking.runs.motion import motion_of
from grokking.runs.results import TABLE, read_csv, read_spec
from grokking.specs.analyses import GradientSpectrum
from grokking.specs.fields import ConfigError
from grokking.specs.run import RunSpec
from grokking.tasks import draw


def table(analysis: GradientSpectrum, seed: int, runs: Sequence[Path]) -> pd.DataFrame:
    """For each run, window and frequency (cycles per step) the share of the power there, and up to there."""
    return pd.concat([spectra(run, analysis) for run in runs], ignore_index=True)


def spectra(run: Path, analysis: GradientSpectrum) -> pd.DataFrame:
    """Those of one run; windows that it is too short for are left out."""
    spec, _ = read_spec(run)
    if spec.dynamics.kind != "steps" or spec.start.name != "initialisation":
        raise ConfigError(f"run {spec.id}", spec.dynamics.name, "must be steps from the initialisation")
    starts = windows(read_csv(run / TABLE), analysis.length)
    recorder = replayed(spec, list(starts.values()), analysis)
    parts = [spectrum(recorder.of(start)).assign(window=name, start=start) for name, start in starts.items()]
    return pd.concat(parts, ignore_index=True)


def windows(seen: pd.DataFrame, length: int) -> dict[str, int]:
    """The first step of each window: from memorisation on, around half of the validation accuracy, and the last one."""
    last = int(seen["step"].iloc[-1])
    memorised = Crossing("train_accuracy", 0.99).read(Evidence(seen, {}))
    half = Crossing("test_accuracy", 0.5).read(Evidence(seen, {}))
    starts = {"before": memorised, "at": half - length / 2, "after": last - length}
    return {name: round(start) for name, start in starts.items() if start == start and 0 <= start <= last - length}


def spectrum(gradients: np.ndarray) -> pd.DataFrame:
    """Of gradients [length, coordinates], the mean over time and the sum over coordinates taken of their power."""
    frequency, power = periodogram(gradients, window="hann", detrend=False, axis=0)
    share = power.sum(1) / power.sum()
    return pd.DataFrame({"frequency": frequency, "share": share, "share_below": share.cumsum()})


class Recorder(Objective):
    """Another objective, of whose gradients a few coordinates are kept in some windows of steps."""

    def __init__(self, inner: Objective, starts: Sequence[int], analysis: GradientSpectrum, seed: int) -> None:
        self.inner, self.initial, self.samples = inner, inner.initial, inner.samples
        self.stochastic = inner.stochastic
        self.starts, self.length, self.step = list(starts), analysis.length, 0
        chosen = stream(seed, "coordinates").permutation(inner.initial.numel())[: analysis.coordinates]
        self.coordinates = torch.from_numpy(np.sort(chosen))
        self.kept: dict[int, Tensor] = {}

    def gradient(self, theta: Tensor, rows: Tensor | None = None, noise: Noise | None = None) -> Tensor:
        """The other's, of step after step."""
        found = self.inner.gradient(theta, rows, noise)
        self.step += 1
        if any(start < self.step <= start + self.length for start in self.starts):
            self.kept[self.step] = found.flatten()[self.coordinates]
        return found

    def observe(self, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """The other's."""
        return self.inner.observe(theta)

    def of(self, start: int) -> np.ndarray:
        """The window that begins after step `start`, float64 [length, coordinates]."""
        steps = range(start + 1, start + self.length + 1)
        return torch.stack([self.kept[step] for step in steps]).to(torch.float64).numpy()


def replayed(spec: RunSpec, starts: Sequence[int], analysis: GradientSpectrum) -> Recorder:
    """The run's steps up to the end of its last window."""
    inner = objective(spec.model, draw(spec.task, spec.seed), spec.seed)
    recorder = Recorder(inner, starts, analysis, spec.seed)
    motion = motion_of(spec, recorder)
    for _ in motion.advance(motion.start(), max(starts, default=0) + analysis.length):
        pass
    return recorder
