"""Entries of legends that stand for a look rather than for one line."""

from typing import Any

from matplotlib.lines import Line2D

from grokking.figures.style import ink

DIAMOND: Any = {"marker": "D", "linestyle": "", "ms": 5.5, "mew": 0.9}
END: Any = {"marker": "|", "linestyle": "", "ms": 9, "mew": 1.5}
PAPER = "paper (lines: ours)"


def key(label: str, **look: Any) -> Line2D:
    """Return a legend entry that explains one part of a line's look, such as its colour."""
    return Line2D([], [], label=label, **{"color": ink(), "linestyle": "", **look})


def end_key() -> Line2D:
    """Return the legend entry of the marks at the ends of runs."""
    return key("a run ends", **END)


def paper_key() -> Line2D:
    """Return the legend entry of the paper's values."""
    return key(PAPER, mfc="white", mec=ink(), **DIAMOND)
