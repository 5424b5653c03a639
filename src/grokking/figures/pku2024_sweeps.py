"""The course report's figures of sweeps: accuracy by train fraction and by number of samples."""

import math
from collections.abc import Iterable, Mapping
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator
from matplotlib.transforms import offset_copy

from grokking.figures.by_value import has, median_and_range, power_law
from grokking.figures.curves import ACCURACY_AXIS
from grokking.figures.data import FigureData
from grokking.figures.keys import key
from grokking.figures.kind import FigureKind
from grokking.figures.names import experiments, given_label, seeds
from grokking.figures.style import TRUTH, Color, Dashes, colors, dashes, grid_of, legend_below, log_log, new_figure
from grokking.store.source import SWEEP

Group = tuple[Color, pd.DataFrame]
Look = Mapping[float, tuple[Color, Dashes]]  # by number of operands K
MARKERS = "os^vD<>pPX"
BESIDE = 6  # points between the markers of two labels at one α
LARGEST = "largest validation accuracy"
FRACTIONS = {"largest_test_accuracy": "all validation pairs", "largest_unmirrored_accuracy": "pairs without a mirror"}
APART, CLOSE = 1.9, 1.2  # factors between two labelled ticks


@FigureKind("sums_by_fraction", takes=("sweep",))
def by_fraction(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figures 3 and 4 of the course report: largest validation accuracy by train fraction.

    The panels show the accuracy on all pairs and on pairs whose mirror is not in the training set.
    A marker is a seed at its best learning rate, a small one another rate; the markers of one α
    stand side by side. The dashed line is the accuracy of a net that knows only the training pairs
    and that addition commutes. `marks` are not drawn.
    """
    figure, axes = new_figure(1, columns=2, width=4.2, height=3.0, share="none")
    groups, fractions = by_label(data.rows), sorted(data.rows["observed"].dropna().unique())
    for place, (column, title) in zip(axes, FRACTIONS.items(), strict=True):
        others = draw_fractions(figure, place, groups, column)
        place.set(xlabel="data fraction α", ylabel=LARGEST, ylim=ACCURACY_AXIS)
        place.set_title(f"{title}, {seeds(data.rows)}")
        if fractions:
            place.set_xlim(fractions[0] - 0.07, fractions[-1] + 0.07)
            place.set_xticks(fractions, [f"{fraction:g}" for fraction in fractions])
    if fractions and has(data.rows, "operands"):
        draw_commutativity(axes[0], data.rows)
    handles, _ = axes[0].get_legend_handles_labels()
    axes[0].legend(handles=[*handles, *([key("another learning rate", marker="o", ms=2.5)] if others else [])])
    legend_below(figure, axes[0], columns=4)
    return figure


def draw_fractions(figure: Figure, axes: Axes, groups: Mapping[str, Group], column: str) -> bool:
    """Draw a column against the fraction, a marker for each group; return whether there are other rates."""
    found = False
    for number, (marker, (label, (color, rows))) in enumerate(zip(cycle(MARKERS), groups.items(), strict=False)):
        beside = offset_copy(axes.transData, figure, BESIDE * (number - (len(groups) - 1) / 2), units="points")
        look: Any = {"marker": marker, "ls": "", "color": color, "alpha": 0.8, "transform": beside}
        best, others = best_rates(rows, column)
        axes.plot(others["observed"], others[column], ms=2.5, **look)
        axes.plot(best["observed"], best[column], ms=5.5, label=label, **look)
        found |= len(others) > 0
    return found


def best_rates(rows: pd.DataFrame, column: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows with the largest `column` of each fraction and seed, and the other rows."""
    rows = rows.reindex(columns=["observed", "seed", column]).dropna().reset_index(drop=True)
    best = rows.groupby(["observed", "seed"])[column].idxmax()
    return rows.loc[best], rows.drop(best)


def draw_commutativity(axes: Axes, data: pd.DataFrame) -> None:
    """Draw the accuracy of a net that knows the training samples and that addition commutes."""
    fractions = np.linspace(*axes.get_xlim(), 50)
    share = mirror_share(fractions, int(data["operands"].max()))
    axes.plot(fractions, share, "--", color=TRUTH, zorder=1, label="commutativity alone")


def mirror_share(fractions: np.ndarray, operands: int) -> np.ndarray:
    """Return 1 - (1 - α)^(K! - 1) for train `fractions` α and K `operands`.

    It is the fraction of samples whose operands are in the training set in another order.
    """
    return 1 - (1 - fractions) ** (math.factorial(operands) - 1)


def by_label(data: pd.DataFrame) -> dict[str, Group]:
    """Return the colour and the rows of all experiments with a label, by label."""
    labels = data["label"].fillna(data["experiment"]) if "label" in data else data["experiment"]
    groups = list(data.groupby(labels, sort=False))
    return {str(label): (color, rows) for color, (label, rows) in zip(colors(len(groups)), groups, strict=True)}


@FigureKind("sums_by_sample_size", takes=("sweep", "critical_samples"))
def by_sample_size(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw the largest validation accuracy against the number of training samples, by K.

    A panel shows the sweeps with one label. The last panel shows the critical numbers of samples,
    of analyses, against p. A line joins the medians over seeds, a dot is a run. `marks` are not
    drawn.
    """
    sweeps, critical = data.of(SWEEP), data.of("critical_samples")
    panels = [] if sweeps.empty else [(label, rows) for label, (_, rows) in by_label(sweeps).items()]
    count = len(panels) + (not critical.empty)
    figure, axes = grid_of(count, min(3, count), 3.0, 2.5)
    numbers = sorted(data.rows["operands"].dropna().unique()) if has(data.rows, "operands") else []
    look = dict(zip(numbers, zip(colors(len(numbers)), dashes(len(numbers)), strict=True), strict=True))
    for place, (label, rows) in zip(axes, panels, strict=False):
        draw_by_operands(place, rows, "observed", "largest_test_accuracy", look)
        place.set(xscale="log", xlim=(sweeps["observed"].min() / 1.2, sweeps["observed"].max() * 1.2))
        plain_ticks(place.xaxis, sweeps["observed"], APART, 1000)
        place.set(xlabel="training samples / 1000", ylabel="validation accuracy", title=label)
    for place in axes[: len(panels)]:
        place.set_ylim(-0.04, max(other.get_ylim()[1] for other in axes[: len(panels)]))
    if not critical.empty:
        draw_critical(axes[-1], critical, look)
    lines = [key(f"K = {K:g}", marker="o", ms=4, color=color, ls=style) for K, (color, style) in look.items()]
    axes[0].legend(handles=lines)
    legend_below(figure, axes[0])
    return figure


def draw_critical(axes: Axes, critical: pd.DataFrame, look: Look) -> None:
    """Draw the critical numbers of samples against p."""
    draw_by_operands(axes, critical, "p", "samples", look)
    log_log(axes)
    plain_ticks(axes.xaxis, critical["p"], CLOSE)
    plain_numbers(axes.yaxis, 1000)
    axes.set(xlabel="modulus p", ylabel="critical samples / 1000", title=f"critical sizes, {seeds(critical)}")


def plain_ticks(axis: Axis, values: "pd.Series[float]", factor: float, unit: float = 1) -> None:
    """Give a logarithmic axis plain numbers of `unit` at some of the `values`, at least `factor` apart."""
    ticks = apart(values, factor)
    if ticks and axis.get_scale() == "log":
        axis.set_ticks(ticks, labels=[f"{tick / unit:.3g}" for tick in ticks])
        axis.minorticks_off()


def plain_numbers(axis: Axis, unit: float = 1) -> None:
    """Give a logarithmic axis plain numbers of `unit` at 1, 2 and 5 of each decade."""
    if axis.get_scale() == "log":
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / unit:g}"))
        axis.minorticks_off()


def apart(values: Iterable[float], factor: float) -> list[float]:
    """Return positive `values` from the largest down, without those less than `factor` below the one before."""
    chosen: list[float] = []
    for value in sorted({value for value in values if value > 0}, reverse=True):
        if not chosen or chosen[-1] / value >= factor:
            chosen.append(value)
    return chosen


def draw_by_operands(axes: Axes, data: pd.DataFrame, x: str, y: str, look: Look) -> None:
    """Draw the column `y` against `x`, in the colour and line style that `look` gives each number of operands K."""
    data = data.reindex(columns=["operands", x, y])
    for operands, (color, style) in look.items():
        part = data[data["operands"] == operands]
        axes.plot(part[x], part[y], "o", ms=2, color=color, alpha=0.4)
        median_and_range(axes, part, x, y, f"K = {operands:g}", color, marker="o", markersize=4, linestyle=style)


@FigureKind("critical_samples", takes=("critical_samples",))
def critical_samples(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw the fewest samples that generalise against the modulus, a dot per seed, with power laws.

    Dashed and dotted: the slopes of the theory, p² and p^(5/3), through the middle of the first
    experiment's medians. `marks` are not drawn.
    """
    figure, (axes,) = new_figure(1, width=5.2, height=3.4)
    groups = experiments(data.rows)
    for color, (name, rows) in zip(colors(len(groups)), groups, strict=True):
        axes.plot(rows["p"], rows["samples"], "o", ms=4, color=color)
        power_law(axes, rows["p"], rows["samples"], given_label(rows) or name, color)
    _, first = groups[0]
    medians = first.groupby("p", as_index=False)["samples"].median()
    middle = np.log(medians[medians["samples"] > 0]).mean()
    ends = np.array([data.rows["p"].min(), data.rows["p"].max()])
    for exponent, text, style in ((2, "slope of $p^2$", "--"), (5 / 3, "slope of $p^{5/3}$", ":")):
        line = np.exp(middle["samples"] + exponent * (np.log(ends) - middle["p"]))
        axes.plot(ends, line, style, color=TRUTH, label=text)
    log_log(axes)
    plain_ticks(axes.xaxis, data.rows["p"], CLOSE)
    axes.set_xlabel("modulus p")
    plain_numbers(axes.yaxis)
    axes.set_ylabel("critical number of training samples")
    axes.legend()
    return figure
