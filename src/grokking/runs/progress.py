"""Lines of a run's log that say how far it is and about how long is left."""

import math
import time
from collections.abc import Mapping

from grokking.dynamics.gradient_flow import GradientFlow
from grokking.specs.run import RunSpec
from grokking.stops.budget import Budget


class Progress:
    """How far a run is, judged by the speed of this call, which began at `step`."""

    def __init__(self, spec: RunSpec, step: float) -> None:
        self.spec, self.first, self.started = spec, work(spec, step), time.monotonic()

    def line(self, row: Mapping[str, float]) -> str:
        """One line for the latest row, for example `step 1000  train_loss 0.01 …  45%, 12.0 s, about 15 s left`."""
        now, all_of_it = work(self.spec, row["step"]), work(self.spec, self.spec.steps)
        elapsed = time.monotonic() - self.started
        left = "starting"
        if now > self.first:
            left = f"about {elapsed * (all_of_it - now) / (now - self.first):.0f} s left"
            left += "" if isinstance(self.spec.stop, Budget) else " at most"
        columns = "  ".join(f"{key} {value:.6g}" for key, value in row.items())
        return f"{columns}  {now / all_of_it:.0%}, {elapsed:.1f} s, {left}"


def work(spec: RunSpec, step: float) -> float:
    """What it costs to get to a step, in some unit.

    The steps of a stabilised flow grow with time, so every decade costs about the same; Euler's do not. Down log L the
    norm and with it the stiffness grow exponentially, so that the last steps cost the most.
    """
    return math.log1p(step) if spec.dynamics.name == GradientFlow.name else step
