"""Least-squares lines, for figures and claims alike."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Line:
    """y = slope · x + intercept; `half_width` of the slope's 95 % interval, NaN from fewer than three points."""

    slope: float
    intercept: float
    half_width: float


def fitted_line(x: ArrayLike, y: ArrayLike) -> Line:
    """The least-squares line through points of at least two different x."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    slope, intercept = np.polyfit(x, y, 1)
    freedom = len(x) - 2
    if freedom < 1:
        return Line(float(slope), float(intercept), float("nan"))
    deviation = np.sqrt(np.sum((y - slope * x - intercept) ** 2) / freedom / np.sum((x - x.mean()) ** 2))
    return Line(float(slope), float(intercept), float(stdtrit(freedom, (1 + CONFIDENCE) / 2) * deviation))
