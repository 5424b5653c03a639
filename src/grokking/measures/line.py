"""Least-squares lines, for figures and claims."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Line:
    """The line y = slope · x + intercept, and the half width of the slope's 95 % interval.

    The half width is NaN for fewer than three points.
    """

    slope: float
    intercept: float
    half_width: float

    @property
    def interval(self) -> tuple[float, float]:
        """The slope's 95 % interval."""
        return self.slope - self.half_width, self.slope + self.half_width


def fitted_line(x: ArrayLike, y: ArrayLike) -> Line:
    """Fit y = slope · x + intercept by least squares to n points `x`, `y`, [n] each.

    Student's t with n - 2 degrees of freedom gives the 95 % interval of the slope. Raises
    `ValueError` unless at least two of `x` differ.
    """
    # Imported here, since each start of Snakemake imports this module and scipy.stats takes 0.5 s.
    from scipy.stats import linregress, t

    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    fit = linregress(x, y)
    freedom = len(x) - 2
    quantile = float(t.ppf((1 + CONFIDENCE) / 2, freedom)) if freedom else float("nan")
    return Line(float(fit.slope), float(fit.intercept), quantile * float(fit.stderr))
