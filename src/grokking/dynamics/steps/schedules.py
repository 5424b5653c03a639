"""Learning rates that change with the step."""

import math

from grokking.specs.optimizer import Optimizer


def rate_factor(spec: Optimizer, step: int, last_step: int) -> float:
    """The learning rate of step number `step`, from 1 on, over the run's.

    It rises linearly over `warm_up` steps; then it stays, or falls to 0 at the last step along a line or half a cosine.
    """
    if step <= spec.warm_up:
        return step / spec.warm_up
    done = (step - spec.warm_up) / max(1, last_step - spec.warm_up)
    match spec.schedule:
        case "linear":
            return 1 - done
        case "cosine":
            return (1 + math.cos(math.pi * done)) / 2
    return 1.0
