"""Figure 4 of Gromov 2023: grokking time against the data fraction, and test accuracy against the width."""

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.optimizers import CLOSED_FORM, OPTIMIZERS
from grokking.figures.style import new_figure


def draw_fraction_and_width(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Left: 4a; crosses mark nets that have not grokked within the budget, drawn at it. Right: 4b."""
    figure, (time, accuracy) = new_figure(1, columns=2, width=4.2, height=3.2, share="none")
    trained = data.dropna(subset=["optimizer"])
    for _, nets in trained.groupby("experiment", sort=False):
        if nets["fraction"].nunique() > 1:
            draw_times(time, nets)
        else:
            label, color = OPTIMIZERS[nets["optimizer"].iloc[0]]
            draw_accuracy(accuracy, nets, "test_accuracy", label, color)
    draw_accuracy(accuracy, data.dropna(subset=["accuracy"]), "accuracy", "closed form (all pairs)", CLOSED_FORM)
    time.set(yscale="log", xlabel="data fraction α", ylabel="epochs to test accuracy 99 %")
    accuracy.set(xscale="log", xlabel="width N", ylabel="test accuracy", ylim=(-0.03, 1.03))
    for panel in (time, accuracy):
        panel.legend()
    return figure


def draw_times(axes: Axes, nets: pd.DataFrame) -> None:
    """Every net as a point, the median over the seeds that grok as a line."""
    label, color = OPTIMIZERS[nets["optimizer"].iloc[0]]
    grokked, not_grokked = nets.dropna(subset=["grokked"]), nets[nets["grokked"].isna()]
    middle = grokked.groupby("fraction")["grokked"].median()
    axes.plot(middle.index, middle, color=color, label=label)
    axes.plot(grokked["fraction"], grokked["grokked"], "o", ms=3, color=color)
    axes.plot(not_grokked["fraction"], not_grokked["budget"], "x", ms=5, color=color)


def draw_accuracy(axes: Axes, nets: pd.DataFrame, column: str, label: str, color: object) -> None:
    """The median over the seeds, and their range."""
    sns.lineplot(
        nets, x="width", y=column, ax=axes, color=color, marker="o", markersize=4, label=label, legend=False,
        estimator="median", errorbar=("pi", 100), err_kws={"linewidth": 0, "alpha": 0.2},
    )  # fmt: skip
