"""Columns against the step: the panels of most figures of training runs, declared as data.

A curve is the median over the runs of an experiment, its band their range; a run that has ended
counts with its last value. Experiments on one panel differ in line style. Columns without data are
not drawn, panels without columns are left out.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from grokking.figures.by_value import carried, has, median_and_range
from grokking.figures.keys import DIAMOND, END, end_key, key, paper_key
from grokking.figures.names import experiments, given_label
from grokking.figures.numbers import as_labels
from grokking.figures.style import TEST, TRAIN, Color, Dashes, dashes, grid_of, ink, new_figure, step_axis


@dataclass(frozen=True)
class Line:
    """The look of a column on a panel; the column's values are multiplied by `factor`."""

    column: str
    label: str
    color: Color
    style: Dashes = "-"
    factor: float = 1.0


@dataclass(frozen=True)
class Panel:
    """One panel of a figure: lines on its axis, and optionally more on a second axis, `right`.

    `axis` and `legend` are keyword arguments of `Axes.set` and `Axes.legend`; `legend` None draws
    no legend. `adjust` makes changes that depend on the data and returns its entries for the
    legend.
    """

    ylabel: str
    lines: tuple[Line, ...]
    right: "Panel | None" = None
    axis: Mapping[str, Any] = field(default_factory=dict)
    legend: Mapping[str, Any] | None = None
    adjust: Callable[[Axes, pd.DataFrame], list[Line2D]] | None = None
    colored: bool = False  # the axis label in the colour of the first line
    marked: bool = True  # with the paper's values


ACCURACIES = (Line("train_accuracy", "train", TRAIN), Line("test_accuracy", "test", TEST))
ACCURACY_AXIS = (-0.04, 1.04)  # fractions, as in all figures


@dataclass(frozen=True)
class Runs:
    """The runs of one experiment, with their label and line style."""

    label: str
    rows: pd.DataFrame
    style: Dashes = None  # None: every line in its own style


def several(data: pd.DataFrame) -> list[Runs]:
    """Return the experiments of a table, each with a label.

    A label is that of the config, or else the value of λ or α that distinguishes the experiments,
    or else the experiment's name.
    """
    groups = experiments(data)
    styles = dashes(len(groups)) if len(groups) > 1 else [None] * len(groups)
    names = [given_label(rows) or name for (_, rows), name in zip(groups, settings(groups), strict=True)]
    return [Runs(name, rows, style) for name, (_, rows), style in zip(names, groups, styles, strict=True)]


def settings(groups: Sequence[tuple[str, pd.DataFrame]]) -> list[str]:
    """Return a label for each experiment in `groups`, from the setting that distinguishes all.

    The setting is λ or α, whichever distinguishes first; without one the labels are the names.
    """
    for column, text in (("weight_decay", "λ = {}"), ("init_scale", "He × {}")):
        values = [float(rows[column].iloc[0]) if column in rows else math.nan for _, rows in groups]
        if len(set(values)) == len(values) and not any(map(math.isnan, values)):
            labels = as_labels(values)
            return [text.format(labels[value]) for value in values]
    return [name for name, _ in groups]


def drawn_lines(panel: Panel, data: pd.DataFrame) -> list[Line]:
    """Return the lines of a panel whose columns have data."""
    return [line for line in panel.lines if has(data, line.column)]


def curve(axes: Axes, data: pd.DataFrame, line: Line, style: Dashes = None, x: str = "step") -> None:
    """Draw the median over seeds as a line and their range as a band, from step 1 on (log axes)."""
    if line.column not in data:
        return
    observed = data.loc[data["step"] >= 1, ["seed", x, line.column]].dropna()
    shown = carried(observed, x, line.column)
    shown[line.column] *= line.factor
    style = line.style if style is None else style
    median_and_range(axes, shown, x, line.column, line.label, line.color, linestyle=style)
    axes.set(xlabel="", ylabel="")


def ends(axes: Axes, data: pd.DataFrame, line: Line, x: str, last: float) -> bool:
    """Mark the end of each run in `data` that ends before `last`, the end of the axis.

    Returns whether there are any.
    """
    runs = data.reindex(columns=["seed", x, line.column]).dropna().groupby("seed").last()
    early = runs[(runs[x] >= 1) & (runs[x] < last)]
    if len(early):
        axes.plot(early[x], line.factor * early[line.column], color=line.color, **END)
    return len(early) > 0


def milestones(axes: Axes, marks: pd.DataFrame, line: Line) -> bool:
    """Draw the paper's values for a line as diamonds, from step 1 on.

    Returns whether there are any.
    """
    shown = marks[(marks["column"] == line.column) & (marks["x"] >= 1)]
    if len(shown):
        axes.plot(
            shown["x"], line.factor * shown["value"], mfc=line.color, mec=ink(), zorder=5, clip_on=False, **DIAMOND
        )
    return len(shown) > 0


def draw_lines(axes: Axes, panel: Panel, runs: Sequence[Runs], marks: pd.DataFrame, x: str) -> list[Line2D]:
    """Draw the lines of a panel on one axis, and return the entries of the legend.

    Of `marks` those of the experiments on the panel are drawn, all if they name no experiment.
    """
    data = pd.concat([experiment.rows for experiment in runs])
    lines = drawn_lines(panel, data)
    for line in lines:
        for experiment in runs:
            curve(axes, experiment.rows, line, experiment.style, x)
    last = data[x].max() if len(data) else 0
    ended = [ends(axes, experiment.rows, line, x, last) for line in lines for experiment in runs]
    if "experiment" in marks:
        marks = marks[marks["experiment"].isin(data["experiment"].unique())]
    marked = [milestones(axes, marks, line) for line in lines] if panel.marked else []
    axes.set_ylabel(panel.ylabel, color=panel.lines[0].color if panel.colored else ink())
    axes.set(**panel.axis)
    entries = [key(line.label, color=line.color, linestyle=line.style) for line in lines]
    entries += panel.adjust(axes, data) if panel.adjust else []
    entries += [end_key()] if any(ended) else []
    return entries + ([paper_key()] if any(marked) else [])


def draw_panel(
    axes: Axes, panel: Panel, runs: Sequence[Runs], marks: pd.DataFrame, x: str = "step", named: bool = False
) -> None:
    """Draw a panel on `axes`; `named` adds the experiments' labels to the legend."""
    styles = [(experiment.style, experiment.label) for experiment in runs if named]
    entries = [key(label, linestyle=style) for style, label in styles]
    data = pd.concat([experiment.rows for experiment in runs])
    left, right = panel, panel.right
    if right and not drawn_lines(left, data):
        left, right = right, None
    entries += draw_lines(axes, left, runs, marks, x)
    if right and drawn_lines(right, data):
        other = axes.twinx()
        entries += draw_lines(other, right, runs, marks, x)
        other.spines.right.set_visible(True)
        other.grid(visible=False)
    if panel.legend is not None:
        unique = {str(entry.get_label()): entry for entry in entries}
        axes.legend(handles=list(unique.values()), **panel.legend)


def drawable(panels: Sequence[Panel], data: pd.DataFrame) -> list[Panel]:
    """Return the panels that have data, or at least columns if all data are NaN.

    Raises `ValueError` if the table has none of the columns.
    """
    shown = [p for p in panels if drawn_lines(p, data) or (p.right and drawn_lines(p.right, data))]
    shown = shown or [panel for panel in panels if any(line.column in data for line in panel.lines)]
    if not shown:
        columns = ", ".join(line.column for panel in panels for line in panel.lines)
        raise ValueError(f"the data have none of the columns of this figure: {columns}")
    return shown


def panel_set(
    data: pd.DataFrame,
    marks: pd.DataFrame,
    panels: Sequence[Panel],
    columns: int = 1,
    size: tuple[float, float] = (5.2, 2.1),
    x_axis: Callable[[Axes, pd.DataFrame], None] = step_axis,
) -> Figure:
    """Draw all experiments on each panel, row by row; with one column panels share the x axis."""
    shown, runs = drawable(panels, data), several(data)
    if columns == 1:
        figure, axes = new_figure(len(shown), width=size[0], height=size[1])
    else:
        figure, axes = grid_of(len(shown), min(columns, len(shown)), *size)
    for number, (place, panel) in enumerate(zip(axes, shown, strict=True)):
        draw_panel(place, panel, runs, marks, named=number == 0 and len(runs) > 1)
        if columns > 1 or place is axes[-1]:
            x_axis(place, data)
    return figure
