"""The verdicts as a picture: a dot for each claim, our value over the paper's, with the range over the seeds."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from bokeh.document import Document
from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, OpenURL, Range1d, TapTool, VSpan
from bokeh.models.annotations import BoxAnnotation
from bokeh.models.text import BaseText
from bokeh.plotting import figure

from grokking.claims.judge import DIFFERS, FAILS, HOLDS, NOT_RUN, REPRODUCED, in_words
from grokking.page.claims import Judged, ours, show

FAR = 4.0  # ratios beyond stand at the edge
APART = FAR * 1.6  # from where on claims stand that the paper gives no number for
BESIDE, STRIDE = 6, 1.17  # so many of them in a row, each this factor further
MIDDLE, EDGE = APART * STRIDE ** ((BESIDE - 1) / 2), APART * STRIDE**BESIDE
ROW = 6  # pixels
LEAST = 3  # rows, for a figure's name
LOOKS = {  # by verdict: colour and marker, so that neither is needed to tell them apart
    REPRODUCED: ("#0072B2", "circle"),
    HOLDS: ("#56B4E9", "square"),
    DIFFERS: ("#D55E00", "diamond"),
    FAILS: ("#CC79A7", "triangle"),
    NOT_RUN: ("#999999", "x"),
}


def add_verdicts(document: Document, paper: str, groups: Mapping[str, Sequence[Judged]]) -> None:
    """Add a paper's claims, figure by figure from top to bottom, to a document, as its root `verdicts <paper>`."""
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
    """The rows that a figure's claims take."""
    numbers = sum(bool(one["paper"]) for one in claims)
    return max(numbers, -(-(len(claims) - numbers) // BESIDE), LEAST)


def dots_of(claims: Sequence[Judged], top: int) -> Iterator[dict[str, Any]]:
    """Each claim that the paper has a number for in a row of its own; the others side by side, in the same rows."""
    numbers, others = ([one for one in claims if bool(one["paper"]) == has] for has in (True, False))
    yield from (dot(one, -top - row) for row, one in enumerate(numbers))
    for place, one in enumerate(others):
        row, column = divmod(place, BESIDE)
        yield dot(one, -top - row, APART * STRIDE**column)


def empty_panel(paper: str, count: int) -> figure:
    """The axes for some claims: to the left and right of 1 is less and more than the paper's value."""
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
    """Every other figure's claims on a band, with its name beside them."""
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


def dot(one: Judged, y: int, apart: float = APART) -> dict[str, Any]:
    """Where a claim stands, at x = `apart` where the paper gives nothing to divide by, and what is said of it."""
    values = one["ours"] or {"median": None, "min": None, "max": None}
    low, x, high = (ratio(values[key], one["paper"]) if one["paper"] else apart for key in ("min", "median", "max"))
    return {
        "x": x, "low": low, "high": high, "y": y, "id": one["id"], "look": one["verdict"],
        "verdict": in_words(one), "statement": one["statement"], "ours": ours(one["ours"]),
        "paper": "no number" if one["paper"] is None else show(one["paper"]),
    }  # fmt: skip


def ratio(value: float | None, paper: float) -> float:
    """Ours over the paper's, no further than the edges.

    What never happens here is infinitely late; a value of the other sign is no fraction of the paper's at all.
    """
    return FAR if value is None else min(max(value / paper, 1 / FAR), FAR)
