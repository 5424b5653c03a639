"""Figure 4 of Lyu et al. 2024: without weight decay generalisation takes not decades of time but hundreds of them."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.style import NORM, TEST, TRAIN, curve, milestones, new_figure, paper_entry

SHORT = 147.5  # the paper's shorter horizon, in log₁₀ t


def draw_no_weight_decay(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """(a) log₁₀ t on a linear axis, as far as the paper's; (b) the whole run, log₁₀ t on a log axis."""
    figure, (short, long) = new_figure(1, columns=2, width=4.8, height=3.2, share="none")
    end = data["log10_time"].max()
    draw_against_log_time(short, data[data["log10_time"] <= 1.1 * SHORT], marks[marks["x"] <= SHORT], (46, 1000))
    short.set_xlim(0, min(SHORT, end))
    short.set_title("(a) time in log scale")
    short.legend(loc="center right")
    draw_against_log_time(long, data, marks, (46, 2e4))
    long.set_xscale("log")
    long.set_xlim(1, end)
    long.set_title("(b) time in double log scale")
    return figure


def draw_against_log_time(axes: Axes, data: pd.DataFrame, marks: pd.DataFrame, norms: tuple[float, float]) -> None:
    """Accuracies on the left axis, parameter norm on the right one."""
    percent = marks.assign(value=100 * marks["value"])
    for column, label, color in (("train_accuracy", "train", TRAIN), ("test_accuracy", "test", TEST)):
        curve(axes, data.assign(**{column: 100 * data[column]}), column, label, color, x="log10_time")
        milestones(axes, percent, column, color)
    if len(marks):
        paper_entry(axes)
    axes.set_xlabel(r"$\log_{10}(1 + t)$")
    axes.set_ylabel("accuracy (%)")
    axes.set_ylim(-4, 104)
    right = axes.twinx()
    curve(right, data, "parameter_norm", "$L^2$ norm", NORM, style="--", x="log10_time")
    milestones(right, marks, "parameter_norm", NORM)
    right.set_ylabel("$L^2$ parameter norm", color=NORM)
    right.set_yscale("log" if norms[1] > 1000 else "linear")
    right.set_ylim(*norms)
    right.grid(visible=False)
    axes.plot([], [], color=NORM, linestyle="--", label="$L^2$ norm")
