"""When a run is looked at: steps evenly spaced on a log axis, as the papers' figures are drawn."""

import numpy as np


def observation_steps(total: int, per_decade: int) -> list[int]:
    """Step 0, then about `per_decade` distinct whole steps in each decade from 1 up to `total`, both included."""
    decades = np.log10(total)
    grid = np.logspace(0, decades, max(1, round(per_decade * decades)) + 1)
    return [0, *np.unique(np.rint(grid).astype(np.int64)).tolist()]
