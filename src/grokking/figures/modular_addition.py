"""Figure 2 of Lyu et al. 2024: accuracy and parameter norm; and how early and late phase compare with the theory."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.style import (
    EARLY,
    LATE,
    NORM,
    TEST,
    TRAIN,
    curve,
    milestones,
    new_figure,
    paper_entry,
    step_axis,
)

Settings = list[tuple[str, object, pd.DataFrame]]  # label, dashes and runs of each experiment
DASHES: list[object] = ["-", (0, (5, 1.5)), (0, (4, 1.5, 1, 1.5)), (0, (1, 1.2))]


def draw_modular_addition(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Three stacked panels; every experiment of the figure has its own dashes."""
    figure, (accuracy, norm, theory) = new_figure(3)
    settings = named_settings(data)
    draw_accuracy(accuracy, settings, marks)
    draw_norm(norm, settings, marks)
    draw_theory(theory, settings)
    step_axis(theory, data)
    return figure


def named_settings(data: pd.DataFrame) -> Settings:
    """Each experiment, named by what tells it from the others: α or λ."""
    groups = list(data.groupby("experiment", sort=False))
    by_decay = data["weight_decay"].nunique() > 1
    named: Settings = []
    for dashes, (_, runs) in zip(DASHES, groups, strict=False):
        first = runs.iloc[0]
        label = f"λ = {first['weight_decay']:g}" if by_decay else f"He × {first['init_scale']:g}"
        named.append((label, dashes, runs))
    return named


def draw_accuracy(axes: Axes, settings: Settings, marks: pd.DataFrame) -> None:
    """Train and test accuracy in percent, on the paper's axis."""
    percent = marks.assign(value=100 * marks["value"])
    for label, dashes, runs in settings:
        for column, color in (("train_accuracy", TRAIN), ("test_accuracy", TEST)):
            curve(axes, runs.assign(**{column: 100 * runs[column]}), column, f"_{column}", color, style=dashes)
        if len(settings) > 1:
            axes.plot([], [], color="black", linestyle=dashes, label=label)
    for column, color, label in (("train_accuracy", TRAIN, "train"), ("test_accuracy", TEST, "test")):
        axes.plot([], [], color=color, label=label)
        milestones(axes, percent, column, color)
    if len(marks):
        paper_entry(axes)
    axes.set_ylabel("accuracy (%)")
    axes.set_ylim(-4, 104)
    axes.legend(loc="center left")


def draw_norm(axes: Axes, settings: Settings, marks: pd.DataFrame) -> None:
    """Parameter norm; on a log axis where the experiments start from different ones."""
    for label, dashes, runs in settings:
        curve(axes, runs, "parameter_norm", label, NORM, style=dashes)
    milestones(axes, marks, "parameter_norm", NORM)
    axes.set_ylabel("$L^2$ parameter norm", color=NORM)
    norms = pd.concat([runs["parameter_norm"] for _, _, runs in settings])
    if norms.max() > 10 * norms[norms > 0].iloc[0] or norms.max() > 1000:
        axes.set_yscale("log")
        axes.set_ylim(bottom=10)
    else:
        axes.set_ylim(bottom=0)


def draw_theory(axes: Axes, settings: Settings) -> None:
    """Margin / ‖θ‖²; and, where theory names one, the share of the test set answered as the kernel classifier does."""
    lazy = [setting for setting in settings if setting[2].get("agreement_with_kernel", pd.Series()).notna().any()]
    for _, dashes, runs in lazy:
        shown = runs.assign(agreement_with_kernel=100 * runs["agreement_with_kernel"])
        curve(axes, shown, "agreement_with_kernel", "_agreement", EARLY, style=dashes)
    right = axes.twinx() if lazy else axes
    for _, dashes, runs in settings:
        curve(right, runs.assign(margin=1e4 * runs["normalised_margin"]), "margin", "_margin", LATE, style=dashes)
    right.set_ylabel(r"$10^4 \times$ margin / $\|\theta\|^2$", color=LATE)
    right.set_ylim(bottom=-1)
    if lazy:
        axes.set_ylabel("answers as the kernel\nclassifier (% of test set)", color=EARLY)
        axes.set_ylim(0, 100)
        right.grid(visible=False)
