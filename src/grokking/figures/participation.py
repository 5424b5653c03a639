"""Figure 5 of Gromov 2023: the inverse participation ratio as a measure of progress, in four regimes."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.style import COLORS, LATE, TEST, TRAIN, TRUTH, curve, new_figure
from grokking.measures.curves import Crossing, Evidence

REGIMES = ("slow", "transition", "fast", "saturation")
STARTS, ENDS, SATURATES = 0.1, 0.99, 0.9  # test accuracy, test accuracy, and the share of what the IPR gains after it


def draw_participation(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Left: IPR and accuracies against epochs, with the regimes; right: what the exact solution has by each reading."""
    figure, (path, readings) = new_figure(1, columns=2, width=4.4, height=3.2, share="none")
    runs, values = data.dropna(subset=["step"]), data.dropna(subset=["transform"])
    for column, label, color in (
        ("ipr", "IPR", LATE), ("train_accuracy", "train accuracy", TRAIN), ("test_accuracy", "test accuracy", TEST),
    ):  # fmt: skip
        curve(path, runs, column, label, color)
    exact = values.loc[values["transform"] == "block_rfft", "exact"].median()
    path.axhline(exact, color=TRUTH, linestyle="--", label="IPR of the exact solution")
    draw_regimes(path, runs)
    path.set(xscale="log", xlabel="epoch", ylabel="IPR, accuracy", xlim=(10, runs["step"].max()), ylim=(0, 1.12))
    path.legend(loc="upper left", bbox_to_anchor=(0, 0.9), fontsize=7)
    draw_readings(readings, values)
    return figure


def regimes(run: pd.DataFrame) -> list[float]:
    """The steps at which the transition, the fast regime and saturation begin; NaN where the run does not reach them.

    The transition lies between test accuracies of 10 % and 99 %; the fast regime ends when the IPR has made 90 % of
    what it gains from there to the end of the run.
    """
    evidence = Evidence(run, {})
    start, end = (Crossing("test_accuracy", level).read(evidence) for level in (STARTS, ENDS))
    after = run[run["step"] >= end]
    if after.empty:
        return [start, end, float("nan")]
    gained = after["ipr"].iloc[0] + SATURATES * (after["ipr"].iloc[-1] - after["ipr"].iloc[0])
    return [start, end, float(after["step"][(after["ipr"] >= gained).to_numpy()].iloc[0])]


def draw_regimes(axes: Axes, runs: pd.DataFrame) -> None:
    """Bands and names, from the median over the seeds."""
    bounds = np.median([regimes(run.reset_index(drop=True)) for _, run in runs.groupby("seed")], axis=0)
    edges = [10.0, *bounds, float(runs["step"].max())]
    for number, (name, left, right) in enumerate(zip(REGIMES, edges[:-1], edges[1:], strict=True)):
        if left < right:
            axes.axvspan(left, right, color=COLORS[number + 4], alpha=0.12, lw=0)
            axes.text(np.sqrt(left * right), 1.06, name, ha="center", fontsize=7)


def draw_readings(axes: Axes, values: pd.DataFrame) -> None:
    """Bars: exact solution and random weights, for each transform the paper may have meant."""
    shown = values.drop_duplicates("transform")
    places = np.arange(len(shown))
    axes.barh(places + 0.2, shown["exact"], 0.4, color=LATE, label="exact solution")
    axes.barh(places - 0.2, shown["random"], 0.4, color=TRUTH, label="random weights")
    for place, exact in zip(places, shown["exact"], strict=True):
        axes.text(exact, place + 0.2, f" {exact:.3g}", va="center", fontsize=7)
    axes.set_yticks(places, [name.replace("_", ", ") for name in shown["transform"]])
    axes.set(xlabel="IPR", xlim=(0, 1.15))
    axes.legend(fontsize=7, loc="upper right")
