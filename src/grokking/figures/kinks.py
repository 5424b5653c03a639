"""A ReLU net that slides along kinks: pre-activations near 0, and the residuals they balance."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.by_value import median_and_range, shades
from grokking.figures.data import FigureData
from grokking.figures.kind import FigureKind
from grokking.figures.names import first_seed
from grokking.figures.numbers import power_of_ten
from grokking.figures.style import EARLY, NORM, TEST, TRUTH, ink, new_figure, plain_log_x

# Ten times the tolerance in Figure 2a: holds 99.9 % of the pre-activations that alternate around 0.
KINK = 0.1
DISTANCE = "distance from 0 ÷ the neuron's rms"
SHOWN = 4  # densities
IMPLIED = "speed implied by the loss"
RESIDUAL = r"residual $\|\lambda\theta + g\| ÷ \|\lambda\theta\|$"


@FigureKind("kinks", takes=("kink_stationarity",))
def kinks(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Three panels on a ReLU net that slides along kinks, where no single gradient is parallel to θ.

    They show the density of pre-activations near 0, and the least residual over the Clarke
    subgradients against the width of the kink zone and against the step. `marks` are not drawn.
    """
    figure, axes = new_figure(1, columns=3, width=3.6, height=3.0, share="none")
    for draw, panel in zip((draw_crowd, draw_freedom, draw_balance), axes, strict=True):
        draw(panel, data.rows)
    return figure


def draw_crowd(axes: Axes, data: pd.DataFrame) -> None:
    """Draw the density of pre-activations against their distance from the kink at a few times."""
    every = list(shades(data["step"]).items())
    for number in np.unique(np.linspace(0, len(every) - 1, SHOWN).round().astype(int)):
        step, color = every[number]
        rows = first_seed(data[data["step"] == step]).sort_values("threshold")
        edges, shares = rows["threshold"].to_numpy(), rows["near_kink"].to_numpy()
        drawn = np.maximum(edges, edges[1:2].sum() / 3)  # 0 is not on a log axis
        axes.stairs(np.diff(shares) / np.diff(edges), drawn, baseline=None, color=color, label=rounded(step))
    plain_log_x(axes, DISTANCE)
    axes.set(yscale="log", ylabel="density", title="Pre-activations gather at 0")
    axes.legend(fontsize=7, title="step", title_fontsize=7)


def draw_freedom(axes: Axes, data: pd.DataFrame) -> None:
    """Draw the least residual against the width of the free zone; dotted, the loss's speed."""
    for step, color in shades(data["step"]).items():
        rows = first_seed(data[data["step"] == step]).sort_values("threshold")
        free = rows[rows["threshold"] > 0]
        axes.plot(free["threshold"], free["residual"], "o-", ms=3, color=color, label=f"step {rounded(step)}")
        axes.axhline(rows["speed"].iloc[0], color=color, linestyle=":", lw=1)
    axes.plot([], [], ":", color=TRUTH, lw=1, label=IMPLIED)
    axes.axvline(KINK, color=TRUTH, linestyle="--", lw=1, label="width in (c)")
    plain_log_x(axes, "derivative free within this distance from 0")
    axes.set(yscale="log", ylabel=RESIDUAL, title="Residual vs. width of the kink zone")
    axes.legend(fontsize=7)


def draw_balance(axes: Axes, data: pd.DataFrame) -> None:
    """Draw residuals against the step: one gradient, free on the kinks, a control, the loss."""
    none, kink = (data[data["threshold"] == nearest(data["threshold"], level)] for level in (0, KINK))
    for rows, column, label, color, style in (
        (none, "residual", "one gradient", NORM, "o-"),
        (kink, "control", "control: same number, farther out", TEST, "^--"),
        (kink, "residual", "derivatives at kinks free", EARLY, "s-"),
        (none, "speed", IMPLIED, ink(), "x:"),
    ):
        look = {"marker": style[0], "linestyle": style[1:], "ms": 4.5, "mec": color}
        median_and_range(axes, rows, "step", column, label, color, **look)
    plain_log_x(axes, "step (t / η)")
    axes.set(yscale="log", ylabel=RESIDUAL, title="Residual along the run")
    axes.legend(fontsize=7)


def nearest(values: "pd.Series[float]", level: float) -> float:
    """The element of `values` nearest to `level`."""
    return float(values.iloc[(values - level).abs().argmin()])


def rounded(step: float) -> str:
    """Return a step as a label, to two significant digits."""
    return power_of_ten(float(f"{step:.2g}"))
