"""Least-squares lines, for figures and claims alike."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Line:
    """y = slope · x + intercept; `half_width` of the slope's 95 % interval, NaN from fewer than three points."""

    slope: float
    intercept: float
    half_width: float

    @property
    def interval(self) -> tuple[float, float]:
        """The slope's 95 % interval."""
        return self.slope - self.half_width, self.slope + self.half_width


def fitted_line(x: ArrayLike, y: ArrayLike) -> Line:
    """The least-squares line through points of at least two different x, its interval by Student's t."""
    # Here, because the Snakefile reads claims and so this module at every start, and scipy.stats takes half a second.
    from scipy.stats import linregress, t

    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    found = linregress(x, y)
    freedom = len(x) - 2
    quantile = float(t.ppf((1 + CONFIDENCE) / 2, freedom)) if freedom else float("nan")
    return Line(float(found.slope), float(found.intercept), quantile * float(found.stderr))
