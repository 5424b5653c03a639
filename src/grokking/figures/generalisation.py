"""Test error of the max-margin classifiers against the number of samples, beside the bounds of Appendix E."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from grokking.figures.style import COLORS, TRUTH, log_log, new_figure
from grokking.figures.theorem_panels import curves, log_axis, power_law

SCALES = {1: r"$n \,/\, (k^2 \log d)$", 2: r"$n \,/\, (k d)$"}


def draw_generalisation(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Rows: L1 and L2. Left: error and bound; middle: samples for 10 % and 1 %; right: complexity over its bound."""
    figure, axes = new_figure(2, columns=3, width=3.3, height=2.6, share="none")
    for row, (_, rows) in enumerate(data.groupby("experiment", sort=False)):
        norm = row + 1
        error, samples, complexity = axes[3 * row : 3 * row + 3]
        draw_error(error, rows, norm)
        draw_samples(samples, rows, norm)
        curves(complexity, rows, "multiple", "rademacher_over_bound", "d", "d")
        complexity.axhline(1, color=TRUTH, linestyle=":")
        complexity.set(ylabel=f"complexity of $F_{norm}$ / bound (E.3)")
        log_axis(complexity, SCALES[norm])
        complexity.legend(fontsize=7)
    return figure


def draw_error(axes: Axes, rows: pd.DataFrame, norm: int) -> None:
    """The test error of every d and k on one axis, and the bound, vacuous above 1."""
    sparsest = rows[rows["k"] == rows["k"].min()]
    curves(axes, sparsest, "multiple", "test_error", "d", "d")
    bound = sparsest.groupby("multiple")["error_bound"].median()
    axes.plot(bound.index, bound, "--", color=TRUTH, label=f"bound E.{3 + norm}")
    axes.axhline(1, color=TRUTH, linestyle=":")
    axes.set(ylabel=f"test error of the $L^{norm}$ max margin")
    log_axis(axes, SCALES[norm])
    axes.set_yscale("symlog", linthresh=0.01)
    axes.set_ylim(0, None)


def draw_samples(axes: Axes, rows: pd.DataFrame, norm: int) -> None:
    """The n at which the error passes 10 % and 1 % against the scale of the theory, n / multiple."""
    shown = rows.drop_duplicates(["d", "k", "seed"])
    for name, color in zip(shown.filter(like="n_at_"), COLORS, strict=False):
        points = shown.dropna(subset=[name])
        level = float(name.removeprefix("n_at_"))
        axes.plot(points["scale"], points[name], "o", color=color, ms=3, label=f"error {level:.0%}")
        power_law(axes, points["scale"], points[name], "fit", color)
    log_log(axes)
    log_axis(axes, r"$k^2 \log d$" if norm == 1 else r"$k d$")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set(ylabel="samples needed")
    axes.legend(fontsize=7)
