"""When a run is looked at."""

import numpy as np

from grokking.specs.run import RunSpec


def steps_of(spec: RunSpec) -> list[int]:
    """The steps at which a run is observed, if it does not end before."""
    return observation_steps(spec.steps, spec.points_per_decade, spec.even_points)


def observation_steps(total: int, per_decade: int, even: int = 0) -> list[int]:
    """Step 0, then about `per_decade` distinct whole steps in each decade from 1 up to `total`, both included.

    Evenly spaced on a log axis, as most of the papers' figures are drawn; `even` more are evenly spaced from 0 to
    `total`, for a linear axis, or for a state that grows exponentially with the step.
    """
    decades = np.log10(total)
    logarithmic = np.logspace(0, decades, max(1, round(per_decade * decades)) + 1)
    linear = np.linspace(0, total, even + 1)
    return [int(step) for step in np.unique(np.rint([0, *logarithmic, *linear]))]


def snapshot_steps(spec: RunSpec) -> set[int]:
    """Those at which its weights are kept: so many of each decade, the first and the last among them; none for 0."""
    if not spec.snapshots_per_decade:
        return set()
    steps = np.array(steps_of(spec))
    wanted = observation_steps(spec.steps, spec.snapshots_per_decade)
    return {int(steps[np.abs(steps - step).argmin()]) for step in wanted}
