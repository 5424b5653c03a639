"""Figure 6 of Gromov 2023: the closed-form weights in nets with other activations, against the width."""

import pandas as pd
from matplotlib.figure import Figure

from grokking.figures.fraction_and_width import draw_accuracy
from grokking.figures.style import COLORS, new_figure

AMPLITUDES = {"printed": "weights as printed", "unit_peak": "output peak of 1"}


def draw_wave_activations(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """One panel per size of the weights."""
    amplitudes = list(data["amplitude"].unique())
    figure, axes = new_figure(1, columns=len(amplitudes), width=3.8, height=2.9, share="none")
    for panel, amplitude in zip(axes, amplitudes, strict=True):
        for color, (activation, nets) in zip(
            COLORS, data[data["amplitude"] == amplitude].groupby("activation", sort=False), strict=False
        ):
            draw_accuracy(panel, nets, "accuracy", str(activation), color)
        panel.set(xscale="log", xlabel="width N", ylabel="accuracy", ylim=(-0.03, 1.03))
        panel.set_title(AMPLITUDES[amplitude])
        panel.legend()
    return figure
