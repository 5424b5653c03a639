"""Which sentences hold under which settings: verdicts as a table of colours."""

import re

import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from grokking.figures.data import FigureData
from grokking.figures.kind import FigureKind
from grokking.figures.style import COLORS, legend_below, new_figure
from grokking.store.source import CLAIM, FAILS, HOLDS, UNTOLD

LOOKS = {
    FAILS: (COLORS[3], "×", "does not hold"),
    UNTOLD: ("0.85", "?", "cannot be decided"),
    HOLDS: (COLORS[2], "✓", "holds"),
}
INK = {FAILS: "white", UNTOLD: "black", HOLDS: "black"}  # of the signs
NOT_ASKED = Patch(facecolor="none", edgecolor="0.6", label="not asked")
NETS = re.compile(r"\b(?:mlp|lstm|sgd)\b")


@FigureKind("sentences", takes=("sum", "sweep"), judges=True, table="grokking.report.sentences")
def sentences(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw which sentences hold, a column for each, under which configurations, a row for each.

    A sentence about several α or K holds if it does for each. The numbers beside the rows count
    sentences that hold, and those that cannot be decided by half. `marks` are not drawn.
    """
    table = scores(data.of(CLAIM)).T
    rows, columns = table.shape
    figure, (axes,) = new_figure(1, width=4.2 + 0.3 * columns, height=2.4 + 0.22 * rows)
    colors = ListedColormap([color for color, *_ in LOOKS.values()])
    axes.imshow(np.ma.masked_invalid(table.to_numpy()), cmap=colors, vmin=FAILS, vmax=HOLDS, aspect="auto")
    for (row, column), score in np.ndenumerate(table.to_numpy()):
        if not np.isnan(score):
            _, sign, _ = LOOKS[score]
            axes.text(column, row, sign, ha="center", va="center", fontsize=7, color=INK[score])
    axes.set_xticks(range(columns), map(in_words, table.columns), rotation=50, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(rows), table.index)
    counts = axes.secondary_yaxis("right")
    counts.set_yticks(range(rows), [told(row) for _, row in table.iterrows()])
    counts.set_ylabel("sentences that hold")
    for shown in (axes, counts):
        shown.tick_params(length=0)
    axes.grid(False)
    signs = [Patch(color=color, label=f"{sign} {text}") for color, sign, text in reversed(LOOKS.values())]
    axes.legend(handles=[*signs, NOT_ASKED])
    legend_below(figure, axes)
    return figure


def scores(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Return the score of each sentence, by configuration: `HOLDS`, `FAILS` or `UNTOLD`.

    It is the lowest of the claims that say the sentence of several α or K; NaN if none was judged.
    """
    order = {name: list(dict.fromkeys(verdicts[name])) for name in ("sentence", "experiment")}
    table = verdicts.pivot_table(index="sentence", columns="experiment", values="holds", aggfunc="min")
    return table.reindex(index=order["sentence"], columns=order["experiment"])


def told(scores: "pd.Series[float]") -> str:
    """Return the score of a configuration as text, such as 7.5 of 9."""
    return f"{scores.sum():g} of {scores.notna().sum()}"


def in_words(sentence: str) -> str:
    """Return the id of a sentence in words: `fig1.starts_early` is "Figure 1: starts early"."""
    words = re.sub(r"^fig(\d+)\.", r"Figure \1: ", sentence).replace("_", " ")
    return NETS.sub(lambda net: net[0].upper(), words)
