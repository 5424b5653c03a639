"""The explorer: all curves behind the figures, with zoom and sliders on α, λ and other settings."""

from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from bokeh.document import Document
from bokeh.events import DocumentReady
from bokeh.layouts import column
from bokeh.models import ColumnDataSource, CustomJS, HoverTool
from bokeh.models.annotations import Legend
from bokeh.models.widgets import CheckboxGroup, RadioButtonGroup, Select, Slider
from bokeh.plotting import figure

from grokking.page.curves import DECAY_TIME, HEIGHTS, SETTINGS, TIMES, Curves

Options = dict[str, list[str | tuple[Any, str]]]
Scale = Literal["log", "linear"]
SCALES: tuple[Scale, Scale] = ("log", "linear")
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")  # safe for colour-blind readers
OTHERS = "#888888"
DASHES = ("solid", "solid", "dashed", "dotted")
LOG_HEIGHTS = ("loss", "parameter norm")
LOG_TIMES = ("step", "epoch", "time", DECAY_TIME, "relative_time")
SCRIPT = Path(__file__).with_name("explorer.mjs")


def add_explorer(
    document: Document,
    curves: Curves,
    titles: Mapping[str, Mapping[str, str]],
    marks: Mapping[str, Iterable[Mapping[str, Any]]],
) -> None:
    """Add the explorer to a document: its widgets as the root `controls`, its plots as `curves`.

    `titles` has the titles of figures by paper and target, `marks` the paper's values by target. A
    figure without curves cannot be chosen. The script explorer.mjs redraws after every choice.
    """
    drawn, known, others = (ColumnDataSource({name: [] for name in names}) for names in (LINES, POINTS, POINTS))
    plots = {f"{x} {y}": plot_of(x, y, drawn, known, others) for x, y in product(SCALES, repeat=2)}
    choices = {
        "figure": Select(title="figure", options=options(titles, curves), value=first(curves)),
        "setting": Select(title="highlighted run (others in grey)"),
        "height": Select(title="vertical axis"),
        "time": Select(title="horizontal axis"),
    }
    seeds = CheckboxGroup(inline=True)
    scales = {axis: RadioButtonGroup(labels=[f"{axis}: {scale}" for scale in SCALES], active=0) for axis in "xy"}
    sliders = {name: Slider(start=0, end=1, value=0, step=1, show_value=False) for name in SETTINGS}
    callback = CustomJS.from_file(
        SCRIPT,
        **choices,
        seeds=seeds,
        scales=scales,
        sliders=sliders,
        plots=plots,
        drawn=drawn,
        known=known,
        others=others,
        runs=source_of(curves.runs),
        points={target: source_of(rows) for target, rows in curves.points.items()},
        marks={target: list(values) for target, values in marks.items()},
        heights=HEIGHTS,
        times=TIMES,
        log_heights=LOG_HEIGHTS,
        log_times=LOG_TIMES,
        colors=COLORS,
        grey=OTHERS,
        dashes=DASHES,
    )
    for widget in (*choices.values(), *sliders.values()):
        widget.js_on_change("value", callback)
        widget.sizing_mode = "stretch_width"
    for buttons in (seeds, *scales.values()):
        buttons.js_on_change("active", callback)
    document.js_on_event(DocumentReady, callback)
    document.add_root(
        column(
            *choices.values(), *scales.values(), *sliders.values(), seeds, sizing_mode="stretch_width", name="controls"
        )
    )
    document.add_root(column(*plots.values(), sizing_mode="stretch_width", name="curves"))


LINES = ("xs", "ys", "name", "color", "dash", "opacity", "width", "setting", "seed")
POINTS = ("x", "y")


def options(titles: Mapping[str, Mapping[str, str]], curves: Curves) -> Options:
    """Return target and title of the figures that have curves, by paper."""
    chosen: Options = {}
    for paper, figures in titles.items():
        chosen[paper] = [(target, title) for target, title in figures.items() if target in curves.points]
    return {paper: figures for paper, figures in chosen.items() if figures}


def source_of(table: pd.DataFrame) -> ColumnDataSource:
    """Return a table as a Bokeh data source, without its index."""
    return ColumnDataSource({name: table[name].to_numpy() for name in table})


def first(curves: Curves) -> str:
    """Return the target of the figure that is shown first.

    It is one whose runs differ in α, if there is one.
    """
    runs = curves.runs
    return str([*runs["figure"][runs["α"].notna()], *runs["figure"]][0])


def plot_of(x: Scale, y: Scale, drawn: ColumnDataSource, known: ColumnDataSource, others: ColumnDataSource) -> figure:
    """Return an empty plot with the axis scales `x` and `y`, which Bokeh cannot change later.

    It shows the lines in the source `drawn`, and the paper's values for the chosen run in `known`
    and for other runs in `others`.
    """
    plot = figure(
        x_axis_type=x, y_axis_type=y, height=460, sizing_mode="stretch_width", visible=False,
        tools="box_zoom,pan,wheel_zoom,reset,save", active_drag="box_zoom", active_scroll=None,
    )  # fmt: skip
    plot.add_layout(Legend(ncols=2, border_line_alpha=0, label_text_font_size="11px", spacing=5), "above")
    look: dict[str, Any] = {"color": "color", "line_dash": "dash", "line_alpha": "opacity", "line_width": "width"}
    lines = plot.multi_line("xs", "ys", **look, legend_field="name", source=drawn)
    cross: dict[str, Any] = {"marker": "x", "size": 13, "line_width": 2.5}
    grey = plot.scatter(
        "x", "y", **cross, color=OTHERS, legend_label="the paper's value for another run", source=others
    )
    black = plot.scatter("x", "y", **cross, color="black", legend_label="the paper's value", source=known)
    here = [("", "@name"), ("", "@setting"), ("seed", "@seed"), ("x, y", "$x, $y")]
    plot.add_tools(HoverTool(renderers=[lines], tooltips=here))
    plot.add_tools(HoverTool(renderers=[black, grey], tooltips=[("the paper", "@x, @y")]))
    return plot
