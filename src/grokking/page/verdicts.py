"""The plot of numbers: a dot per claim for which the paper has one, our value over the paper's."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from bokeh.document import Document
from bokeh.models import ColumnDataSource, CustomJS, FixedTicker, HoverTool, Range1d, TapTool, VSpan
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
    """Add the plot of a paper's claims with numbers to a document, as its root `plot_name(paper)`.

    `groups` has the claims by figure.
    """
    numbers = {name: [claim for claim in claims if claim["paper"]] for name, claims in groups.items()}
    numbers = {name: claims for name, claims in numbers.items() if claims}
    if not numbers:
        return
    heights = {name: max(len(claims), LEAST) for name, claims in numbers.items()}
    plot = empty_panel(paper, sum(heights.values()))
    name_rows(plot, heights)
    tops = accumulate(heights.values(), initial=0)
    rows = [
        dot(claim, -top - row)
        for claims, top in zip(numbers.values(), tops, strict=False)
        for row, claim in enumerate(claims)
    ]
    for verdict, (color, marker) in LOOKS.items():
        source = ColumnDataSource({key: [row[key] for row in rows if row["look"] == verdict] for key in rows[0]})
        plot.segment("low", "y", "high", "y", color=color, alpha=0.5, source=source)
        dots = plot.scatter("x", "y", marker=marker, size=6, color=color, source=source)
        plot.add_tools(HoverTool(renderers=[dots], tooltips=TOOLTIP))
    plot.add_tools(TapTool(callback=CustomJS(code=TAP)))
    document.add_root(plot)


def plot_name(paper: str) -> str:
    """Return the name of a paper's plot in the document."""
    return f"verdicts {paper}"


def empty_panel(paper: str, count: int) -> figure:
    """Return empty axes for `count` rows of claims; x is our value over the paper's."""
    plot = figure(
        title=paper, name=plot_name(paper), x_axis_type="log", x_range=Range1d(start=1 / FAR / 1.2, end=FAR * 1.2),
        y_range=Range1d(start=-count, end=1), sizing_mode="stretch_width", height=90 + ROW * count, tools="",
        toolbar_location=None, x_axis_label="ours / the paper's",
    )  # fmt: skip
    plot.xaxis.ticker = FixedTicker(ticks=[1 / FAR, 0.5, 1, 2, FAR])
    plot.xaxis.major_label_overrides = {1 / FAR: f"≤ {1 / FAR:g}", FAR: f"≥ {FAR:g}"}
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


TAP = """
const source = cb_data.source
const [row] = source.selected.indices
const of = (name) => source.data[name][row]
showClaim(of("id"), `${of("verdict")}: ${of("statement")} Paper: ${of("paper")}, ours: ${of("ours")}`)
"""


def dot(claim: Judged, y: int) -> dict[str, Any]:
    """Return place and tooltip of the dot of a claim in row `y`; x is our value over the paper's."""
    values, paper = claim["ours"] or {"median": None, "min": None, "max": None}, claim["paper"]
    low, x, high = (ratio(values[key], paper) for key in ("min", "median", "max"))
    return {
        "x": x, "low": low, "high": high, "y": y, "id": claim["id"], "look": claim["verdict"],
        "verdict": in_words(claim), "statement": claim["statement"], "ours": ours(claim["ours"]),
        "paper": show(paper),
    }  # fmt: skip


def ratio(value: float | None, paper: float) -> float:
    """Return our value over the paper's, limited to the range from 1/4 to 4.

    An event that never occurs (NaN) counts as infinitely late; a value of the other sign gives 1/4.
    """
    return FAR if value is None else min(max(value / paper, 1 / FAR), FAR)
