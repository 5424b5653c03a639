"""The transition of diagonal nets at the critical time, sharper and sharper as α grows."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.style import COLORS, TRUTH, new_figure
from grokking.figures.theorem_panels import curves
from grokking.measures.curves import Crossing, Evidence

LEAVES, CHANGES = 0.95, (0.25, 0.75)  # of the cosine to L2; of the relative L1 margin from its early to its late value
SHARES = (0.25, 0.5, 0.75)  # c of Theorem 3.4


def draw_sharp_classification(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Top: both directions against λt / log α at the first decay exponent; bottom: width, and the margin over Z(α)."""
    figure, (early, late, width, scale) = new_figure(2, columns=2, width=4.0, height=2.7, share="none")
    first = data[data["experiment"] == data["experiment"].iloc[0]]
    shown = first[first["alpha"].isin(chosen(first["alpha"]))]
    curves(early, shown, "relative_time", "cosine_to_l2_max_margin", "alpha", "α")
    curves(late, shown, "relative_time", "relative_l1_margin", "alpha", "α")
    for panel, name in ((early, "cosine to the $L^2$ max margin"), (late, "$L^1$ margin / largest possible")):
        panel.axvline(1, color=TRUTH, linestyle=":")
        panel.set(xlim=(0, 2), ylim=(None, 1.02), xlabel=r"$\lambda t\,/\log\alpha$", ylabel=name)
    early.legend(loc="lower left")
    draw_width(width, data)
    draw_margin(scale, data)
    return figure


def chosen(alphas: pd.Series) -> np.ndarray:
    """At most five of the scales, the smallest and the largest among them."""
    distinct = np.sort(alphas.unique())
    return distinct[np.unique(np.linspace(0, len(distinct) - 1, 5).round().astype(int))]


def transitions(data: pd.DataFrame) -> pd.DataFrame:
    """One row per net: when, in units of the critical time, it leaves the L2 direction, and how long the change takes.

    The width is the time in which the relative L1 margin goes from a quarter to three quarters of its whole change.
    """
    rows = []
    for (name, alpha, _), run in data.groupby(["experiment", "alpha", "seed"], sort=False):
        evidence = Evidence(run.assign(step=run["relative_time"]), {})
        early, last = (
            np.interp(0.25, run["relative_time"], run["relative_l1_margin"]),
            run["relative_l1_margin"].iloc[-1],
        )
        low, high = (
            Crossing("relative_l1_margin", early + share * (last - early)).read(after(evidence, 0.25))
            for share in CHANGES
        )
        left = Crossing("cosine_to_l2_max_margin", LEAVES, "down").read(after(evidence, 0.25))
        rows.append({"experiment": name, "alpha": alpha, "leaves": left, "width": high - low})
    return pd.DataFrame(rows, columns=["experiment", "alpha", "leaves", "width"])


def after(evidence: Evidence, start: float) -> Evidence:
    """The part of a run from `start` on."""
    return Evidence(evidence.table[evidence.table["step"] >= start], {})


def draw_width(axes: Axes, data: pd.DataFrame) -> None:
    """How late and how wide the transition is, in units of the critical time."""
    table = transitions(data)
    for (name, group), color in zip(table.groupby("experiment", sort=False), COLORS, strict=False):
        middle = group.groupby("alpha")[["leaves", "width"]].median()
        p = decay_exponent(data[data["experiment"] == name])
        axes.plot(middle.index, middle["leaves"], "o-", color=color, label=f"leaves $L^2$, λ = $α^{{-{p:g}}}$")
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
    first = data[data["experiment"] == data["experiment"].iloc[0]]
    for c, color in zip(SHARES, COLORS, strict=False):
        at = first[np.isclose(first["relative_time"], 1 - c)].groupby("alpha").median(numeric_only=True)
        axes.plot(at.index, at["margin_over_z"], "o-", color=color, label=f"c = {c:g}, corrected Z")
        axes.plot(at.index, at["margin_over_printed_z"], "o--", color=color, label=f"c = {c:g}, Z as printed")
    axes.axhline(1, color=TRUTH, linestyle=":")
    axes.set(xscale="log", xlabel="α", ylabel=r"$\min_i q_i\,/\,(\gamma_{ntk} Z)$")
    axes.legend(fontsize=6, handlelength=3, loc="center left", bbox_to_anchor=(1, 0.5))
