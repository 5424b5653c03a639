"""The figures of "Penetrating the Grokking Phenomenon", a course report of 2024."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.by_value import epoch_of, has, median_and_range, read
from grokking.figures.curves import ACCURACY_AXIS, Line, Panel, Runs, draw_panel, several
from grokking.figures.data import FigureData
from grokking.figures.kind import FigureKind
from grokking.figures.names import seeds
from grokking.figures.style import (
    COLORS,
    TEST,
    TRAIN,
    TRUTH,
    Color,
    colors,
    grid_of,
    ink,
    legend_below,
    new_figure,
    plain_log_x,
)
from grokking.measures.curves import Crossing, Sustained
from grokking.store.source import SWEEP

GENERALISED = 0.95
MIRRORED, UNMIRRORED = COLORS[4], COLORS[2]
ACCURACIES = (
    Line("train_accuracy", "training", TRAIN),
    Line("test_accuracy", "validation", TEST),
    Line("mirrored_accuracy", "validation: another order trained on", MIRRORED, ":"),
    Line("unmirrored_accuracy", "validation: no order trained on", UNMIRRORED, ":"),
)


@FigureKind("sums_by_epoch", takes=("sum",))
def by_epoch(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figures 1, 2, 5 and 7 of the course report, with its values `marks`.

    A panel per experiment shows training and validation accuracy against epochs.
    """
    rows = with_epochs(data.rows)
    runs = several(rows)
    figure, axes = grid_of(len(runs), 3 if len(runs) == 3 else min(2, len(runs)), 4.2, 2.5)
    for place, part in zip(axes, runs, strict=True):
        title = f"{part.label}, {seeds(part.rows)}"
        draw_accuracies(place, title, [Runs(part.label, part.rows)], marks, place is axes[0])
        plain_log_x(place, "epoch")
        place.set_xlim(1, rows["epoch"].max())
    legend_below(figure, axes[0])
    return figure


def with_epochs(data: pd.DataFrame) -> pd.DataFrame:
    """Return `data` with a column `epoch`, equal to the step for runs without batches."""
    return data.assign(epoch=epoch_of(data))


def draw_accuracies(axes: Axes, title: str, parts: Sequence[Runs], marks: pd.DataFrame, legend: bool) -> None:
    """Draw the accuracies of one experiment, or of several that continue one another."""
    panel = Panel("accuracy", ACCURACIES, axis={"ylim": ACCURACY_AXIS}, legend={"loc": "best"} if legend else None)
    draw_panel(axes, panel, parts, marks, x="epoch")
    axes.set_title(title)


@FigureKind("sums_in_sequence", takes=("sum",), least=2)
def one_after_another(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figure 6 of the course report, with its values `marks`.

    A panel shows the experiments with one label, one after the other. The last panel shows the last
    experiment alone.
    """
    runs = several(with_epochs(data.rows))
    panels: dict[str, list[Runs]] = {}
    for part in runs:
        panels.setdefault(part.label, []).append(Runs(part.label, part.rows))
    figure, axes = new_figure(1, columns=len(panels) + 1, width=4.0, height=2.7, share="none")
    for place, (label, parts) in zip(axes[:-1], panels.items(), strict=True):
        joined, ends = in_sequence(parts)
        title = f"{label}, {seeds(pd.concat([part.rows for part in parts]))}"
        draw_accuracies(place, title, joined, marks, place is axes[0])
        for end in ends:
            place.axvline(end, color=ink(), lw=0.8, ls="--")
        place.set_xlabel("epoch")
    draw_accuracies(axes[-1], f"{runs[-1].label}: the last part", [Runs("", runs[-1].rows)], marks, False)
    plain_log_x(axes[-1], "epoch of the last part")
    legend_below(figure, axes[0])
    return figure


def in_sequence(parts: Sequence[Runs]) -> tuple[list[Runs], list[float]]:
    """Return `parts` with epochs counted from the start of the first part, and their bounds.

    The bounds are the epochs at which one part ends and the next begins.
    """
    joined, start, ends = [], 0.0, []
    for part in parts:
        rows = part.rows.assign(epoch=part.rows["epoch"] + start)
        joined.append(Runs(part.label, rows))
        start = float(rows["epoch"].max())
        ends.append(start)
    return joined, ends[:-1]


@FigureKind("sums_by_fraction", takes=("sweep",))
def by_fraction(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figures 3 and 4 of the course report: largest validation accuracy by train fraction.

    The panels show the accuracy on all pairs and on pairs whose mirror is not in the training set.
    A line joins the best learning rates of each fraction; the others are dots. The dashed line is
    the fraction of pairs whose mirror is in the training set.
    """
    figure, axes = new_figure(1, columns=2, width=4.2, height=3.0, share="none")
    columns = {"largest_test_accuracy": "all validation pairs", "largest_unmirrored_accuracy": "pairs without a mirror"}
    for place, (column, title) in zip(axes, columns.items(), strict=True):
        for label, (color, rows) in by_label(data.rows).items():
            rows = rows.reindex(columns=["observed", "seed", column])
            place.plot(rows["observed"], rows[column], "o", ms=2, color=color, alpha=0.4)
            best = rows.groupby(["observed", "seed"], as_index=False)[column].max()
            median_and_range(place, best, "observed", column, label, color, marker="o", markersize=4)
        place.set(xlabel="data fraction α", ylabel="largest accuracy", ylim=ACCURACY_AXIS)
        place.set_title(f"{title}, {seeds(data.rows)}")
    if has(data.rows, "operands"):
        draw_mirror_share(axes[0], data.rows)
    axes[0].legend()
    legend_below(figure, axes[0], columns=5)
    return figure


@FigureKind("sums_by_sample_size", takes=("sweep", "critical_samples"))
def by_sample_size(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw the largest validation accuracy against the number of training samples, by K.

    A panel shows the sweeps with one label. The last panel shows the critical numbers of samples,
    of analyses, against p. A line joins the medians over seeds, a dot is a run. `marks` are not
    drawn.
    """
    sweeps, critical = data.of(SWEEP), data.of("critical_samples")
    panels = [] if sweeps.empty else [(label, rows) for label, (_, rows) in by_label(sweeps).items()]
    count = len(panels) + (not critical.empty)
    figure, axes = grid_of(count, min(3, count), 3.6, 2.7)
    for place, (label, rows) in zip(axes, panels, strict=False):
        draw_by_operands(place, rows, "observed", "largest_test_accuracy")
        place.set(xscale="log", xlabel="training samples", ylabel="largest accuracy", ylim=ACCURACY_AXIS)
        place.set_title(f"{label}, {seeds(rows)}")
    if not critical.empty:
        draw_by_operands(axes[-1], critical, "p", "samples")
        axes[-1].set(xscale="log", yscale="log", xlabel="modulus p", ylabel="critical number of samples")
        axes[-1].set_title(f"critical sizes, {seeds(critical)}")
    if axes[0].get_lines():
        axes[0].legend()
    legend_below(figure, axes[0])
    return figure


def draw_by_operands(axes: Axes, data: pd.DataFrame, x: str, y: str) -> None:
    """Draw the column `y` against `x`, with a colour for each number of operands K."""
    numbers = sorted(data["operands"].dropna().unique()) if has(data, "operands") else []
    for color, operands in zip(colors(len(numbers)), numbers, strict=True):
        part = data[data["operands"] == operands].reindex(columns=[x, y, "seed"])
        axes.plot(part[x], part[y], "o", ms=2, color=color, alpha=0.4)
        median_and_range(axes, part, x, y, f"K = {operands:g}", color, marker="o", markersize=4)


def draw_mirror_share(axes: Axes, data: pd.DataFrame) -> None:
    """Draw the fraction of samples whose mirror is in the training set, by train fraction."""
    fractions = np.linspace(data["observed"].min(), data["observed"].max(), 50)
    axes.plot(fractions, mirror_share(fractions, int(data["operands"].max())), "--", color=TRUTH, label="mirrors")


def by_label(data: pd.DataFrame) -> dict[str, tuple[Color, pd.DataFrame]]:
    """Return the colour and the rows of all experiments with a label, by label."""
    labels = data["label"].fillna(data["experiment"]) if "label" in data else data["experiment"]
    groups = list(data.groupby(labels, sort=False))
    return {str(label): (color, rows) for color, (label, rows) in zip(colors(len(groups)), groups, strict=True)}


def mirror_share(fractions: np.ndarray, operands: int) -> np.ndarray:
    """Return 1 - (1 - α)^(K! - 1) for train `fractions` α and K `operands`.

    It is the fraction of samples whose operands are in the training set in another order.
    """
    return 1 - (1 - fractions) ** (math.factorial(operands) - 1)


@FigureKind("times_to_generalise", takes=("sum",))
def times_to_generalise(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw the epochs to 95 % validation accuracy of every seed, a row for each experiment.

    A filled dot is where a run first reaches 95 %, an open dot where it first stays there for three
    observations, a cross the last epoch of a run that never reaches it. `marks` are not drawn.
    """
    runs = several(with_epochs(data.rows))
    figure, (axes,) = new_figure(1, width=6.0, height=0.8 + 0.26 * len(runs))
    for place, experiment in enumerate(runs):
        for _, rows in experiment.rows.groupby("seed"):
            measures = (Crossing("test_accuracy", GENERALISED), Sustained("test_accuracy", GENERALISED))
            seen = has(rows, "test_accuracy")
            first, held = (read(measure, rows, x="epoch") if seen else math.nan for measure in measures)
            axes.plot([first], [place], "o", ms=5, color=TEST)
            axes.plot([held], [place], "o", ms=8, mfc="none", color=TEST)
            if math.isnan(first):
                axes.plot([rows["epoch"].max()], [place], "x", ms=6, color=TRUTH)
    axes.set_yticks(range(len(runs)), [f"{run.label}, {seeds(run.rows)}" for run in runs])
    axes.invert_yaxis()
    plain_log_x(axes, "epochs to validation accuracy 95 %")
    return figure
