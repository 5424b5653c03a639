"""A finished run's steps taken once more, to the same bytes, to look at what the run did not keep."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from grokking.failures import Failure
from grokking.measures.curves import Crossing
from grokking.measures.evidence import Evidence
from grokking.nets.objective import Noise, Objective
from grokking.parts.errors import ConfigError
from grokking.specs.run import RunSpec
from grokking.store.trajectory import read_trajectory

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


@dataclass(frozen=True)
class Replay:
    """A run, what it minimises, what it saw, and θ at its end."""

    spec: RunSpec
    inner: Objective
    seen: pd.DataFrame
    end: Tensor

    @classmethod
    def read(cls, run: Path) -> "Replay":
        """From the folder of a run. Raises `ConfigError` unless it takes steps from its initialisation."""
        trained = read_trajectory(run)
        spec = trained.spec
        inner = spec.model.objective(spec.task.draw(spec.seed), spec.seed)
        return cls(spec, inner, trained.table, trained.end)

    @property
    def last(self) -> int:
        """The run's last step."""
        return int(self.seen["step"].iloc[-1])

    def watch(self, *looks: Look) -> None:
        """Show all steps to each of `looks`, and one more, for θ after the last.

        Raises `Failure` if the run ended elsewhere.
        """

        def checked(step: int, theta: Tensor, gradient: Tensor) -> None:
            if step == self.last + 1 and not torch.equal(theta, self.end):
                raise Failure(
                    f"run {self.spec.id}: its steps end elsewhere here; train it again with the arithmetic and on the "
                    "device that replay it, or on this machine where both are native"
                )
            for look in looks:
                look(step, theta, gradient)

        motion = self.spec.dynamics.motion(Watched(self.inner, checked), self.spec)
        for _ in motion.advance(motion.start(), self.last + 1):
            pass

    def windows(self, length: int) -> dict[str, int]:
        """The step before each window's first: from memorisation on, around half of the validation accuracy, the last.

        Windows that do not fit into the run are left out, and the outer ones where they overlap the one at half-way.
        Raises `ConfigError` if none is left.
        """
        memorised = Crossing("train_accuracy", 0.99).read(Evidence(self.seen, {}))
        half = Crossing("test_accuracy", 0.5).read(Evidence(self.seen, {}))
        starts = {"before": memorised, "at": half - length / 2, "after": self.last - length}
        fitting = {name: round(x) for name, x in starts.items() if x == x and 0 <= x <= self.last - length}
        middle = fitting.get("at")
        found = {name: x for name, x in fitting.items() if x == middle or apart(x, middle, length)}
        if not found:
            raise ConfigError(f"run {self.spec.id}: length", length, f"must be at most its {self.last} steps")
        return found


def apart(start: int, middle: int | None, length: int) -> bool:
    """Whether two windows of a length have no step in common, one of which there may not be."""
    return middle is None or abs(start - middle) >= length
