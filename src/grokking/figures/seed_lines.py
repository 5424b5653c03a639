"""A line for each seed, with a mark where its run ends.

Runs that end when they have generalised end at different steps. A median over those that are left
would show a curve that no run has.
"""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from grokking.figures.curves import Line
from grokking.figures.keys import END
from grokking.figures.style import Dashes


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
        shown[line.column] *= line.factor
        label = None if number else line.label
        (drawn,) = axes.plot(
            shown[x], shown[line.column], color=line.color, ls=style or line.style, label=label, **look
        )
        axes.plot(shown[x].iloc[-1:], shown[line.column].iloc[-1:], color=line.color, zorder=drawn.zorder, **END)
