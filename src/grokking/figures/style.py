"""How all figures look, and how they are saved: byte-identical whenever the data are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

Draw = Callable[[pd.DataFrame, pd.DataFrame], Figure]
COLORS = sns.color_palette("colorblind")
TRAIN, TEST, NORM = COLORS[0], COLORS[1], COLORS[3]  # blue, orange and red, as in the main paper
EARLY, LATE, TRUTH = COLORS[4], COLORS[2], COLORS[7]

STYLE: Any = {
    "svg.hashsalt": "grokking",  # element ids that do not change from build to build
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",  # comes with matplotlib, the same everywhere
    "font.size": 9,
    "axes.spines.top": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "figure.constrained_layout.use": True,
}


def new_figure(
    panels: int, columns: int = 1, width: float = 5.2, height: float = 2.1, share: Literal["col", "none"] = "col"
) -> tuple[Figure, list[Axes]]:
    """A figure of `panels` × `columns` axes, row by row; by default each column shares its x axis."""
    figure = Figure(figsize=(width * columns, height * panels))
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(panels, columns, sharex=share, squeeze=False).flat)


def render(draw: Draw, data: pd.DataFrame, marks: pd.DataFrame, *paths: str) -> None:
    """Draw in the artifact's style and write the figure in the formats of the paths' suffixes."""
    with mpl.rc_context(STYLE):
        figure = draw(data, marks)
        for path in paths:
            metadata = {"Date": None} if Path(path).suffix == ".svg" else {}
            figure.savefig(path, dpi=160, metadata=metadata)


def curve(
    axes: Axes, data: pd.DataFrame, column: str, label: str, color: object, style: object = "-", x: str = "step"
) -> None:
    """Median over the seeds as a line, their full range as a band; from step 1 on, because the axis is logarithmic."""
    shown = data[data["step"] >= 1].dropna(subset=[column])
    sns.lineplot(
        shown, x=x, y=column, ax=axes, label=label, color=color, linestyle=style, legend=False,
        estimator="median", errorbar=("pi", 100), err_kws={"linewidth": 0, "alpha": 0.2},
    )  # fmt: skip


def milestones(axes: Axes, marks: pd.DataFrame, column: str, color: object) -> None:
    """The paper's own values for `column`, as diamonds; not the start, which a log axis does not show."""
    shown = marks[(marks["column"] == column) & (marks["x"] >= 1)]
    if len(shown):
        axes.plot(
            shown["x"], shown["value"], "D", ms=5.5, mfc=color, mec="black", mew=0.9, zorder=5, clip_on=False
        )  # fmt: skip


def paper_entry(axes: Axes) -> None:
    """A legend entry for the diamonds, without data."""
    axes.plot([], [], "D", ms=5.5, mfc="white", mec="black", mew=0.9, label="paper's value")


def log_log(axes: Axes) -> None:
    """Both axes logarithmic, if there is anything on them: an empty one cannot be."""
    points = [np.asarray(line.get_xydata(), dtype=float) for line in axes.get_lines()]
    if any((point > 0).all(axis=1).any() for point in points if len(point)):
        axes.set_xscale("log")
        axes.set_yscale("log")


def step_axis(axes: Axes, data: pd.DataFrame) -> None:
    """A logarithmic step axis from 1 to the last step."""
    axes.set_xscale("log")
    axes.set_xlim(1, data["step"].max())
    axes.set_xlabel("step (t / η)")
