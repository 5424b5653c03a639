"""When a run is looked at."""

import numpy as np


def observation_steps(total: int, per_decade: int, even: int = 0) -> list[int]:
    """Step 0, then about `per_decade` distinct whole steps in each decade from 1 up to `total`, both included.

    Evenly spaced on a log axis, as most of the papers' figures are drawn; `even` more are evenly spaced from 0 to
    `total`, for a linear axis, or for a state that grows exponentially with the step.
    """
    decades = np.log10(total)
    logarithmic = np.logspace(0, decades, max(1, round(per_decade * decades)) + 1)
    linear = np.linspace(0, total, even + 1)
    return [int(step) for step in np.unique(np.rint([0, *logarithmic, *linear]))]


def snapshot_steps(observed: list[int], per_decade: int) -> set[int]:
    """Of the observed steps about `per_decade` in each decade, the first and the last among them; none for 0."""
    if not per_decade:
        return set()
    steps = np.array(observed)
    return {int(steps[np.abs(steps - step).argmin()]) for step in observation_steps(observed[-1], per_decade)}
