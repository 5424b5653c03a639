"""The figures of Gromov 2023 of runs and of neurons; `gromov2023_sweeps` has those of sweeps."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from grokking.figures.by_value import has, in_epochs, median_and_range
from grokking.figures.curves import ACCURACIES, Line, Panel, Runs, draw_panel, drawable, panel_set
from grokking.figures.data import FigureData
from grokking.figures.kind import FigureKind
from grokking.figures.names import by_dynamics, experiments, given_label
from grokking.figures.style import (
    COLORS,
    LATE,
    TEST,
    TRAIN,
    TRUTH,
    colors,
    ink,
    legend_below,
    new_figure,
    one_range,
    step_axis,
)
from grokking.measures.evidence import Evidence, NothingObserved
from grokking.measures.regimes import bounds

LOSSES = (Line("train_loss", "train", TRAIN), Line("test_loss", "test", TEST))
SUMS, PHASES = 64, 20  # bins from -π to π
VISIBLE = 0.02  # share of the range of all curves
SMALL = 1e-3  # numbers below are shown in units of a power of ten
REGIMES = ("slow", "transition", "fast", "saturation")
AMPLITUDES = {"printed": "weights as printed", "unit_peak": "weights scaled to output peak 1"}
ACTIVATIONS = {"relu": "ReLU", "gelu": "GELU"}


@FigureKind("quadratic_dynamics", takes=("operation",))
def figure_1(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figure 1 of Gromov 2023, with the paper's values `marks`.

    Its four panels show losses, weight norms, accuracies and gradient norms against epochs.
    """
    first, second = COLORS[2], COLORS[3]
    norms = (
        Line("first_norm_over_start", "$W^{(1)}$", first),
        Line("second_norm_over_start", "$W^{(2)}$", second, "--"),
        Line("parameter_norm_over_start", "all weights", ink(), ":"),
    )
    columns = ("first_gradient", "second_gradient")
    factor, unit = small_unit(data.rows.reindex(columns=columns))
    gradients = tuple(
        Line(column, rf"$\nabla_{{W^{{({number})}}}}$", color, style, factor)
        for number, column, color, style in zip((1, 2), columns, (first, second), ("-", "--"), strict=True)
    )
    bottom, legend = {"ylim": (0, None)}, {"loc": "best"}
    panels = [
        Panel("loss", LOSSES, axis=bottom, legend=legend),
        Panel("norm ÷ norm at start", norms, axis=bottom, legend=legend),
        Panel("accuracy", ACCURACIES, axis=bottom, legend=legend),
        Panel(f"norm of the gradient{unit}", gradients, axis=bottom, legend=legend),
    ]
    return panel_set(relative_norms(in_epochs(data.rows)), marks, panels, columns=2, size=(3.9, 2.4), x_axis=epochs)


def relative_norms(data: pd.DataFrame) -> pd.DataFrame:
    """Return `data` with norms divided by their value at the start of the run.

    They are those of each layer and of all weights; one that is not recorded is left out.
    """
    starts = data.groupby(["experiment", "seed"], sort=False).transform("first")
    norms = [name for name in ("first_norm", "second_norm", "parameter_norm") if name in data]
    return data.assign(**{f"{name}_over_start": data[name] / starts[name] for name in norms})


def small_unit(values: pd.DataFrame) -> tuple[float, str]:
    """Return the factor that brings small values to 1 to 10, and the unit for the axis: " ($10^{-6}$)"."""
    largest = np.nanmax(values.to_numpy(dtype=float), initial=0)
    if not 0 < largest < SMALL:
        return 1.0, ""
    exponent = math.floor(math.log10(largest))
    return 10.0**-exponent, f" ($10^{{{exponent}}}$)"


def epochs(axes: Axes, data: pd.DataFrame) -> None:
    """Give `axes` a linear x axis of epochs."""
    axes.set(xlabel=epoch_name(data), xlim=(0, data["step"].max()))
    axes.xaxis.set_major_locator(MaxNLocator(4))


def epoch_name(data: pd.DataFrame) -> str:
    """Return the name of an axis of epochs, which says "t / η" if an epoch is one step."""
    return "epoch" if has(data, "epoch") else "epoch (t / η)"


@FigureKind("phase_sums", takes=("neuron_phases",))
def figure_3(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figure 3 of Gromov 2023: histograms of the phases of all neurons and seeds.

    One panel shows φ⁽¹⁾ + φ⁽²⁾ - φ⁽³⁾, the other the unconstrained phase φ⁽¹⁾ with the p-value of a
    Kolmogorov-Smirnov test for the uniform distribution.
    """
    from scipy.stats import kstest  # a second to load

    figure, (sums, single) = new_figure(1, columns=2, width=3.8, height=2.8, share="none")
    style: Mapping[str, Any] = {"range": (-np.pi, np.pi), "histtype": "step", "lw": 1.5, "density": True}
    for nets in by_dynamics(data.rows):
        spread = nets.rows["phase_error"].median()
        text = f"{nets.label}, median |sum| {spread:.2g}"
        sums.hist(nets.rows["phase_sum"], bins=SUMS, color=nets.color, label=text, **style)
        uniform = kstest(nets.rows["phase_1"], "uniform", args=(-np.pi, 2 * np.pi)).pvalue
        text = f"{nets.label}, uniform: p = {uniform:.2g}"
        single.hist(nets.rows["phase_1"], bins=PHASES, color=nets.color, label=text, **style)
    sums.set(xlabel=r"$\varphi^{(1)}_k + \varphi^{(2)}_k - \varphi^{(3)}_k$", ylabel="density of neurons")
    single.axhline(1 / (2 * np.pi), color=TRUTH, linestyle=":", label="uniform")
    single.set(xlabel=r"$\varphi^{(1)}_k$", ylabel="density of neurons")
    for panel in (sums, single):
        panel.set_xticks([-np.pi, 0, np.pi], ["-π", "0", "π"])
        panel.legend(fontsize=7, loc="upper right")
        panel.set_ylim(0, 1.5 * panel.get_ylim()[1])  # room for the legend
    return figure


@FigureKind(
    "participation",
    takes=("operation", "ipr_values"),
    most=2,
    single=("ipr_values",),
    table="grokking.report.ipr_values",
)
def figure_5(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figure 5 of Gromov 2023: IPR and accuracies in four regimes, with the values `marks`.

    Without runs it shows the IPR of the exact solution for each possible transform.
    """
    values = data.of("ipr_values")
    panels: list[Callable[[Axes], None]] = [
        partial(draw_progress, runs=in_epochs(runs), values=values, marks=marks)
        for _, runs in experiments(data.of("operation"))
    ]
    panels = panels or [partial(draw_readings, values=values)]
    figure, axes = new_figure(1, columns=len(panels), width=6.2, height=3.2, share="none")
    for panel, draw in zip(axes, panels, strict=True):
        draw(panel)
    return figure


def draw_progress(axes: Axes, runs: pd.DataFrame, values: pd.DataFrame, marks: pd.DataFrame) -> None:
    """Draw IPR and accuracies of an experiment, and dashed the exact solution's IPR if computed."""
    lines = (
        Line("ipr", "IPR", LATE),
        Line("train_accuracy", "train accuracy", TRAIN),
        Line("test_accuracy", "test accuracy", TEST),
    )

    def exact_value(axes: Axes, _: pd.DataFrame) -> list[Line2D]:
        exact = values.loc[values["transform"] == "block_rfft", "exact"].median() if len(values) else np.nan
        style = {"color": TRUTH, "linestyle": "--", "label": "IPR of the exact solution"}
        return [axes.axhline(exact, **style)] if exact == exact else []

    legend = {"loc": "upper left", "bbox_to_anchor": (0, 0.9), "fontsize": 7}
    panel = Panel("IPR, accuracy", lines, axis={"ylim": (0, 1.12)}, legend=legend, adjust=exact_value)
    draw_panel(axes, panel, [Runs("", runs)], marks)
    draw_regimes(axes, runs)
    axes.set(xscale="log", xlabel="epoch", xlim=(10, runs["step"].max()))


def regimes(run: pd.DataFrame) -> tuple[float, float, float]:
    """Return the steps at which transition, fast regime and saturation begin; NaN if unknown."""
    try:
        return bounds(Evidence(run, {}), "ipr")
    except NothingObserved:
        return math.nan, math.nan, math.nan


def draw_regimes(axes: Axes, runs: pd.DataFrame) -> None:
    """Draw a named band for each regime, with bounds that are medians over the seeds."""
    middle = np.median([regimes(run) for _, run in runs.groupby("seed")], axis=0)
    edges = [10.0, *middle, float(runs["step"].max())]
    for number, (name, left, right) in enumerate(zip(REGIMES, edges[:-1], edges[1:], strict=True)):
        if left < right:
            axes.axvspan(left, right, color=ink(), alpha=0.04 + 0.1 * (number % 2), lw=0)
            axes.text(np.sqrt(left * right), 1.06, name, ha="center", fontsize=7)


def draw_readings(axes: Axes, values: pd.DataFrame) -> None:
    """Draw the IPR of the exact solution and of random weights as bars, one for each transform."""
    shown = values.drop_duplicates("transform")
    places = np.arange(len(shown))
    axes.barh(places + 0.2, shown["exact"], 0.4, color=LATE, label="exact solution")
    axes.barh(places - 0.2, shown["random"], 0.4, color=TRUTH, label="random weights")
    for place, exact in zip(places, shown["exact"], strict=True):
        axes.text(exact, place + 0.2, f" {exact:.3g}", va="center", fontsize=7)
    axes.set_yticks(places, [name.replace("_", ", ") for name in shown["transform"]])
    axes.set(xlabel="IPR", xlim=(0, 1.15))
    axes.legend(fontsize=7, loc="upper right")


@FigureKind("wave_activations", takes=("wave_accuracy",))
def figure_6(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figure 6 of Gromov 2023: accuracy of the closed-form solution against the width.

    A panel shows one scale of the weights, a line one activation.
    """
    panels = list(data.rows.groupby(["experiment", "amplitude"], sort=False))
    figure, axes = new_figure(1, columns=len(panels), width=3.8, height=2.9, share="none")
    names = list(data.rows["activation"].unique())
    shown = dict(zip(names, colors(len(names)), strict=True))
    for panel, ((_, amplitude), rows) in zip(axes, panels, strict=True):
        for activation, nets in rows.groupby("activation", sort=False):
            color = shown[activation]
            name = ACTIVATIONS.get(activation, activation)
            median_and_range(panel, nets, "width", "accuracy", name, color, marker="o", markersize=4)
        title = given_label(rows) or AMPLITUDES.get(amplitude, amplitude)
        panel.set(xscale="log", xlabel="width N", ylabel="accuracy", ylim=(-0.03, 1.03), title=title)
        panel.legend()
    return figure


@FigureKind("learning_curves", takes=("run",))
def learning_curves(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figure 10 of Gromov 2023, or any experiments in its form, with the values `marks`.

    The panels show accuracy and loss against epochs, a column per experiment.
    """
    known = [
        Panel("accuracy", ACCURACIES, axis={"ylim": (0, 1.03)}, legend={}),
        Panel("loss", LOSSES, legend={}),
    ]
    panels = drawable(known, data.rows)
    groups = experiments(in_epochs(data.rows))
    figure, axes = new_figure(len(panels), columns=len(groups), width=3.1, height=2.2, share="none")
    start = first_change(pd.concat([rows for _, rows in groups]), panels)
    for row, panel in enumerate(panels):
        places = axes[row * len(groups) : (row + 1) * len(groups)]
        for place, (name, rows) in zip(places, groups, strict=True):
            draw_panel(place, panel, [Runs(name, rows)], marks)
            step_axis(place, rows, "epoch")
            place.set_ylim(bottom=0)
            place.set_xlim(left=min(start, rows["step"].max() / 10))
            if place is not places[0]:
                place.set_ylabel("")
            if row == 0:
                place.set_title(given_label(rows) or function_and_fraction(rows) or name.replace("_", " "))
        one_range(places)
    legend_below(figure, *axes)
    return figure


def first_change(data: pd.DataFrame, panels: Sequence[Panel]) -> float:
    """Return the power of ten before the first step at which a curve has left its start; at least 1."""
    changes = [math.inf]
    for column in (line.column for panel in panels for line in panel.lines if line.column in data):
        visible = VISIBLE * (data[column].max() - data[column].min())
        for _, run in data[data["step"] >= 1].groupby(["experiment", "seed"]):
            left = (run[column] - run[column].iloc[0]).abs() > visible
            changes += [run.loc[left, "step"].min()] if left.any() else []
    return float(10 ** np.floor(np.log10(min(changes)))) if min(changes) < math.inf else 1.0


def function_and_fraction(rows: pd.DataFrame) -> str | None:
    """Return a title such as "n² + m², α = 0.5" from the rows of an experiment.

    Returns None if the task is no modular function.
    """
    function = rows["function"].iloc[0] if "function" in rows else None
    if not isinstance(function, str):
        return None
    return f"{function.replace('^2', '²').replace('^3', '³').replace('*', '')}, α = {rows['observed'].iloc[0]:g}"


@FigureKind("closed_form_start", takes=("operation",))
def closed_form_start(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw training that starts from the closed-form solution of Gromov 2023.

    The panels show losses; accuracies and IPR; the distance of the weights from the start.
    """
    moved = (Line("moved", "moved", LATE),)
    train, test = ACCURACIES
    dashed = (train, replace(test, style="--"))
    lowest = data.rows.reindex(columns=["train_accuracy", "test_accuracy", "ipr"]).min().min() - 0.02
    panels = [
        Panel("loss", LOSSES, axis={"yscale": "log"}, legend={}),
        Panel("accuracy, IPR", (*dashed, Line("ipr", "IPR", LATE)), axis={"ylim": (min(0.9, lowest), 1.01)}, legend={}),
        Panel(r"$\|\theta - \theta_0\| \,/\, \|\theta_0\|$", moved),
    ]

    def epoch_axis(axes: Axes, data: pd.DataFrame) -> None:
        step_axis(axes, data, epoch_name(data))

    return panel_set(in_epochs(data.rows), marks, panels, columns=3, size=(3.1, 2.6), x_axis=epoch_axis)
