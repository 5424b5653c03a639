"""The four regimes in which a progress measure grows (Gromov 2023, Figure 5): slow, transition, fast, saturation."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from grokking.measures.curves import Crossing
from grokking.measures.evidence import Evidence, OfCurve
from grokking.measures.line import fitted_plane

ACCURACY = "test_accuracy"
STARTS, ENDS = 0.1, 0.99  # test accuracies between which the transition lies
SATURATES = 0.9  # share of the gain after the transition
GRID = 200  # equal steps on which a regime's curve is compared with lines


def bounds(evidence: Evidence, column: str) -> tuple[float, float, float]:
    """Return the steps at which transition, fast regime and saturation of `column` begin.

    The transition lies between test accuracies 10 % and 99 %. The fast regime then lasts until 90 %
    of the gain of `column` from its beginning to the end of the run. A step is NaN if the run ends
    before, or if `column` is not observed after the transition.
    """
    start, end = (Crossing(ACCURACY, level).read(evidence) for level in (STARTS, ENDS))
    if column not in evidence.table or np.isnan(evidence.values(column)).all():
        return start, end, math.nan
    steps, values = evidence.curve(column)
    after = steps >= end
    if not after.any():
        return start, end, math.nan
    first, last = values[after][[0, -1]]
    return start, end, float(steps[after & (values >= first + SATURATES * (last - first))].min())


@dataclass(frozen=True)
class Straightness(OfCurve):
    """R² of the least-squares line through a column in its slow or its fast regime, against steps.

    It is 1 for a straight line and 15/16 for a parabola from its vertex; NaN if the regime is never
    reached or the column stays the same in it.
    """

    regime: Literal["slow", "fast"]

    @property
    def columns(self) -> tuple[str, ...]:
        return (*super().columns, ACCURACY)

    def read(self, evidence: Evidence) -> float:
        start, end, saturates = bounds(evidence, self.column)
        x, y = on_equal_steps(evidence, self.column, *((0, start) if self.regime == "slow" else (end, saturates)))
        return float(np.corrcoef(x, y)[0, 1] ** 2) if len(y) and np.ptp(y) else math.nan

    def bounds(self, evidence: Evidence) -> tuple[float, float] | None:
        """Known only of a slow regime that is over: longer training moves the end of the fast one."""
        return None if self.regime == "slow" and not math.isnan(self.read(evidence)) else (0.0, 1.0)


@dataclass(frozen=True)
class Knee(OfCurve):
    """The step at which the slow growth of a column turns into the fast one.

    It is where two joined straight lines meet that are fitted by least squares to the column, on
    equal steps, until it has gained half of what it gains in all, before it slows down again; NaN
    if it gains nothing.
    """

    def read(self, evidence: Evidence) -> float:
        steps, values = evidence.curve(self.column)
        half = steps[values >= (values[0] + values[-1]) / 2].min()
        x, y = on_equal_steps(evidence, self.column, 0, float(half))
        if not len(x):
            return math.nan
        return float(min(x[2:-2], key=lambda knee: unexplained(x, y, knee)))

    def bounds(self, evidence: Evidence) -> tuple[float, float]:
        """Unknown: longer training moves the half of the gain."""
        return 0.0, math.inf


def on_equal_steps(evidence: Evidence, column: str, start: float, end: float) -> tuple[np.ndarray, np.ndarray]:
    """Return equal steps from `start` to `end` and a column's values there; empty if one is NaN."""
    if not end > start:
        return np.empty(0), np.empty(0)
    x = np.linspace(start, end, GRID)
    return x, np.interp(x, *evidence.curve(column))


def unexplained(x: np.ndarray, y: np.ndarray, knee: float) -> float:
    """Return the sum of squares that two lines which meet at x = `knee` leave of y."""
    X = np.column_stack([x, np.maximum(x - knee, 0)])
    (constant, *slopes), _ = fitted_plane(X, y)
    return float(np.square(y - constant - X @ slopes).sum())
