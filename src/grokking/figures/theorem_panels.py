"""What the figures of the theorems share: a curve per α, fits, and one colour per size."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from grokking.figures.style import TRUTH
from grokking.measures.line import fitted_line


def power_of_ten(value: float) -> str:
    """10^k as a label, or the plain number."""
    exponent = np.log10(value)
    return f"$10^{{{exponent:.0f}}}$" if np.isclose(exponent, round(exponent)) else f"{value:g}"


def shades(values: Iterable[float]) -> dict[float, object]:
    """A sequence of colours from light to dark, one for each of the sorted distinct values."""
    distinct = sorted(set(values))
    return dict(zip(distinct, sns.color_palette("viridis_r", len(distinct)), strict=True))


def curves(axes: Axes, data: pd.DataFrame, x: str, y: str, by: str, label: str, style: str = "-") -> None:
    """Median over the seeds of y against x, with their range, one curve for each value of `by`."""
    for value, color in shades(data[by]).items():
        shown = data[data[by] == value].dropna(subset=[y])
        sns.lineplot(
            shown, x=x, y=y, ax=axes, color=color, linestyle=style, label=f"{label} = {power_of_ten(value)}",
            legend=False, estimator="median", errorbar=("pi", 100), err_kws={"linewidth": 0, "alpha": 0.2},
        )  # fmt: skip


def log_axis(axes: Axes, name: str) -> None:
    """A logarithmic x axis whose minor ticks have no labels: over less than two decades they would overlap."""
    axes.set_xscale("log")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(name)


def power_law(axes: Axes, x: pd.Series, y: pd.Series, name: str, color: object = TRUTH) -> None:
    """The least-squares line through log y against log x, with its exponent in the legend."""
    points = pd.DataFrame({"x": x, "y": y}).drop_duplicates()
    x, y = points[(points > 0).all(axis=1)].to_numpy(dtype=float).T
    if len(set(x)) > 1:
        line, ends = fitted_line(np.log(x), np.log(y)), np.array([x.min(), x.max()])
        label = f"{name}, exponent {line.slope:.2f}"
        axes.plot(ends, np.exp(line.intercept) * ends**line.slope, color=color, label=label)
