"""Least-squares lines, planes and means with their 95 % intervals, for figures and claims."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Line:
    """The line y = slope · x + intercept, and the half widths of both 95 % intervals.

    `half_width` is that of the slope. Both are NaN for fewer than three points.
    """

    slope: float
    intercept: float
    half_width: float
    intercept_half_width: float

    @property
    def interval(self) -> tuple[float, float]:
        """The slope's 95 % interval."""
        return self.slope - self.half_width, self.slope + self.half_width


def fitted_line(x: ArrayLike, y: ArrayLike) -> Line:
    """Fit y = slope · x + intercept by least squares to n points `x`, `y`, [n] each.

    Raises `ValueError` unless at least two of `x` differ.
    """
    (intercept, slope), half_widths = fitted_plane(np.asarray(x, dtype=float)[:, None], y)
    return Line(float(slope), float(intercept), float(half_widths[1]), float(half_widths[0]))


def fitted_plane(X: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Fit y = c₀ + c₁ x₁ + … + c_m x_m by least squares to n points `X` [n, m], `y` [n].

    Returns the coefficients and the half widths of their 95 % intervals, [m + 1] each. Student's t
    with n - m - 1 degrees of freedom gives the intervals; they are NaN if there is none. Raises
    `ValueError` if the points determine no plane.
    """
    y = np.asarray(y, dtype=float)
    ones = np.column_stack([np.ones(len(y)), np.asarray(X, dtype=float)])
    if np.linalg.matrix_rank(ones) < ones.shape[1]:
        raise ValueError("the points determine no line or plane: too few of them differ")
    Q, R = np.linalg.qr(ones)
    coefficients = np.linalg.solve(R, Q.T @ y)
    freedom, residual = len(y) - len(coefficients), y - ones @ coefficients
    variance = residual @ residual / freedom if freedom else np.nan
    return coefficients, quantile(freedom) * np.linalg.norm(np.linalg.inv(R), axis=1) * np.sqrt(variance)


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
    # Imported here, since each start of Snakemake imports this module and scipy.stats takes 0.5 s.
    from scipy.stats import t

    return float(t.ppf((1 + CONFIDENCE) / 2, freedom)) if freedom else float("nan")
