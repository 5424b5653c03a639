"""The steps at which a run is observed and its weights are kept."""

from collections.abc import Iterable

import numpy as np

from grokking.specs.run import RunSpec


def steps_of(spec: RunSpec) -> list[int]:
    """Return the steps at which a run is observed, unless it ends before."""
    return in_stages(spec, spec.points_per_decade, spec.even_points)


def in_stages(spec: RunSpec, per_decade: int, even: int = 0) -> list[int]:
    """Return the steps of a run: about `per_decade` a decade on a log axis, from 1 on, and 0.

    `even` more are evenly spaced on a linear axis. A run that continues a shorter run has all steps
    of the shorter run, then more from there on.
    """
    if not spec.continues:
        return observation_steps(spec.steps, per_decade, even)
    before = observation_steps(spec.continues, per_decade, even)
    further = logarithmic(spec.continues, spec.steps, per_decade)
    return [*before, *(step for step in further if spec.continues < step < spec.steps), spec.steps]


def observation_steps(total: int, per_decade: int, even: int = 0) -> list[int]:
    """Return steps from 0 to `total`: about `per_decade` a decade, evenly spaced on a log axis.

    `even` more steps are evenly spaced on a linear axis, for a state that grows exponentially.

    >>> observation_steps(100, per_decade=2)
    [0, 1, 3, 10, 32, 100]
    """
    linear = np.linspace(0, total, even + 1)
    return distinct([0, *logarithmic(1, total, per_decade), *linear])


def logarithmic(first: int, last: int, per_decade: int) -> list[int]:
    """Return steps from `first` to `last`, about `per_decade` a decade, evenly on a log axis."""
    start, end = np.log10(first), np.log10(last)
    return distinct(np.logspace(start, end, max(1, round(per_decade * (end - start))) + 1))


def distinct(steps: Iterable[float]) -> list[int]:
    """Return the nearest whole steps, each once, in order."""
    return [int(step) for step in np.unique(np.rint([*steps]))]


def snapshot_steps(spec: RunSpec) -> set[int]:
    """Return the observed steps at which a run keeps its weights.

    They are about `snapshots_per_decade` a decade, the first and the last step among them. Empty if
    `snapshots_per_decade` is 0.
    """
    if not spec.snapshots_per_decade:
        return set()
    steps = np.array(steps_of(spec))
    wanted = in_stages(spec, spec.snapshots_per_decade)
    return {int(steps[np.abs(steps - step).argmin()]) for step in wanted}
