"""The transition of matrix completion at the critical time, what the limit costs, and when the limit is X*."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.style import COLORS, TRUTH, log_log, new_figure
from grokking.figures.theorem_panels import curves, power_law


def draw_sharp_regression(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Top: distance to both completions; bottom: error against λ, and recovery against rank and entries."""
    figure, (early, late, decay, phases) = new_figure(2, columns=2, width=4.0, height=2.7, share="none")
    paths = data.dropna(subset=["distance_to_zero_filled"])
    first = paths[paths["experiment"] == paths["experiment"].iloc[0]]
    for panel, goal, name in (
        (early, "zero_filled", "zero filling"),
        (late, "least_nuclear_norm", "least nuclear norm"),
    ):
        curves(panel, first, "relative_time", f"distance_to_{goal}", "alpha", "α")
        panel.axvline(1, color=TRUTH, linestyle=":")
        panel.set(yscale="log", xlim=(0, 2), xlabel=r"$\lambda t\,/\log\alpha$", ylabel=f"distance to {name}")
    late.legend(loc="lower left")
    draw_decay(decay, data.dropna(subset=["relative_error"]))
    draw_phases(phases, data.dropna(subset=["recovered"]))
    return figure


def draw_decay(axes: Axes, data: pd.DataFrame) -> None:
    """The error of the flow's limit against λ, beside the power of Theorem 3.12."""
    axes.plot(data["weight_decay"], data["relative_error"], "o", color=COLORS[0], label="limit of the flow")
    power_law(axes, data["weight_decay"], data["relative_error"], "fit")
    x = np.array([data["weight_decay"].min(), data["weight_decay"].max()])
    axes.plot(x, data["relative_error"].max() * np.sqrt(x / x[-1]), ":", color=TRUTH, label="√λ of the bound")
    log_log(axes)
    axes.set(xlabel="λ", ylabel=r"$\|W - X^*\|_F / \|X^*\|_F$")
    axes.legend()


def draw_phases(axes: Axes, data: pd.DataFrame) -> None:
    """The share of draws whose completion of least nuclear norm is X*."""
    whole = data.astype({"rank": int, "entries": int})
    table = whole.pivot_table(index="rank", columns="entries", values="recovered")
    sns.heatmap(table, ax=axes, vmin=0, vmax=1, cmap="viridis", cbar_kws={"label": "recovered"})
    axes.invert_yaxis()
    axes.set(xlabel="observed entries", ylabel="rank")
    axes.grid(False)
