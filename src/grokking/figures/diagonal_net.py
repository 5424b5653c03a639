"""Figure 1 of Lyu et al. 2024: accuracy; loss and parameter norm; and the alignment of Corollaries 3.6 and 3.7."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.style import (
    EARLY,
    LATE,
    NORM,
    TEST,
    TRAIN,
    curve,
    milestones,
    new_figure,
    paper_entry,
    step_axis,
)


def draw_diagonal_net(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Three stacked panels from the runs of one experiment."""
    figure, (accuracy, loss, alignment) = new_figure(3)
    draw_accuracy(accuracy, data, marks)
    draw_loss_and_norm(loss, data, marks)
    draw_alignment(alignment, data)
    step_axis(alignment, data)
    return figure


def draw_accuracy(axes: Axes, data: pd.DataFrame, marks: pd.DataFrame) -> None:
    """Train and test accuracy in percent, on the paper's axis."""
    percent = data.assign(train_accuracy=100 * data["train_accuracy"], test_accuracy=100 * data["test_accuracy"])
    for column, label, color in (("train_accuracy", "train", TRAIN), ("test_accuracy", "test", TEST)):
        curve(axes, percent, column, label, color)
        milestones(axes, marks.assign(value=100 * marks["value"]), column, color)
    if len(marks):
        paper_entry(axes)
    axes.set_ylabel("accuracy (%)")
    axes.set_ylim(45, 104)
    axes.legend(loc="center left")


def draw_loss_and_norm(axes: Axes, data: pd.DataFrame, marks: pd.DataFrame) -> None:
    """Train and test loss on the left, parameter norm on the right axis."""
    curve(axes, data, "train_loss", "train loss", TRAIN)
    curve(axes, data, "test_loss", "test loss", TEST)
    axes.set_yscale("log")
    axes.set_ylabel("logistic loss")
    right = axes.twinx()
    curve(right, data, "parameter_norm", "$L^2$ norm", NORM, style="--")
    milestones(right, marks, "parameter_norm", NORM)
    right.set_ylabel("$L^2$ parameter norm", color=NORM)
    right.set_ylim(bottom=0)
    right.grid(visible=False)
    lines = [*axes.get_lines(), *right.get_lines()[:1]]
    axes.legend(handles=lines, loc="lower left")


def draw_alignment(axes: Axes, data: pd.DataFrame) -> None:
    """Cosine to each max-margin direction (solid), margin relative to the best possible one (dotted)."""
    for name, color in (("l2", EARLY), ("l1", LATE)):
        title = f"$L^{name[1]}$"
        curve(axes, data, f"cosine_to_{name}_max_margin", f"cosine to {title} max margin", color)
        curve(axes, data, f"relative_{name}_margin", f"{title} margin / largest", color, style=":")
    axes.set_ylabel("alignment")
    axes.set_ylim(-0.05, 1.05)
    axes.legend(loc="upper left", bbox_to_anchor=(0, 0.93))
