"""Figure 3 of Lyu et al. 2024: loss and parameter norm; and the distance to what theory names for each phase."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.style import (
    EARLY,
    LATE,
    NORM,
    TEST,
    TRAIN,
    TRUTH,
    curve,
    milestones,
    new_figure,
    paper_entry,
    step_axis,
)


def draw_matrix_completion(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Two stacked panels from the runs of one experiment."""
    figure, (loss, distance) = new_figure(2, height=2.5)
    draw_loss_and_norm(loss, data, marks)
    draw_distances(distance, data)
    step_axis(distance, data)
    return figure


def draw_loss_and_norm(axes: Axes, data: pd.DataFrame, marks: pd.DataFrame) -> None:
    """Losses on the paper's linear left axis, parameter norm on the right one."""
    for column, label, color in (("train_loss", "train loss", TRAIN), ("test_loss", "test loss", TEST)):
        curve(axes, data, column, label, color)
        milestones(axes, marks, column, color)
    if len(marks):
        paper_entry(axes)
    axes.set_ylabel("mean squared error")
    axes.set_ylim(bottom=0)
    right = axes.twinx()
    curve(right, data, "parameter_norm", "$L^2$ norm", NORM, style="--")
    milestones(right, marks, "parameter_norm", NORM)
    right.set_ylabel("$L^2$ parameter norm", color=NORM)
    right.set_ylim(0, 200)
    right.grid(visible=False)
    axes.legend(handles=[*labelled(axes), *right.get_lines()[:1]], loc="lower left", bbox_to_anchor=(0.18, 0.12))


def draw_distances(axes: Axes, data: pd.DataFrame) -> None:
    """Frobenius distance to the zero-filled matrix, to the completion of least nuclear norm, and to the table."""
    curve(axes, data, "distance_to_zero_filled", "to the zero-filled matrix", EARLY)
    curve(axes, data, "distance_to_minimum_nuclear_norm", "to the least nuclear norm", LATE)
    curve(axes, data, "distance_to_target", "to the table $X^*$", TRUTH, style="--")
    end = data.iloc[-1]
    if end["relative_time"] >= 1:  # t / ((1/λ) log α), linear in the step
        label = r"$\frac{1}{\lambda}\log\alpha$"
        axes.axvline(end["step"] / end["relative_time"], color="black", linewidth=0.8, linestyle=":", label=label)
    axes.set_ylabel("distance / $\\|X^*\\|_F$")
    axes.set_yscale("log")
    axes.legend(loc="center")


def labelled(axes: Axes) -> list[object]:
    """The lines that carry a legend label."""
    return [line for line in axes.get_lines() if not str(line.get_label()).startswith("_")]
