"""How long variants of the course report's transformer take to generalise: a row for each."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from grokking.figures.by_value import has, read
from grokking.figures.curves import several
from grokking.figures.data import FigureData
from grokking.figures.keys import key
from grokking.figures.kind import FigureKind
from grokking.figures.pku2024 import with_epochs
from grokking.figures.style import TEST, TRUTH, legend_below, new_figure, plain_log_x
from grokking.measures.curves import Crossing, Sustained

STARTED, GENERALISED = 0.2, 0.95  # validation accuracy
START = {"marker": "|", "ms": 8, "mew": 1.5, "color": TEST}
FIRST = {"marker": "o", "ms": 4, "color": TEST}
KEPT = {"marker": "o", "ms": 7, "color": TEST, "mfc": "none"}
NOT_KEPT = {"marker": ">", "ms": 7, "color": TEST, "mfc": "none"}
NEVER = {"marker": ">", "ms": 6, "color": TRUTH}
SPREAD = 0.5  # of the distance between rows, over which seeds are spread


@FigureKind("times_to_generalise", takes=("sum",))
def times_to_generalise(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw the epochs to 95 % validation accuracy of every seed, a row for each experiment.

    A stroke is where validation accuracy passes 20 %, a filled dot where it first reaches 95 %, an
    open dot where it first stays there for three observations. An arrow is the last epoch of a run
    that has not done so: grey if it never reached 95 %. The band is the range of the first
    experiment. Labels with the same text before a colon are a group under that text. `marks` are
    not drawn.
    """
    runs = several(with_epochs(data.rows))
    names = with_headings([run.label for run in runs])
    places = [place for place, (_, is_heading) in enumerate(names) if not is_heading]
    figure, (axes,) = new_figure(1, width=6.0, height=0.9 + 0.22 * len(names))
    seen = [times(rows) for _, rows in runs[0].rows.groupby("seed")]
    reached = [time for _, first, kept, _ in seen for time in (first, kept) if not math.isnan(time)]
    if reached:
        axes.axvspan(min(reached), max(reached), color=TEST, alpha=0.12, lw=0)
    for place, run in zip(places, runs, strict=True):
        groups = list(run.rows.groupby("seed"))
        for number, (_, rows) in enumerate(groups):
            draw_times(axes, place + SPREAD * ((number + 0.5) / len(groups) - 0.5), *times(rows))
    name_rows(axes, names)
    plain_log_x(axes, "epoch at which validation accuracy …")
    axes.legend(handles=[
        key("passes 20 %", **START),
        key("first reaches 95 %", **FIRST),
        key("stays there for three observations", **KEPT),
        key("has not reached 95 % by the last epoch", **NEVER),
        key("has reached it, but not stayed there", **NOT_KEPT),
        *([Patch(color=TEST, alpha=0.12, lw=0, label="95 % in the first row")] if reached else []),
    ])  # fmt: skip
    legend_below(figure, axes, columns=2)
    return figure


def times(rows: pd.DataFrame) -> tuple[float, float, float, float]:
    """Return the epochs at which one run passes 20 %, first reaches 95 %, first stays there, and ends.

    An epoch is NaN if it never comes.
    """
    measures = (Crossing("test_accuracy", STARTED), Crossing("test_accuracy", GENERALISED),
                Sustained("test_accuracy", GENERALISED))  # fmt: skip
    seen = has(rows, "test_accuracy")
    started, first, kept = (read(measure, rows, x="epoch") if seen else math.nan for measure in measures)
    return started, first, kept, float(rows["epoch"].max())


def draw_times(axes: Axes, place: float, started: float, first: float, kept: float, last: float) -> None:
    """Draw one run at the height `place`."""
    end, look = (kept, KEPT) if kept == kept else (last, NOT_KEPT if first == first else NEVER)
    axes.hlines(place, started, end, lw=0.8, color=look["color"])
    axes.plot([started], [place], ls="", **START)
    axes.plot([first], [place], ls="", **FIRST)
    axes.plot([end], [place], ls="", **look)


def with_headings(labels: list[str]) -> list[tuple[str, bool]]:
    """Return the rows' texts from top to bottom, and whether each is a heading.

    The label "Grokfast: w = 100" is the row "w = 100" under the heading "Grokfast".
    """
    names, group = [], ""
    for label in labels:
        heading, _, name = label.rpartition(": ")
        if heading and heading != group:
            names.append((heading, True))
        names.append((name, False))
        group = heading
    return names


def name_rows(axes: Axes, names: list[tuple[str, bool]]) -> None:
    """Write the names of the rows beside the axis, headings in bold and without a line."""
    axes.set_yticks(range(len(names)), [name for name, _ in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    for tick, (_, is_heading) in zip(axes.yaxis.get_major_ticks(), names, strict=True):
        if is_heading:
            tick.label1.set_fontweight("bold")
            tick.gridline.set_visible(False)
