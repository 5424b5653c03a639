"""A finished run's steps taken once more, to the same bytes, to look at what the run did not keep."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from torch import Tensor

from grokking.measures.curves import Crossing
from grokking.measures.evidence import Evidence
from grokking.models import objective
from grokking.models.objective import Noise, Objective
from grokking.runs.motion import motion_of
from grokking.runs.results import read_spec
from grokking.specs.fields import ConfigError
from grokking.specs.run import RunSpec
from grokking.tasks import draw

Look = Callable[[int, Tensor, Tensor], None]  # at step number, θ before it, its gradient


class Watched(Objective):
    """Another objective; every gradient that it is asked for is shown to `look`. The first is that of step 1."""

    def __init__(self, inner: Objective, look: Look) -> None:
        self.inner, self.look, self.step = inner, look, 0
        self.initial, self.samples, self.stochastic = inner.initial, inner.samples, inner.stochastic

    def gradient(self, theta: Tensor, rows: Tensor | None = None, noise: Noise | None = None) -> Tensor:
        """The other's."""
        found = self.inner.gradient(theta, rows, noise)
        self.step += 1
        self.look(self.step, theta, found)
        return found

    def observe(self, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """The other's."""
        return self.inner.observe(theta)


def replayable(run: Path) -> tuple[RunSpec, Objective]:
    """A run and what it minimises. Raises `ConfigError` unless it takes steps from its initialisation."""
    spec, _ = read_spec(run)
    if spec.dynamics.kind != "steps" or spec.start.name != "initialisation":
        raise ConfigError(f"run {spec.id}", spec.dynamics.name, "must be steps from the initialisation")
    return spec, objective(spec.model, draw(spec.task, spec.seed), spec.seed)


def replay(spec: RunSpec, inner: Objective, last: int, look: Look) -> None:
    """Show the steps up to the `last` one to `look`."""
    motion = motion_of(spec, Watched(inner, look))
    for _ in motion.advance(motion.start(), last):
        pass


def windows(seen: pd.DataFrame, length: int) -> dict[str, int]:
    """The step before each window's first: from memorisation on, around half of the validation accuracy, the last one.

    Windows that do not fit into the run are left out.
    """
    last = int(seen["step"].iloc[-1])
    memorised = Crossing("train_accuracy", 0.99).read(Evidence(seen, {}))
    half = Crossing("test_accuracy", 0.5).read(Evidence(seen, {}))
    starts = {"before": memorised, "at": half - length / 2, "after": last - length}
    return {name: round(start) for name, start in starts.items() if start == start and 0 <= start <= last - length}
