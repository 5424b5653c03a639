"""The figures of "Penetrating the Grokking Phenomenon", a course report of 2024."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.curves import Line, Panel, draw_panel, several
from grokking.figures.style import COLORS, TEST, TRAIN, grid_of, plain_log_x

MIRRORED, UNMIRRORED = COLORS[4], COLORS[2]
ACCURACIES = (
    Line("train_accuracy", "training", TRAIN, factor=100),
    Line("test_accuracy", "validation", TEST, factor=100),
    Line("mirrored_accuracy", "validation, b + a trained on", MIRRORED, ":", factor=100),
    Line("unmirrored_accuracy", "validation, the others", UNMIRRORED, ":", factor=100),
)


def by_epoch(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Figures 1 and 2: training and validation accuracy against epochs, a panel for each experiment."""
    runs = several(data)
    figure, axes = grid_of(len(runs), min(2, len(runs)), 4.2, 2.5)
    for own, one in zip(axes, runs, strict=True):
        legend = {"loc": "center left"} if own is axes[0] else None
        panel = Panel("accuracy (%)", ACCURACIES, axis={"ylim": (-4, 104)}, legend=legend)
        draw_panel(own, panel, [one], marks, x="epoch")
        own.set_title(one.label)
        epoch_axis(own, data)
    return figure


def epoch_axis(axes: Axes, data: pd.DataFrame) -> None:
    """From the first epoch to the last of all runs."""
    plain_log_x(axes, "epoch")
    axes.set_xlim(1, data["epoch"].max())
