"""Theorems 3.4, 3.5, 3.9, 3.10 and 3.12 of Lyu et al. 2024, and the lemmas of its Appendices C and D.

The paper has no such figures. The transitions get sharper and sharper as α grows.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.by_value import curves, has, power_law
from grokking.figures.names import experiments
from grokking.figures.style import TRUTH, colors, grid_of, log_log, new_figure
from grokking.measures.curves import Crossing
from grokking.measures.evidence import Evidence

CRITICAL = r"$\lambda t\,/\log\alpha$"
LEAVES, CHANGES = 0.95, (0.25, 0.75)  # of the cosine to L2; of the relative L1 margin from its early to its late value
BEFORE = 0.25  # of the critical time: the early value, and when the transition can begin
SHARES = (0.25, 0.5, 0.75)  # c of Theorem 3.4

Lemma = tuple[str, str, float | None]  # column, title, and what the lemma says the curve stays above
CLASSIFICATION: list[Lemma] = [
    ("c4_rate_slack", "C.4: (bound - dℒ/dt) / scale", 0),
    ("c7_rate_slack", "C.7: (dℒ/dt - bound) / scale", 0),
    ("c4_loss_slack", "C.4: bound / ℒ", 1),
    ("delta_in_c5", r"C.5: $\|δ\|\,α^L e^{-Lλt} / \log A$", None),
]
REGRESSION: list[Lemma] = [
    ("d1_loss_slack", "D.1: bound / ℒ", 1),
    ("delta_in_d2", r"D.2: $\|δ\|\,α^L e^{-Lλt}$", None),
    ("parameter_norm", r"D.8: $\|θ\|$ after the critical time", None),
]


def sharp_classification(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Top: both directions against λt / log α for the first decay exponent; bottom: width, and the margin over Z(α)."""
    figure, (early, late, width, margin) = new_figure(2, columns=2, width=4.0, height=2.7, share="none")
    first = experiments(data)[0][1]
    shown = first[first["alpha"].isin(chosen(first["alpha"]))]
    curves(early, shown, "relative_time", "cosine_to_l2_max_margin", "alpha", "α")
    curves(late, shown, "relative_time", "relative_l1_margin", "alpha", "α")
    for panel, name in ((early, "cosine to the $L^2$ max margin"), (late, "$L^1$ margin / largest possible")):
        panel.axvline(1, color=TRUTH, linestyle=":")
        panel.set(xlim=(0, 2), ylim=(None, 1.02), xlabel=CRITICAL, ylabel=name)
    early.legend(loc="lower left")
    draw_width(width, data)
    draw_margin(margin, first)
    return figure


def chosen(alphas: "pd.Series[float]") -> np.ndarray:
    """At most five of the scales, the smallest and the largest among them."""
    distinct = np.sort(alphas.unique())
    return distinct[np.unique(np.linspace(0, len(distinct) - 1, 5).round().astype(int))]


def transitions(data: pd.DataFrame) -> pd.DataFrame:
    """One row per net: when, in units of the critical time, it leaves the L2 direction, and how long the change takes.

    The width is the time in which the relative L1 margin goes from a quarter to three quarters of its whole change.
    """
    rows = []
    for (name, alpha, _), run in data.groupby(["experiment", "alpha", "seed"], sort=False):
        time, margin = run["relative_time"], run["relative_l1_margin"]
        early, last = np.interp(BEFORE, time, margin), margin.iloc[-1]
        evidence = Evidence(run.assign(step=time)[time >= BEFORE], {})
        low, high = (Crossing("relative_l1_margin", early + share * (last - early)).read(evidence) for share in CHANGES)
        left = Crossing("cosine_to_l2_max_margin", LEAVES, "down").read(evidence)
        rows.append({"experiment": name, "alpha": alpha, "leaves": left, "width": high - low})
    return pd.DataFrame(rows, columns=["experiment", "alpha", "leaves", "width"])


def draw_width(axes: Axes, data: pd.DataFrame) -> None:
    """How late and how wide the transition is, in units of the critical time."""
    groups = experiments(data)
    for (_, rows), color in zip(groups, colors(len(groups)), strict=True):
        middle = transitions(rows).groupby("alpha")[["leaves", "width"]].median()
        label = f"leaves $L^2$, λ = $α^{{-{decay_exponent(rows):g}}}$"
        axes.plot(middle.index, middle["leaves"], "o-", color=color, label=label)
        axes.plot(middle.index, middle["width"], "o--", color=color, label="width of the change")
    axes.axhline(1, color=TRUTH, linestyle=":")
    axes.set(xscale="log", ylim=(0, None), xlabel="α", ylabel=r"in units of $\log\alpha\,/\lambda$")
    axes.legend(fontsize=7, handlelength=3)


def decay_exponent(data: pd.DataFrame) -> float:
    """p of λ = α^-p."""
    row = data.iloc[0]
    return round(float(-np.log(row["weight_decay"]) / np.log(row["alpha"])), 6)


def draw_margin(axes: Axes, data: pd.DataFrame) -> None:
    """The smallest margin over γ Z(α) at three times before the transition: as printed, and as the proof gives it."""
    for c, color in zip(SHARES, colors(len(SHARES)), strict=True):
        at = data[np.isclose(data["relative_time"], 1 - c)].groupby("alpha").median(numeric_only=True)
        axes.plot(at.index, at["margin_over_z"], "o-", color=color, label=f"c = {c:g}, corrected Z")
        axes.plot(at.index, at["margin_over_printed_z"], "o--", color=color, label=f"c = {c:g}, Z as printed")
    axes.axhline(1, color=TRUTH, linestyle=":")
    axes.set(xscale="log", xlabel="α", ylabel=r"$\min_i q_i\,/\,(\gamma_{ntk} Z)$")
    axes.legend(fontsize=6, handlelength=3)


def sharp_regression(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Distance to both completions along the paths; the limit's error against λ; recovery against rank and entries.

    Each experiment has panels of its own, two of them if it is a path.
    """
    panels: list[Callable[[Axes], None]] = []
    for _, rows in experiments(data):
        if has(rows, "distance_to_zero_filled"):
            panels.append(partial(draw_path, data=rows, column="distance_to_zero_filled", name="zero filling"))
            least = partial(draw_path, column="distance_to_least_nuclear_norm", name="least nuclear norm", named=True)
            panels.append(partial(least, data=rows))
        panels += [partial(draw_decay, data=rows)] if has(rows, "relative_error") else []
        panels += [partial(draw_phases, data=rows)] if has(rows, "recovered") else []
    figure, axes = grid_of(len(panels), 2, 4.0, 2.7)
    for own, draw in zip(axes, panels, strict=True):
        draw(own)
    return figure


def draw_path(axes: Axes, data: pd.DataFrame, column: str, name: str, named: bool = False) -> None:
    """The distance to one completion against λt / log α."""
    curves(axes, data, "relative_time", column, "alpha", "α")
    axes.axvline(1, color=TRUTH, linestyle=":")
    axes.set(yscale="log", xlim=(0, 2), xlabel=CRITICAL, ylabel=f"distance to {name}")
    if named:
        axes.legend(loc="lower left")


def draw_decay(axes: Axes, data: pd.DataFrame) -> None:
    """The error of the flow's limit against λ, beside the power of Theorem 3.12."""
    axes.plot(data["weight_decay"], data["relative_error"], "o", color=colors(1)[0], label="limit of the flow")
    power_law(axes, data["weight_decay"], data["relative_error"], "fit")
    x = np.array([data["weight_decay"].min(), data["weight_decay"].max()])
    axes.plot(x, data["relative_error"].max() * np.sqrt(x / x[-1]), ":", color=TRUTH, label="√λ of the bound")
    log_log(axes)
    axes.set(xlabel="λ", ylabel=r"$\|W - X^*\|_F / \|X^*\|_F$")
    axes.legend()


def draw_phases(axes: Axes, data: pd.DataFrame) -> None:
    """The share of draws whose completion of least nuclear norm is X*."""
    import seaborn as sns  # a second to load

    whole = data.astype({"rank": int, "entries": int})
    table = whole.pivot_table(index="rank", columns="entries", values="recovered")
    sns.heatmap(table, ax=axes, vmin=0, vmax=1, cmap="viridis", cbar_kws={"label": "recovered"})
    axes.invert_yaxis()
    axes.set(xlabel="observed entries", ylabel="rank")
    axes.grid(False)


def lemmas(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Lemmas C.4, C.5, C.7 or D.1, D.2, D.8 as inequalities, a row for each experiment.

    Each over the times for which it is stated: in the ball where the kernel is nearly constant, or after the critical
    time.
    """
    groups = experiments(data)
    columns = max(len(CLASSIFICATION), len(REGRESSION))
    figure, axes = new_figure(len(groups), columns=columns, width=2.9, height=2.4, share="none")
    for row, (_, rows) in enumerate(groups):
        stated = CLASSIFICATION if has(rows, CLASSIFICATION[0][0]) else REGRESSION
        places = axes[columns * row : columns * (row + 1)]
        panels, empty = places[: len(stated)], places[len(stated) :]
        for panel, lemma in zip(panels, stated, strict=True):
            draw_lemma(panel, rows, *lemma)
        panels[-1].legend(fontsize=6)
        for place in empty:
            place.set_axis_off()
    return figure


def draw_lemma(axes: Axes, data: pd.DataFrame, column: str, title: str, floor: float | None) -> None:
    """One lemma's slack or constant, a curve for each α."""
    late = column == "parameter_norm"
    rows = data[data["relative_time"] >= 1] if late else data[data["in_kernel_ball"] == 1]
    curves(axes, rows.dropna(subset=[column]), "relative_time", column, "alpha", "α")
    axes.set(xlabel=CRITICAL, ylabel="", yscale="log" if floor == 1 else "linear")
    axes.set_title(title, fontsize=9)
    if floor is not None:
        axes.axhline(floor, color=TRUTH, linestyle=":")
