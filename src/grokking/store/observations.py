"""The steps at which a run is observed and its weights are kept."""

import numpy as np

from grokking.specs.run import RunSpec


def steps_of(spec: RunSpec) -> list[int]:
    """The steps at which a run is observed, unless it ends before."""
    return observation_steps(spec.steps, spec.points_per_decade, spec.even_points)


def observation_steps(total: int, per_decade: int, even: int = 0) -> list[int]:
    """Steps from 0 to `total`: about `per_decade` a decade from 1 on, evenly spaced on a log axis.

    `even` more are evenly spaced on a linear axis, or for a state that grows exponentially.

    >>> observation_steps(100, per_decade=2)
    [0, 1, 3, 10, 32, 100]
    """
    decades = np.log10(total)
    logarithmic = np.logspace(0, decades, max(1, round(per_decade * decades)) + 1)
    linear = np.linspace(0, total, even + 1)
    return [int(step) for step in np.unique(np.rint([0, *logarithmic, *linear]))]


def snapshot_steps(spec: RunSpec) -> set[int]:
    """The observed steps at which a run keeps its weights: about `snapshots_per_decade` a decade.

    The first and the last step are among them. Empty if `snapshots_per_decade` is 0.
    """
    if not spec.snapshots_per_decade:
        return set()
    steps = np.array(steps_of(spec))
    wanted = observation_steps(spec.steps, spec.snapshots_per_decade)
    return {int(steps[np.abs(steps - step).argmin()]) for step in wanted}
