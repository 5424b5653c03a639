"""The figures of Lyu et al. 2024, and the delay law that its theorems predict for Figure 2.

Figures 1 to 3 have an extra panel that compares the runs with the theorems' early and late limits.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from grokking.figures.by_value import read
from grokking.figures.curves import ACCURACIES, ACCURACY_AXIS, Line, Panel, draw_panel, panel_set, several
from grokking.figures.data import FigureData
from grokking.figures.keys import key
from grokking.figures.kind import FigureKind
from grokking.figures.names import experiments
from grokking.figures.numbers import power_of_ten
from grokking.figures.style import (
    COLORS,
    EARLY,
    LATE,
    NORM,
    TEST,
    TRAIN,
    TRUTH,
    ink,
    legend_below,
    new_figure,
    one_range,
    plain_log_x,
)
from grokking.measures.curves import Crossing

NORM_LABEL = "$L^2$ parameter norm"
LOSSES = (Line("train_loss", "train loss", TRAIN), Line("test_loss", "test loss", TEST))
PAPER_LOWEST = 0.45  # lower end of the accuracy axis of Figure 1
SHORT = 147.5  # log₁₀ t at the shorter horizon of Figure 4
LAZY = 10  # smallest α that counts as a large initialisation
MEMORISED, GENERALISES = Crossing("train_accuracy", 0.99), Crossing("test_accuracy", 0.1)
SHOWN_OVER_TIME = ("train_accuracy", "test_accuracy", "parameter_norm")  # in Figure 4


def norm_panel(**axis: object) -> Panel:
    """Return the panel of the parameter norm, for a right axis with the settings `axis`."""
    return Panel(NORM_LABEL, (Line("parameter_norm", "$L^2$ norm", NORM, "--"),), axis=axis, colored=True)


@FigureKind("diagonal_net", takes=("linear",))
def figure_1(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figure 1 of Lyu et al. 2024, with the paper's values `marks`.

    The panels show accuracy; loss and parameter norm; the cosine of the weights to the max-margin
    solutions that Corollaries 3.6 and 3.7 predict for both phases.
    """
    alignment = tuple(
        line
        for name, color in (("l2", EARLY), ("l1", LATE))
        for line in (
            Line(f"cosine_to_{name}_max_margin", f"cosine to $L^{name[1]}$ max margin", color),
            Line(f"relative_{name}_margin", f"$L^{name[1]}$ margin ÷ largest possible", color, ":"),
        )
    )
    panels = [
        Panel(
            "accuracy", ACCURACIES,
            axis={"ylim": (PAPER_LOWEST, 1.04)}, legend={"loc": "center left"}, adjust=low_accuracies,
        ),
        Panel("loss", LOSSES, norm_panel(ylim=(0, None)), {"yscale": "log"}, {"loc": "lower left"}),
        Panel(
            "alignment", alignment,
            axis={"ylim": (-0.05, 1.05)}, legend={"loc": "upper left", "bbox_to_anchor": (0, 0.93)}, marked=False,
            adjust=mark_critical_time,
        ),
    ]  # fmt: skip
    return panel_set(data.rows, marks, panels, size=(5.2, 2.3))


def low_accuracies(axes: Axes, data: pd.DataFrame) -> list[Line2D]:
    """Extend the axis to accuracies below those of the paper's figure; add no legend entries."""
    lowest = data[data["step"] >= 1].filter(regex="^(train|test)_accuracy$").min().min()
    if lowest < PAPER_LOWEST:
        axes.set_ylim(bottom=lowest - 0.05)
    return []


@FigureKind("modular_addition", takes=("operation",))
def figure_2(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figure 2 of Lyu et al. 2024, with the paper's values `marks`.

    The panels show accuracy, parameter norm, and a comparison with the theory of both phases: if the
    theory has a kernel classifier for the run, the fraction of test pairs on which the net agrees
    with it, and margin / ‖θ‖² from the step on at which all training data are fitted.
    """
    norm = (Line("parameter_norm", "norm", NORM),)
    agreement = (Line("agreement_with_kernel", "agreement", EARLY),)
    margin = (Line("normalised_margin", "margin", LATE, factor=1e4),)
    rows = data.rows
    if "normalised_margin" in rows:
        rows = rows.assign(normalised_margin=rows["normalised_margin"].where(rows["normalised_margin"] > 0))
    panels = [
        Panel(
            "accuracy", ACCURACIES, axis={"ylim": ACCURACY_AXIS}, legend={"loc": "center left"}, adjust=shade_plateau
        ),
        Panel(NORM_LABEL, norm, adjust=norm_scale, colored=True),
        Panel(
            "agreement with the\nkernel classifier", agreement,
            axis={"ylim": (0, 1)}, colored=True, marked=False,
        ),
        Panel(
            "margin ÷ $\\|\\theta\\|^2$\n($10^{-4}$)", margin,
            axis={"ylim": (0, None)}, colored=True, marked=False,
        ),
    ]  # fmt: skip
    return panel_set(rows, marks, panels, size=(5.2, 1.8))


def shade_plateau(axes: Axes, data: pd.DataFrame) -> list[Line2D]:
    """Shade the steps between memorisation and generalisation, if there is one experiment."""
    if data["experiment"].nunique() != 1:
        return []
    runs = [run for _, run in data.groupby("seed")]
    first, last = (np.median([read(event, run) for run in runs]) for event in (MEMORISED, GENERALISES))
    if first < last:
        axes.axvspan(first, last, color=ink(), alpha=0.07, lw=0)
        style: Any = {"ha": "center", "va": "center", "fontsize": "small"}
        axes.text(np.sqrt(first * last), 0.4, "memorised,\nnot yet\ngeneralised", **style)
    return []


def norm_scale(axes: Axes, data: pd.DataFrame) -> list[Line2D]:
    """Choose a log axis if the experiments start from different norms or their norms grow far."""
    norms = data["parameter_norm"]
    if norms.max() > min(1000, 10 * norms[norms > 0].head(1).sum()):
        axes.set(yscale="log", ylim=(10, None))
    else:
        axes.set(ylim=(0, None))
    return []


@FigureKind("matrix_completion", takes=("completion",))
def figure_3(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figure 3 of Lyu et al. 2024, with the paper's values `marks`.

    The panels show train and test loss with the parameter norm, and the distance of the matrix W
    from the completion that theory predicts for each phase.
    """
    distances = (
        Line("distance_to_zero_filled", "to the zero-filled matrix", EARLY),
        Line("distance_to_minimum_nuclear_norm", "to the least nuclear norm", LATE),
        Line("distance_to_target", "to the table $X^*$", ink(), ":"),
    )
    right = norm_panel(ylim=(0, max(200, 1.1 * data.rows["parameter_norm"].max())))
    panels = [
        Panel(
            "mean squared error", LOSSES, right,
            axis={"ylim": (0, None)}, legend={"loc": "lower left", "bbox_to_anchor": (0.18, 0.12)},
        ),
        Panel("mean squared error", LOSSES, axis={"yscale": "log"}),
        Panel(
            r"distance ÷ $\|X^*\|_F$", distances,
            axis={"yscale": "log"}, legend={"loc": "lower center"}, adjust=mark_critical_time, marked=False,
        ),
    ]  # fmt: skip
    return panel_set(data.rows, marks, panels, size=(5.2, 2.3))


def mark_critical_time(axes: Axes, data: pd.DataFrame) -> list[Line2D]:
    """Draw a line at the critical time (1/λ) log α of each experiment that reaches it."""
    entries: list[Line2D] = []
    for _, rows in experiments(data):
        end = rows.iloc[-1]
        if end.get("relative_time", 0) >= 1:  # relative_time is linear in the step
            style: Any = {"color": ink(), "linewidth": 0.8, "linestyle": ":"}
            axes.axvline(end["step"] / end["relative_time"], **style)
            entries = [key(r"critical time $\frac{1}{\lambda}\log\alpha$", **style)]
    return entries


@FigureKind("no_weight_decay", takes=("operation",))
def figure_4(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figure 4 of Lyu et al. 2024, accuracy and norm against log₁₀ t, with the values `marks`.

    Panel (a) has a linear axis up to the paper's shorter horizon, panel (b) a log axis.
    """
    figure, (short, long) = new_figure(1, columns=2, width=4.8, height=3.2, share="none")
    rows = at_common_times(with_log_time(data.rows))
    end = rows["log10_time"].max()
    near, within = rows[rows["log10_time"] <= 1.1 * SHORT], marks[marks["x"] <= SHORT]
    draw_log_time(short, near, within, "linear", 1000, legend={})
    short.set(xlim=(0, min(SHORT, end)), title="up to $t = 10^{147}$")
    draw_log_time(long, rows, marks, "log", 2e4)
    long.set(xscale="log", xlim=(1, np.fmax(end, 1.1)), title="the whole run")
    long.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"$10^{{{x:g}}}$"))
    long.set_xlabel("time $1 + t$ (its exponent on a log axis)")
    legend_below(figure, short)
    return figure


def with_log_time(data: pd.DataFrame) -> pd.DataFrame:
    """Return `data` with log₁₀(1 + t) in `log10_time`, computed where only t is recorded."""
    log_time = np.log10(1 + data["time"])
    return data.assign(log10_time=data["log10_time"].fillna(log_time) if "log10_time" in data else log_time)


def at_common_times(data: pd.DataFrame) -> pd.DataFrame:
    """Interpolate all seeds of each experiment to common values of log₁₀ t.

    At a given step the seeds differ in t. The common values reach from the time when all seeds have
    passed step 1, before which nothing is drawn, to the end of the shortest run.
    """
    parts = []
    for _, runs in data.groupby("experiment", sort=False):
        shown = runs[runs["step"] >= 1].groupby("seed")["log10_time"]
        times = np.unique(runs.loc[runs["log10_time"].between(shown.min().max(), shown.max().min()), "log10_time"])
        for _, run in runs.groupby("seed", sort=False):
            known = run["log10_time"]
            columns = {name: np.interp(times, known, run[name]) for name in ("step", *SHOWN_OVER_TIME)}
            parts.append(run.iloc[[0] * len(times)].assign(log10_time=times, **columns))
    return pd.concat(parts, ignore_index=True)


def draw_log_time(
    axes: Axes, data: pd.DataFrame, marks: pd.DataFrame, scale: str, highest: float, legend: Any = None
) -> None:
    """Draw accuracies and norm against log₁₀ t; the norm's axis covers the paper's range."""
    norms = data["parameter_norm"]
    right = norm_panel(yscale=scale, ylim=(min(46, norms.min()), max(highest, norms.max())))
    panel = Panel("accuracy", ACCURACIES, right, axis={"ylim": ACCURACY_AXIS}, legend=legend)
    runs = several(data)
    if runs:  # empty if all runs ended at step 0
        draw_panel(axes, panel, runs, marks, x="log10_time", named=len(runs) > 1)
    axes.set_xlabel(r"$\log_{10}(1 + t)$")


@FigureKind("delay_law", takes=("operation",))
def delay_law(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw the law of the delay that the theorems of Lyu et al. 2024 predict for Figure 2.

    t₅₀ is the time at which test accuracy passes 50 %. The left panel shows λt₅₀ against α at one λ,
    the right one against λ at α = 10, both on one axis, beside what the theorems predict as α → ∞:
    λt₅₀ = log α + constant. The constant is that of the runs with α ≥ 10. `marks` are not drawn.
    """
    figure, axes = new_figure(1, columns=2, width=4.0, height=3.0, share="none")
    delays = delay_times(data.rows)
    at_one_decay = delays[delays["weight_decay"] == delays["weight_decay"].min()]
    known = [(axes[0], at_one_decay, "init_scale"), (axes[1], delays[delays["init_scale"] == LAZY], "weight_decay")]
    for panel, shown, column in known:
        draw_delays(panel, shown, column)
    axes[0].set_title(f"λ = {power_of_ten(delays['weight_decay'].min())}" if len(delays) else "")
    axes[1].set_title(f"He × {LAZY}")
    one_range(axes)
    return figure


def delay_times(data: pd.DataFrame) -> pd.DataFrame:
    """Return α (`init_scale`), λ (`weight_decay`) and t₅₀ (`time`) of each run that generalises.

    t₅₀ = η · step is the time at which test accuracy passes 50 %. Runs with λ = 0 are left out.
    """
    rows = []
    for _, run in data.groupby(["experiment", "seed"], sort=False):
        step = read(Crossing("test_accuracy", 0.5), run)
        last = run.iloc[-1]
        time = step * last["time"] / last["step"]
        rows.append({"init_scale": last["init_scale"], "weight_decay": last["weight_decay"], "time": time})
    delays = pd.DataFrame(rows, columns=["init_scale", "weight_decay", "time"], dtype=float).dropna()
    return delays[delays["weight_decay"] > 0]


def draw_delays(axes: Axes, delays: pd.DataFrame, column: str) -> None:
    """Draw λt₅₀ against α or λ, a point for each run, and the predicted line."""
    times, lazy = delays["weight_decay"] * delays["time"], delays[delays["init_scale"] >= LAZY]
    axes.plot(delays[column], times, "o", color=COLORS[0], label="runs")
    if len(lazy):
        constant = (lazy["weight_decay"] * lazy["time"] - np.log(lazy["init_scale"])).median()
        ends = lazy.groupby(column)["init_scale"].first().sort_index()
        predicted = np.log(ends) + constant
        axes.plot(ends.index, predicted, "--", color=TRUTH, label=r"predicted: $\log\alpha\,+$ constant")
    plain_log_x(axes, {"init_scale": "scale of initialisation α (He × α)", "weight_decay": "weight decay λ"}[column])
    axes.set_ylabel(r"$\lambda\, t_{50\,\%}$")
    axes.legend(loc="lower right")
