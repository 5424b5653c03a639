"""A replay of a finished run, byte for byte, that shows the gradients the run did not keep."""

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

Look = Callable[[int, Tensor, Tensor], None]  # of step number, θ before the step, gradient there


class Watched(Objective):
    """An objective that passes each gradient that it computes to a function `look`, from step 1 on.

    Losses and gradients are those of the objective `inner`.
    """

    def __init__(self, inner: Objective, look: Look) -> None:
        self.inner, self.look, self.step = inner, look, 0
        self.initial, self.samples, self.stochastic = inner.initial, inner.samples, inner.stochastic
        self.layout = inner.layout

    def gradient(self, theta: Tensor, rows: Tensor | None = None, noise: Noise | None = None) -> Tensor:
        """Return the gradient of the objective `inner`, after passing it to the function `look`."""
        gradient = self.inner.gradient(theta, rows, noise)
        self.step += 1
        self.look(self.step, theta, gradient)
        return gradient

    def observe(self, theta: Tensor) -> tuple[dict[str, float], Tensor]:
        """Return the observations of the objective `inner` at θ."""
        return self.inner.observe(theta)


@dataclass(frozen=True)
class Replay:
    """A finished run, to be repeated byte for byte so that its gradients can be seen.

    `spec` specifies the run, `inner` is its objective, `seen` its table of observations and `end`
    its final θ.
    """

    spec: RunSpec
    inner: Objective
    seen: pd.DataFrame
    end: Tensor

    @classmethod
    def read(cls, run: Path) -> "Replay":
        """Read the folder of a run that starts at its initialisation, not from another run.

        Raises `DamagedResult` if a file of the run is truncated or modified.
        """
        trained = read_trajectory(run)
        spec = trained.spec
        inner = spec.model.objective(spec.task.draw(spec.seed), spec.seed)
        return cls(spec, inner, trained.table, trained.end)

    @property
    def last(self) -> int:
        """The run's last step."""
        return int(self.seen["step"].iloc[-1])

    def watch(self, *looks: Look) -> None:
        """Repeat the run and call each of `looks` at every step, then once with the final state.

        Raises `Failure` if the repeated run does not end with the same θ as the finished run.
        """

        def checked(step: int, theta: Tensor, gradient: Tensor) -> None:
            if step == self.last + 1 and not torch.equal(theta, self.end):
                raise Failure(
                    f"run {self.spec.id}: a replay ends at other weights; train the run again with this arithmetic and "
                    "on this device, or, with native arithmetic, on this machine"
                )
            for look in looks:
                look(step, theta, gradient)

        motion = self.spec.dynamics.motion(Watched(self.inner, checked), self.spec)
        for _ in motion.advance(motion.start(), self.last + 1):
            pass

    def windows(self, length: int) -> dict[str, int]:
        """Return the step before each window of `length` steps.

        The window `before` begins at memorisation, `at` is centred on 50 % validation accuracy,
        `after` ends with the run. Windows that do not fit into the run are left out, as are outer
        windows that overlap `at`. Raises `ConfigError` if none is left.
        """
        memorised = Crossing("train_accuracy", 0.99).read(Evidence(self.seen, {}))
        half = Crossing("test_accuracy", 0.5).read(Evidence(self.seen, {}))
        starts = {"before": memorised, "at": half - length / 2, "after": self.last - length}
        fitting = {name: round(x) for name, x in starts.items() if x == x and 0 <= x <= self.last - length}
        middle = fitting.get("at")
        windows = {name: x for name, x in fitting.items() if x == middle or apart(x, middle, length)}
        if not windows:
            raise ConfigError(f"run {self.spec.id}: length", length, f"must be at most its {self.last} steps")
        return windows


def apart(start: int, middle: int | None, length: int) -> bool:
    """Whether two windows of `length` steps share no step; True if there is no middle window."""
    return middle is None or abs(start - middle) >= length
