"""Least-squares lines and means with their 95 % intervals, for figures and claims."""

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
    from scipy.stats import linregress

    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    fit = linregress(x, y)
    return Line(float(fit.slope), float(fit.intercept), quantile(len(x) - 2) * float(fit.stderr))


def mean_interval(numbers: ArrayLike) -> tuple[float, float, float]:
    """Return the mean of n numbers between the ends of its 95 % interval, by Student's t.

    The ends are NaN for fewer than two numbers.
    """
    numbers = np.asarray(numbers, dtype=float)
    half = quantile(len(numbers) - 1) * float(numbers.std(ddof=1)) / len(numbers) ** 0.5
    mean = float(numbers.mean())
    return mean - half, mean, mean + half


def quantile(freedom: int) -> float:
    """Return the quantile of Student's t with which a standard error gives half a 95 % interval.

    It is NaN for 0 degrees of `freedom`.
    """
    from scipy.stats import t

    return float(t.ppf((1 + CONFIDENCE) / 2, freedom)) if freedom else float("nan")
