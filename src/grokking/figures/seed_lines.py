"""A line for each seed, with a mark where its run ends.

Runs that end when they have generalised end at different steps. A median over those that are left
would show a curve that no run has.
"""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from grokking.figures.curves import END, Line
from grokking.figures.style import Dashes, ink


def line_per_seed(
    axes: Axes, data: pd.DataFrame, line: Line, x: str = "step", style: Dashes = None, **look: Any
) -> None:
    """Draw a column of one experiment against `x`, from step 1 on (log axes), and the end of each run.

    Nothing is drawn if the table lacks the column. `style` replaces the style of `line`; `look` are
    keyword arguments of `Axes.plot`.
    """
    if line.column not in data:
        return
    for number, (_, rows) in enumerate(data.groupby("seed")):
        shown = rows.loc[rows["step"] >= 1, [x, line.column]].dropna()
        label = None if number else line.label
        (drawn,) = axes.plot(
            shown[x], shown[line.column], color=line.color, ls=style or line.style, label=label, **look
        )
        axes.plot(shown[x].iloc[-1:], shown[line.column].iloc[-1:], color=line.color, zorder=drawn.zorder, **END)


def key(label: str, **look: Any) -> Line2D:
    """Return a legend entry that explains one part of a line's look, such as its colour."""
    return Line2D([], [], label=label, **{"color": ink(), "linestyle": "", **look})


def end_key() -> Line2D:
    """Return the legend entry of the marks at the ends of runs."""
    return key("a run ends", **END)
