"""How far a run is, and about how long is left."""

import math
import time
from collections.abc import Mapping

from grokking.dynamics.gradient_flow import GradientFlow
from grokking.logs import Report
from grokking.specs.run import RunSpec
from grokking.stops.budget import Budget


class Progress:
    """How far a run is, judged by the speed of this call, which began at `step`."""

    def __init__(self, spec: RunSpec, step: float) -> None:
        self.spec, self.first, self.started = spec, work(spec, step), time.monotonic()

    def report(self, row: Mapping[str, float]) -> Report:
        """How far the run is at its latest row, whose values are rounded to six digits."""
        now, all_of_it = work(self.spec, row["step"]), work(self.spec, self.spec.steps)
        elapsed = time.monotonic() - self.started
        left = round(elapsed * (all_of_it - now) / (now - self.first), 1) if now > self.first else None
        at_most = not isinstance(self.spec.stop, Budget)
        rounded = {key: float(f"{value:.6g}") for key, value in row.items()}
        return Report(round(now / all_of_it, 4), round(elapsed, 1), left, at_most, rounded)


def work(spec: RunSpec, step: float) -> float:
    """What it costs to get to a step, in some unit.

    The steps of a stabilised flow grow with time, so every decade costs about the same; Euler's do not. Down log L the
    norm and with it the stiffness grow exponentially, so that the last steps cost the most.
    """
    return math.log1p(step) if spec.dynamics.name == GradientFlow.name else step
