"""The figures of Gromov 2023 of sweeps, whose table has a row for each trained net."""

from collections.abc import Callable, Sequence
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from grokking.figures.by_value import median_and_range, shades, varies
from grokking.figures.curves import ACCURACY_AXIS
from grokking.figures.data import FigureData
from grokking.figures.keys import DIAMOND, PAPER, key
from grokking.figures.kind import FigureKind
from grokking.figures.names import Series, by_dynamics, experiments, given_label
from grokking.figures.style import (
    COLORS,
    TRUTH,
    grid_of,
    ink,
    legend_below,
    log_log,
    new_figure,
    one_range,
    plain_log_x,
)
from grokking.measures.evidence import Evidence
from grokking.measures.tables import Onset
from grokking.store.source import SWEEP

GENERALISES = 0.99  # test accuracy
WIDE = 256  # a width to draw where none is known
# By the column that a sweep varies: the name of its axis, and a value's place on the axis.
SETTINGS: dict[str, tuple[str, Callable[["pd.Series[float]"], "pd.Series[float]"]]] = {
    "width": ("width N", lambda x: x),
    "learning_rate": ("learning rate η / median", lambda x: x / x.median()),
    "momentum": ("1 - μ or 1 - β₁", lambda x: 1 - x),
    "weight_decay": ("decay", lambda x: x),
    "epsilon": ("ε", lambda x: x),
    "beta2": ("1 - β₂", lambda x: 1 - x),
    "l2": ("L2 coefficient", lambda x: x),
    "init_scale": ("scale of initialisation", lambda x: x),
    "observed": ("data fraction α", lambda x: x),
    "p": ("modulus p", lambda x: x),
}


@FigureKind("fraction_and_width", takes=("sweep", "wave_accuracy"))
def figure_4(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Figure 4: grokking time against data fraction (4a); test accuracy against width (4b)."""
    figure, (time, accuracy) = new_figure(1, columns=2, width=4.2, height=3.2, share="none")
    for nets in by_dynamics(data.of(SWEEP)):
        if varies(nets.rows, "observed"):
            draw_times(time, nets)
        if varies(nets.rows, "width") or not varies(nets.rows, "observed"):
            draw_accuracy(accuracy, nets, "test_accuracy")
    for _, rows in experiments(data.of("wave_accuracy")):
        draw_accuracy(accuracy, Series(given_label(rows) or "closed form (all pairs)", COLORS[4], rows), "accuracy")
    known = marks[marks["column"] == "grokked"]
    if len(known):
        time.plot(known["x"], known["value"], mfc="white", mec=ink(), zorder=5, label=PAPER, **DIAMOND)
    time.set(yscale="log", xlabel="data fraction α", ylabel="epochs to test accuracy 99 %")
    accuracy.set(xscale="log", xlabel="width N", ylabel="test accuracy", ylim=(-0.03, 1.03))
    for panel in (time, accuracy):
        if panel.get_lines():
            panel.legend(handles=[*panel.get_legend_handles_labels()[0], *crosses(panel)])
    return figure


def crosses(*axes: Axes) -> list[Line2D]:
    """Return a legend entry for the crosses on panels, if there are any."""
    lines = [line for panel in axes for line in panel.get_lines() if line.get_marker() == "x"]
    drawn = any(np.size(line.get_xdata()) for line in lines)
    return [key("not within the budget", marker="x")] if drawn else []


def draw_times(axes: Axes, nets: Series) -> None:
    """Draw grokking times as points, their median as a line, and a cross at the budget if none."""
    grokked, not_grokked = nets.rows.dropna(subset=["grokked"]), nets.rows[nets.rows["grokked"].isna()]
    middle = grokked.groupby("observed")["grokked"].median()
    axes.plot(middle.index, middle, color=nets.color, label=nets.label)
    axes.plot(grokked["observed"], grokked["grokked"], "o", ms=3, color=nets.color)
    axes.plot(not_grokked["observed"], not_grokked["budget"], "x", ms=5, color=nets.color)


def draw_accuracy(axes: Axes, nets: Series, column: str) -> None:
    """Draw the median and range over seeds of a column against the width."""
    median_and_range(axes, nets.rows, "width", column, nets.label, nets.color, marker="o", markersize=4)


@FigureKind("critical_fraction", takes=("sweep",))
def critical_fraction(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Left: share of seeds that grok; right: critical fraction of each seed against the modulus.

    The critical fraction is the smallest from which on every net groks. The paper states without
    data that it falls with the modulus.
    """
    figure, (share, critical) = new_figure(1, columns=2, width=3.8, height=2.9, share="none")
    moduli = shades(data.rows["p"])
    for _, nets in experiments(data.rows):
        for p, rows in nets.groupby("p"):
            mean = rows.groupby("observed")["has_grokked"].mean()
            label = " ".join(filter(None, [given_label(nets), f"p = {p:g}"]))
            share.plot(mean.index, mean, "o-", ms=3, lw=1, color=moduli[p], label=label)
    share.set(xlabel="data fraction α", ylabel="share of nets that grok")
    share.legend(fontsize=7)
    for line, points in critical_fractions(data.rows).groupby("line", sort=False):
        middle = points.groupby("p")["fraction"].median()
        critical.plot(middle.index, middle, color=TRUTH, lw=1, label=line)
        critical.vlines(points["p"], points["below"], points["fraction"], color=COLORS[0], lw=4, alpha=0.5)
        critical.plot(points["p"], points["fraction"], "o", color=COLORS[0], ms=4)
    plain_log_x(critical, "modulus p (log axis)")
    critical.set_xticks(list(moduli), [f"{p:g}" for p in moduli])
    critical.minorticks_off()
    critical.set(ylabel="critical fraction", ylim=(0, None))
    return figure


def critical_fractions(data: pd.DataFrame) -> pd.DataFrame:
    """The critical `fraction` by dynamics (`line`), `p` and seed, without seeds that have none.

    It lies above `below`, the next smaller fraction that was tried.
    """
    onset, rows = Onset("has_grokked", "observed"), []
    for nets in by_dynamics(data):
        for (p, _), tried in nets.rows.groupby(["p", "seed"]):
            fraction = onset.read(Evidence(tried, {}))
            smaller = tried.loc[tried["observed"] < fraction, "observed"]
            below = smaller.max() if len(smaller) else fraction
            rows.append({"line": nets.label, "p": p, "fraction": fraction, "below": below})
    return pd.DataFrame(rows, columns=["line", "p", "fraction", "below"]).dropna()


@FigureKind("ipr_and_accuracy", takes=("sweep",))
def ipr_and_accuracy(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Left: final IPR and accuracy of every net; right: IPR of nets that do and do not generalise.

    Colours are dynamics, markers functions, and a point is the smaller, the narrower the net. All
    nets of a dynamics are pooled.
    """
    figure, (points, strips) = new_figure(1, columns=2, width=3.9, height=3.1, share="none")
    together = data.rows.drop(columns="label", errors="ignore").assign(experiment=data.rows["dynamics"])
    together = together.assign(function=data.rows.get("function")).reset_index(drop=True)
    functions = dict(zip(together["function"].dropna().unique(), cycle("o^sDv"), strict=False))
    groups = list(by_dynamics(together))
    for number, nets in enumerate(groups):
        ipr, accuracy = nets.rows["ipr"], nets.rows["test_accuracy"]
        correlation = f"ρ = {ipr.corr(accuracy, method='spearman'):.2f}"
        points.plot([], [], "o", color=nets.color, label=f"{nets.label}, {correlation}")
        height = (accuracy >= GENERALISES) + (number - (len(groups) - 1) / 2) / (len(groups) + 1)
        look = {"alpha": 0.6, "linewidth": 0, "color": nets.color}
        markers = nets.rows["function"].map(lambda function: functions.get(function, "o"))
        for marker, chosen in markers.groupby(markers):
            shown = chosen.index
            sizes = size_of(nets.rows.loc[shown, "width"])
            points.scatter(ipr[shown], accuracy[shown], sizes, marker=marker, **look)
            strips.scatter(ipr[shown], height[shown], sizes, marker=marker, **look)
    for function, marker in functions.items():
        points.plot([], [], marker, color=TRUTH, label=written(function))
    points.set(xlabel="IPR at the end", ylabel="test accuracy at the end", xscale="log", ylim=ACCURACY_AXIS)
    strips.set(xlabel="IPR at the end", xscale="log", ylim=(-0.6, 1.6))
    strips.set_yticks([0, 1], ["below\n99 %", "99 % or\nmore"])
    strips.set_ylabel("test accuracy at the end")
    points.legend(fontsize=7)
    legend_below(figure, points)
    return figure


def size_of(width: "pd.Series[float]") -> "pd.Series[float]":
    """Return the area of a point for each width: 6 for 10 neurons, 40 for 500."""
    return (20 * np.log10(width.fillna(WIDE).clip(lower=10)) - 14).clip(lower=6)


def written(function: str) -> str:
    """Return a function of n and m as papers write it: n² + m² for n^2 + m^2."""
    return function.replace("^2", "²").replace("^3", "³").replace("*", "")


@FigureKind(
    "sensitivity",
    takes=("sweep",),
    varied=(
        "width", "learning_rate", "momentum", "beta1", "weight_decay", "epsilon", "beta2", "l2", "init_scale",
        "observed", "p",
    ),
)  # fmt: skip
def sensitivity(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Epochs to test accuracy 99 % against each varied setting; crosses: not within the budget."""
    sweeps = list(by_dynamics(with_momentum(data.rows)))
    shown = [setting for setting in SETTINGS if any(varies(nets.rows, setting) for nets in sweeps)]
    figure, axes = grid_of(len(shown), min(3, len(shown)), 3.1, 2.5)
    for panel, setting in zip(axes, shown, strict=True):
        label, place = SETTINGS[setting]
        for nets in sweeps:
            if varies(nets.rows, setting):
                values = nets.rows[setting]
                draw_costs(panel, nets, place(values), values == default_of(nets.label, sweeps, setting))
        log_log(panel)
        plain_log_x(panel, label)
        panel.set(ylabel="epochs to 99 %")
    if axes:
        one_range(axes)
        entries = {one.get_label(): one for panel in axes for one in panel.get_legend_handles_labels()[0]}
        axes[0].legend(handles=[*entries.values(), *crosses(*axes)])
        legend_below(figure, axes[0], columns=5)
    return figure


def default_of(label: str, sweeps: Sequence[Series], setting: str) -> float:
    """Return the value of a setting in the sweeps of other settings with one label; NaN if unknown."""
    others = [nets.rows[setting] for nets in sweeps if nets.label == label and not varies(nets.rows, setting)]
    known = pd.concat(others).dropna() if others else pd.Series(dtype=float)
    return float(known.mode().iloc[0]) if len(known) else float("nan")


def with_momentum(data: pd.DataFrame) -> pd.DataFrame:
    """`data` with Adam's β₁ in the column `momentum`."""
    return data.assign(momentum=data["momentum"].fillna(data["beta1"]))


def draw_costs(axes: Axes, nets: Series, places: "pd.Series[float]", standard: "pd.Series[bool]") -> None:
    """Draw nets as points, or crosses at the budget, and the median of each setting as a line.

    The line leaves out settings with which most nets do not grok. The nets of the `standard`
    setting have a ring.
    """
    costs, grokked = nets.rows["cost"], nets.rows["has_grokked"] == 1
    middle = costs.groupby(places).median()[grokked.groupby(places).mean() > 0.5]
    axes.plot(middle.index, middle, color=nets.color, label=nets.label)
    for marker, chosen in (("o", grokked), ("x", ~grokked)):
        axes.plot(places[chosen], costs[chosen], marker, ms=4, color=nets.color)
    if standard.any():
        axes.plot(places[standard], costs[standard], "o", ms=9, mfc="none", mec=ink(), label="in all other panels")
