"""When a run is looked at."""

import numpy as np


def observation_steps(total: int, per_decade: int) -> list[int]:
    """Step 0, then about `per_decade` distinct whole steps in each decade from 1 up to `total`, both included.

    Evenly spaced on a log axis, as the papers' figures are drawn.
    """
    decades = np.log10(total)
    grid = np.logspace(0, decades, max(1, round(per_decade * decades)) + 1)
    return [0, *np.unique(np.rint(grid).astype(np.int64)).tolist()]


def late_observation_steps(total: int, per_decade: int) -> list[int]:
    """The same, and ten times `per_decade` steps evenly spaced: for a state that grows exponentially with the step."""
    even = np.rint(np.linspace(0, total, 10 * per_decade + 1)).astype(np.int64).tolist()
    return sorted({*observation_steps(total, per_decade), *even})
