"""Gradient flow from the closed-form solution: it is no fixed point, but the accuracy stays."""

import pandas as pd
from matplotlib.figure import Figure

from grokking.figures.style import LATE, TEST, TRAIN, curve, new_figure


def draw_closed_form_start(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Losses; accuracies and IPR; and the distance from the start relative to its norm."""
    figure, (loss, accuracy, moved) = new_figure(1, columns=3, width=3.1, height=2.6, share="none")
    for panel, columns in (
        (loss, [("train_loss", "train", TRAIN), ("test_loss", "test", TEST)]),
        (accuracy, [("train_accuracy", "train", TRAIN), ("test_accuracy", "test", TEST), ("ipr", "IPR", LATE)]),
        (moved, [("moved", "_", LATE)]),
    ):
        for column, label, color in columns:
            curve(panel, data, column, label, color)
        panel.set(xscale="log", xlabel="epoch (t / η)", xlim=(1, data["step"].max()))
    loss.set(ylabel="loss", yscale="log")
    accuracy.set(ylabel="accuracy, IPR", ylim=(0, 1.03))
    moved.set(ylabel=r"$\|\theta - \theta_0\| \,/\, \|\theta_0\|$")
    for panel in (loss, accuracy):
        panel.legend()
    return figure
