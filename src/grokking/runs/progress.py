"""The progress of a run and an estimate of the time left."""

import math
import time
from collections.abc import Mapping

from grokking.dynamics.gradient_flow import GradientFlow
from grokking.logs import Report
from grokking.specs.run import RunSpec
from grokking.stops.budget import Budget


class Progress:
    """The progress of a run, timed from `step`, where this call began."""

    def __init__(self, spec: RunSpec, step: float) -> None:
        self.spec, self.first, self.started = spec, work(spec, step), time.monotonic()

    def report(self, row: Mapping[str, float]) -> Report:
        """The progress at the latest `row`, whose values are rounded to six digits."""
        now, total = work(self.spec, row["step"]), work(self.spec, self.spec.steps)
        elapsed = time.monotonic() - self.started
        left = round(elapsed * (total - now) / (now - self.first), 1) if now > self.first else None
        at_most = not isinstance(self.spec.stop, Budget)
        rounded = {key: float(f"{value:.6g}") for key, value in row.items()}
        return Report(round(now / total, 4), round(elapsed, 1), left, at_most, rounded)


def work(spec: RunSpec, step: float) -> float:
    """The cost of training up to a step, in arbitrary units.

    The integrator's steps for a gradient flow grow with time, so every decade costs about the same;
    all other dynamics, the flow of log ℒ among them, are counted in steps.
    """
    return math.log1p(step) if spec.dynamics.name == GradientFlow.name else step
