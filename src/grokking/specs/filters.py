"""Filters: what is done to a gradient before the optimiser sees it."""

from dataclasses import dataclass
from typing import ClassVar

from grokking.specs.fields import Amplification, Probability, Size
from grokking.specs.part import registry


@dataclass(frozen=True, kw_only=True)
class MovingAverage:
    """Grokfast-MA (Lee et al. 2024): g + `factor` · the mean of the last `window` gradients.

    The authors' code begins once there are so many, their Algorithm 1 at the first step, with those that there are.
    """

    window: Size = 100
    factor: Amplification = 5.0
    from_start: bool = False

    name: ClassVar = "moving_average"


@dataclass(frozen=True, kw_only=True)
class ExponentialAverage:
    """Grokfast-EMA (Lee et al. 2024): g + `factor` · μ with μ ← `momentum` μ + (1 - `momentum`) g.

    With the factor -1 the slow part is left out.
    """

    momentum: Probability = 0.98
    factor: Amplification = 2.0

    name: ClassVar = "exponential_average"


@dataclass(frozen=True)
class Unfiltered:
    """The gradient as it is."""

    name: ClassVar = "unfiltered"


UNFILTERED = Unfiltered()
GradientFilter = Unfiltered | MovingAverage | ExponentialAverage

FILTERS: dict[str, type[GradientFilter]] = registry(Unfiltered, MovingAverage, ExponentialAverage)
