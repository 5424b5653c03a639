"""The picture of verdicts: a dot per claim, our value over the paper's, with its range."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from bokeh.document import Document
from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, OpenURL, Range1d, TapTool, VSpan
from bokeh.models.annotations import BoxAnnotation
from bokeh.models.text import BaseText
from bokeh.plotting import figure

from grokking.claims.judge import (
    DIFFERS,
    FAILED,
    NOT_BUILT,
    NOT_RUN,
    PASSED,
    REFUTED,
    REPRODUCED,
    SUPPORTED,
    UNDECIDED,
    in_words,
)
from grokking.page.claims import Judged, ours, show

FAR = 4.0  # larger ratios are drawn at the edge
APART = FAR * 1.6  # x of the first claim without a number of the paper
BESIDE, STRIDE = 6, 1.17  # claims without a number in a row, and the factor between their x
MIDDLE, EDGE = APART * STRIDE ** ((BESIDE - 1) / 2), APART * STRIDE**BESIDE
ROW = 6  # pixels
LEAST = 3  # rows, so that a figure's name fits
LOOKS = {  # by verdict: colour and marker; either is enough to distinguish them
    REPRODUCED: ("#0072B2", "circle"),
    SUPPORTED: ("#56B4E9", "square"),
    PASSED: ("#009E73", "hex"),
    DIFFERS: ("#D55E00", "diamond"),
    REFUTED: ("#CC79A7", "triangle"),
    FAILED: ("#000000", "inverted_triangle"),
    UNDECIDED: ("#E69F00", "asterisk"),
    NOT_RUN: ("#999999", "x"),
    NOT_BUILT: ("#CCCCCC", "cross"),
}


def add_verdicts(document: Document, paper: str, groups: Mapping[str, Sequence[Judged]]) -> None:
    """Add the plot of a paper's claims to a document, as its root `verdicts <paper>`.

    `groups` has the claims by figure.
    """
    heights = {name: height_of(claims) for name, claims in groups.items()}
    plot = empty_panel(paper, sum(heights.values()))
    name_rows(plot, heights)
    tops = accumulate(heights.values(), initial=0)
    rows = [row for claims, top in zip(groups.values(), tops, strict=False) for row in dots_of(claims, top)]
    for verdict, (color, marker) in LOOKS.items():
        source = ColumnDataSource({key: [row[key] for row in rows if row["look"] == verdict] for key in rows[0]})
        plot.segment("low", "y", "high", "y", color=color, alpha=0.5, source=source)
        dots = plot.scatter("x", "y", marker=marker, size=6, color=color, source=source)
        plot.add_tools(HoverTool(renderers=[dots], tooltips=TOOLTIP))
    plot.add_tools(TapTool(callback=OpenURL(url="#@id", same_tab=True)))
    document.add_root(plot)


def height_of(claims: Sequence[Judged]) -> int:
    """Return the number of rows that the claims of a figure take on the plot of verdicts."""
    numbers = sum(bool(claim["paper"]) for claim in claims)
    return max(numbers, -(-(len(claims) - numbers) // BESIDE), LEAST)


def dots_of(claims: Sequence[Judged], top: int) -> Iterator[dict[str, Any]]:
    """Yield the dots of claims, from the row `top` on.

    A claim with a number of the paper has a row of its own; the others stand side by side.
    """
    numbers, others = ([claim for claim in claims if bool(claim["paper"]) == has] for has in (True, False))
    yield from (dot(claim, -top - row) for row, claim in enumerate(numbers))
    for place, claim in enumerate(others):
        row, column = divmod(place, BESIDE)
        yield dot(claim, -top - row, APART * STRIDE**column)


def empty_panel(paper: str, count: int) -> figure:
    """Return empty axes for `count` rows of claims; x is our value over the paper's."""
    plot = figure(
        title=paper, name=f"verdicts {paper}", x_axis_type="log", x_range=Range1d(start=1 / FAR / 1.2, end=EDGE),
        y_range=Range1d(start=-count, end=1), width=400, height=90 + ROW * count, tools="",
        toolbar_location=None, x_axis_label="ours / the paper's; –: the paper gives no number",
    )  # fmt: skip
    plot.xaxis.ticker = FixedTicker(ticks=[1 / FAR, 0.5, 1, 2, FAR, MIDDLE])
    plot.xaxis.major_label_overrides = {1 / FAR: f"≤ {1 / FAR:g}", FAR: f"≥ {FAR:g}", MIDDLE: "–"}
    plot.add_glyph(VSpan(x=1))
    return plot


def name_rows(plot: figure, counts: Mapping[str, int]) -> None:
    """Label the rows of each figure, and shade those of every other figure."""
    end, names = 0, dict[float | str, str | BaseText]()
    for number, (name, count) in enumerate(counts.items()):
        top, end = 0.5 - end, end + count
        if number % 2:
            plot.add_layout(BoxAnnotation(top=top, bottom=0.5 - end, fill_color="black", fill_alpha=0.05))
        names[(top + 0.5 - end) / 2] = name
    plot.yaxis.ticker = FixedTicker(ticks=[float(row) for row in names])
    plot.yaxis.major_label_overrides = names
    plot.yaxis.major_label_text_font_size = "9px"
    plot.ygrid.visible = False


TOOLTIP = """<div style="max-width: 22em; white-space: normal"><b>@verdict</b><br>@statement<br>
paper: @paper, ours: @ours<br><span style="color: #555">@id</span></div>"""


def dot(claim: Judged, y: int, apart: float = APART) -> dict[str, Any]:
    """Return place and tooltip of the dot of a claim in row `y`.

    x is our value over the paper's, or `apart` if the paper gives no number or 0.
    """
    values, paper = claim["ours"] or {"median": None, "min": None, "max": None}, claim["paper"]
    low, x, high = (ratio(values[key], paper) if paper else apart for key in ("min", "median", "max"))
    return {
        "x": x, "low": low, "high": high, "y": y, "id": claim["id"], "look": claim["verdict"],
        "verdict": in_words(claim), "statement": claim["statement"], "ours": ours(claim["ours"]),
        "paper": "no number" if paper is None else show(paper),
    }  # fmt: skip


def ratio(value: float | None, paper: float) -> float:
    """Return our value over the paper's, limited to the range from 1/4 to 4.

    An event that never occurs (NaN) counts as infinitely late; a value of the other sign gives 1/4.
    """
    return FAR if value is None else min(max(value / paper, 1 / FAR), FAR)
