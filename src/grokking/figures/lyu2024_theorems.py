"""Theorems 3.4, 3.5, 3.9, 3.10 and 3.12 of Lyu et al. 2024, and lemmas of Appendices C and D.

The paper has no such figures. The transitions sharpen as α grows.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.by_value import curves, median_and_range, power_law, read
from grokking.figures.data import FigureData
from grokking.figures.kind import FigureKind
from grokking.figures.names import experiments, seeds
from grokking.figures.style import COLORS, TRUTH, Color, Dashes, colors, dashes, grid_of, log_log, new_figure
from grokking.measures.curves import Crossing

Look = tuple[Color, str, Dashes]  # colour, marker, line style
LOOKS: list[Look] = list(zip(COLORS, "os^", dashes(3), strict=False))

CRITICAL = r"$\lambda t\,/\log\alpha$"
LEAVES = 0.95  # cosine to the L2 max margin
CHANGES = (0.25, 0.75)  # shares of the change of the relative L1 margin, early to late
START = 0.01  # share of the critical time: earlier the net has not yet turned to the L2 max margin
BEFORE = 0.25  # share of the critical time: the early value is read here, the transition later
SHARES = (0.25, 0.5, 0.75)  # c of Theorem 3.4

C, D = "classification_transition", "regression_transition"
# Panels of the figure of lemmas: the extreme over time that they show, its name, the bound.
EXTREMES = (
    ("min", "smallest gap ÷ larger side", 0.0),
    ("min", r"smallest bound ÷ $\mathcal{L}$", 1.0),
    ("max", "largest value (constant not stated)", None),
)
# Analysis, column, panel, name.
LEMMAS = (
    (C, "c4_rate_slack", 0, r"C.4: $d\mathcal{L}/dt \leq$ bound"),
    (C, "c7_rate_slack", 0, r"C.7: $d\mathcal{L}/dt \geq$ bound"),
    (C, "c4_loss_slack", 1, r"C.4: bound ÷ $\mathcal{L}$"),
    (D, "d1_loss_slack", 1, r"D.1: bound ÷ $\mathcal{L}$"),
    (C, "delta_in_c5", 2, r"C.5: $\|\delta\|\,\alpha^L e^{-L\lambda t} ÷ \log A$"),
    (D, "delta_in_d2", 2, r"D.2: $\|\delta\|\,\alpha^L e^{-L\lambda t}$"),
    (D, "parameter_norm", 2, r"D.8: $\|\theta\|$ after the critical time"),
)
AFTER_CRITICAL = {"parameter_norm"}  # the other lemmas are stated for the time in the kernel's ball


@FigureKind("sharp_classification", takes=("classification_transition",))
def sharp_classification(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Top: alignment with both directions against λt / log α; bottom: width, margin over Z(α)."""
    figure, (early, late, width, margin) = new_figure(2, columns=2, width=4.0, height=2.7, share="none")
    first = experiments(data.rows)[0][1]
    shown = first[first["alpha"].isin(chosen(first["alpha"])) & (first["relative_time"] >= START)]
    curves(early, shown, "relative_time", "cosine_to_l2_max_margin", "alpha", "α")
    curves(late, shown, "relative_time", "relative_l1_margin", "alpha", "α")
    for panel, name in ((early, "cosine to the $L^2$ max margin"), (late, "$L^1$ margin ÷ largest possible")):
        panel.axvline(1, color=TRUTH, linestyle=":", label="critical time")
        panel.set(xlim=(START, 2), ylim=(None, 1.02), xlabel=CRITICAL, ylabel=name)
        panel.legend(loc="lower left")
    draw_width(width, data.rows)
    draw_margin(margin, first)
    return figure


def chosen(alphas: "pd.Series[float]") -> np.ndarray:
    """At most five of the distinct `alphas`, including the smallest and the largest."""
    distinct = np.sort(alphas.unique())
    return distinct[np.unique(np.linspace(0, len(distinct) - 1, 5).round().astype(int))]


def transitions(data: pd.DataFrame) -> pd.DataFrame:
    """One row per net: when it leaves the L2 direction, and the width of its transition.

    Both are in units of the critical time. The width is the time in which the relative L1 margin
    goes from a quarter to three quarters of its change.
    """
    rows = []
    for (name, alpha, _), run in data.groupby(["experiment", "alpha", "seed"], sort=False):
        time, margin = run["relative_time"], run["relative_l1_margin"]
        early, last = np.interp(BEFORE, time, margin), margin.iloc[-1]
        shown = run[time >= BEFORE]
        low, high = (time_of("relative_l1_margin", early + share * (last - early), shown) for share in CHANGES)
        left = time_of("cosine_to_l2_max_margin", LEAVES, shown, "down")
        rows.append({"experiment": name, "alpha": alpha, "leaves": left, "width": high - low})
    return pd.DataFrame(rows, columns=["experiment", "alpha", "leaves", "width"])


def time_of(column: str, level: float, run: pd.DataFrame, direction: str = "up") -> float:
    """The time at which a column of a net passes a level, in units of the critical time."""
    return read(Crossing(column, level, direction), run, x="relative_time")


def draw_width(axes: Axes, data: pd.DataFrame) -> None:
    """Draw time and width of the transition, in units of the critical time."""
    groups = experiments(data)
    for (_, rows), color in zip(groups, colors(len(groups)), strict=True):
        middle = transitions(rows).groupby("alpha")[["leaves", "width"]].median()
        decay = f"λ = $α^{{-{decay_exponent(rows):g}}}$"
        axes.plot(middle.index, middle["leaves"], "o-", ms=5, color=color, label=f"leaves $L^2$ max margin, {decay}")
        axes.plot(middle.index, middle["width"], "s--", ms=4, mfc="none", color=color, label=f"duration, {decay}")
    axes.axhline(1, color=TRUTH, linestyle=":", label="critical time")
    axes.set(xscale="log", ylim=(0, None), xlabel="α", ylabel=r"time ÷ $(\log\alpha\,/\lambda)$")
    axes.legend(fontsize=7, handlelength=3)


def decay_exponent(data: pd.DataFrame) -> float:
    """The exponent p of λ = α^-p."""
    row = data.iloc[0]
    return round(float(-np.log(row["weight_decay"]) / np.log(row["alpha"])), 6)


def draw_margin(axes: Axes, data: pd.DataFrame) -> None:
    """Draw min margin / (γ Z(α)) at three times before the transition, for both forms of Z."""
    for c, color in zip(SHARES, colors(len(SHARES)), strict=True):
        at = data[np.isclose(data["relative_time"], 1 - c)].groupby("alpha").median(numeric_only=True)
        for column, name, style in (("margin_over_z", "corrected", "o-"), ("margin_over_printed_z", "printed", "s--")):
            axes.plot(at.index, at[column], style, ms=4, mfc="none", color=color, label=f"c = {c:g}, Z {name}")
    axes.axhline(1, color=TRUTH, linestyle=":", label="Theorem 3.4")
    axes.set(xscale="log", xlabel="α", ylabel=r"smallest margin ÷ $(\gamma_{ntk}\, Z(\alpha))$")
    axes.legend(fontsize=7, handlelength=3, ncols=2)


@FigureKind("sharp_regression", takes=("regression_transition", "decay_error", "recovery"))
def sharp_regression(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Distance to both completions along a path; error of the limit against λ; recovery.

    A path has two panels, other experiments have one.
    """
    draws = {
        "regression_transition": (draw_distance_to_zero_filled, draw_distance_to_least),
        "decay_error": (draw_decay,),
        "recovery": (draw_phases,),
    }
    panels = [(draw, rows) for kind in draws for _, rows in experiments(data.of(kind)) for draw in draws[kind]]
    figure, axes = grid_of(len(panels), 2, 4.0, 2.7)
    for panel, (draw, rows) in zip(axes, panels, strict=True):
        draw(panel, rows)
    return figure


def draw_distance_to_zero_filled(axes: Axes, data: pd.DataFrame) -> None:
    """Draw the distance to the zero-filled matrix against λt / log α."""
    draw_path(axes, data, "distance_to_zero_filled", "zero filling")


def draw_distance_to_least(axes: Axes, data: pd.DataFrame) -> None:
    """Draw the distance to the completion of least nuclear norm against λt / log α."""
    draw_path(axes, data, "distance_to_least_nuclear_norm", "least nuclear norm")


def draw_path(axes: Axes, data: pd.DataFrame, column: str, name: str) -> None:
    """Draw the distance to one completion against λt / log α."""
    curves(axes, data, "relative_time", column, "alpha", "α")
    axes.axvline(1, color=TRUTH, linestyle=":", label="critical time")
    axes.set(yscale="log", xlim=(0, 2), xlabel=CRITICAL, ylabel=f"distance to {name}")
    axes.legend(loc="lower left")


def draw_decay(axes: Axes, data: pd.DataFrame) -> None:
    """Draw the error of the flow's limit against λ, and the power law of Theorem 3.12."""
    axes.plot(data["weight_decay"], data["relative_error"], "o", color=colors(1)[0], label="limit of the flow")
    power_law(axes, data["weight_decay"], data["relative_error"], "fit")
    x = np.array([data["weight_decay"].min(), data["weight_decay"].max()])
    axes.plot(x, data["relative_error"].max() * np.sqrt(x / x[-1]), ":", color=TRUTH, label="slope of the bound, √λ")
    log_log(axes)
    axes.set(xlabel="λ", ylabel=r"$\|W - X^*\|_F / \|X^*\|_F$")
    axes.legend()


def draw_phases(axes: Axes, data: pd.DataFrame) -> None:
    """Draw the share of seeds for which the completion of least nuclear norm is X*."""
    import seaborn as sns  # a second to load

    whole = data.astype({"rank": int, "entries": int})
    table = whole.pivot_table(index="rank", columns="entries", values="recovered")
    name = f"share recovered, of {seeds(data)}"
    sns.heatmap(
        table, ax=axes, vmin=0, vmax=1, cmap="viridis", annot=True, fmt=".1f", annot_kws={"fontsize": 7},
        cbar_kws={"label": name},
    )  # fmt: skip
    axes.invert_yaxis()
    axes.set(xlabel="observed entries", ylabel="rank")
    axes.grid(False)


@FigureKind("lemmas", takes=("classification_transition", "regression_transition"))
def lemmas(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Lemmas C.4, C.5, C.7, D.1, D.2 and D.8: how close runs come to each bound, against α.

    A point is the median over seeds of the extreme over the times for which the lemma is stated: in
    the ball where the kernel is nearly constant, or after the critical time.
    """
    figure, axes = new_figure(1, columns=len(EXTREMES), width=3.4, height=3.0, share="none")
    for number, (panel, (extreme, name, bound)) in enumerate(zip(axes, EXTREMES, strict=True)):
        shown = [lemma for lemma in LEMMAS if lemma[2] == number]
        for look, (kind, column, _, label) in zip(LOOKS, shown, strict=False):
            for _, rows in experiments(data.of(kind)):
                draw_lemma(panel, rows, column, extreme, label, look)
        if bound is not None:
            panel.axhline(bound, color=TRUTH, linestyle=":", label="the lemma's bound")
        panel.set(xscale="log", yscale="log" if bound != 0 else "linear", xlabel="α", ylabel=name)
        panel.margins(y=0.15)
        panel.legend(fontsize=7)
    return figure


def draw_lemma(axes: Axes, data: pd.DataFrame, column: str, extreme: str, label: str, look: Look) -> None:
    """Draw the extreme of a column over the times for which its lemma is stated, against α."""
    stated = data["relative_time"] >= 1 if column in AFTER_CRITICAL else data["in_kernel_ball"] == 1
    by_net = data[stated].dropna(subset=[column]).groupby(["alpha", "seed"])[column].agg(extreme)
    color, marker, style = look
    median_and_range(
        axes, by_net.reset_index(), "alpha", column, label, color, marker=marker, markersize=5, linestyle=style
    )
