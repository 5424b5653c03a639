"""KKT residuals of (R1) and (R2) along the runs of Figures 1 to 3 (Theorems 3.5 and 3.10)."""

import pandas as pd
from matplotlib.figure import Figure

from grokking.figures.style import LATE, NORM, curve, new_figure, step_axis


def draw_kkt(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """One panel per experiment: how far θ is from the direction of -∇ℒ, and how slack the weighted margins are."""
    names = list(data["experiment"].unique())
    figure, axes = new_figure(2, columns=(len(names) + 1) // 2, width=3.0, height=2.4, share="none")
    for panel, name in zip(axes, names, strict=False):
        run = data[data["experiment"] == name]
        run = run.assign(stationarity=1 - run["gradient_cosine"])
        curve(panel, run, "stationarity", "1 - cos(θ, -∇ℒ)", NORM)
        curve(panel, run, "complementarity", "complementarity", LATE, "--")
        step_axis(panel, run)
        panel.set_yscale("log")
        panel.set_title(name)
        panel.set_ylabel("KKT residual")
    for panel in axes[len(names) :]:
        panel.set_axis_off()
    axes[0].legend(loc="lower left")
    return figure
