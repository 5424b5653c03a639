"""KKT residuals, label noise (Theorem B.1) and sample sizes (Appendix E) of Lyu et al. 2024."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.by_value import curves, has, power_law
from grokking.figures.curves import Line, Panel, Runs, draw_panel
from grokking.figures.data import FigureData
from grokking.figures.kind import FigureKind
from grokking.figures.names import experiments, given_label, is_reference
from grokking.figures.numbers import percent
from grokking.figures.style import (
    LATE,
    NORM,
    TRUTH,
    colors,
    grid_of,
    legend_below,
    log_log,
    new_figure,
    one_range,
    plain_log_x,
    step_axis,
)

SCALES = {1: r"$n \,/\, (k^2 \log d)$", 2: r"$n \,/\, (k d)$"}
LINEAR = 0.01  # test errors below are on a linear axis, which shows 0
FOUND = "n_at_"  # a column is this prefix and a test error


@FigureKind("kkt", takes=("linear", "completion", "operation"))
def kkt(data: FigureData, marks: pd.DataFrame) -> Figure:
    """The residuals of (R1) and (R2), Theorems 3.5 and 3.10, a panel for each experiment.

    They are 1 - cos(θ, -∇ℒ) and the complementarity of the margins. `marks` are not drawn.
    """
    lines = (
        Line("stationarity", "1 - cos(θ, -∇ℒ)", NORM),
        Line("complementarity", "mean margin of the multipliers ÷ smallest margin - 1", LATE, "--"),
    )
    residuals = Panel("KKT residual", lines, axis={"yscale": "log"}, legend={}, marked=False)
    groups = experiments(data.rows)
    figure, axes = grid_of(len(groups), min(3, len(groups)), 3.0, 2.4)
    for panel, (name, rows) in zip(axes, groups, strict=True):
        shown = rows.assign(stationarity=1 - rows["gradient_cosine"]) if "gradient_cosine" in rows else rows
        draw_panel(panel, residuals, [Runs(name, shown)], marks)
        step_axis(panel, rows)
        panel.set_title(given_label(rows) or name)
    one_range(axes)
    legend_below(figure, *axes)
    return figure


@FigureKind("label_noise", takes=("regression",), least=2, reference=True)
def label_noise(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Population loss against η² · steps; distance from the flow's limit, if known.

    Label-noise SGD is near the limit of gradient flow at times T/η^a, a < 2, and near the sparse
    solution at T/η², without a sharp transition (Theorem B.1). The figure's reference is the flow.
    """
    rows = data.rows
    named = has(rows, "distance_to_flow")
    figure, (losses, *others) = new_figure(1, columns=2 if named else 1, width=4.0, height=2.9, share="none")
    flow, noisy = rows[is_reference(rows)], rows[~is_reference(rows)]
    limit = flow.groupby("seed")["population_loss"].last().median()
    settled = noisy[noisy["time"] >= 1]  # earlier the flow has not converged
    eta, step = settled["learning_rate"], settled["step"]
    settled = settled.assign(slow_time=eta**2 * step, middle_time=eta**1.5 * step)
    curves(losses, settled, "slow_time", "population_loss", "learning_rate", "η")
    losses.axhline(limit, color=TRUTH, linestyle=":", label="limit of gradient flow")
    losses.set(xscale="log", xlabel=r"$\eta^2 \cdot$ steps", ylabel="population loss", yscale="log")
    losses.legend(fontsize=7, loc="lower left")
    for distance in others:
        curves(distance, settled, "middle_time", "distance_to_flow", "learning_rate", "η")
        distance.set(xscale="log", xlabel=r"$\eta^{3/2} \cdot$ steps")
        distance.set(yscale="log", ylabel="distance from gradient flow's limit")
    return figure


@FigureKind("generalisation", takes=("sample_complexity",), table="grokking.report.sample_sizes")
def generalisation(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Test error and bound; samples needed; complexity over its bound. A row per experiment."""
    groups = experiments(data.rows)
    figure, axes = new_figure(len(groups), columns=3, width=3.3, height=2.6, share="none")
    for row, (_, rows) in enumerate(groups):
        norm = int(rows["norm"].iloc[0])
        error, samples, complexity = axes[3 * row : 3 * row + 3]
        draw_error(error, rows, norm)
        draw_samples(samples, rows, norm)
        curves(complexity, rows, "multiple", "rademacher_over_bound", "d", "d")
        complexity.axhline(1, color=TRUTH, linestyle=":", label="bound")
        complexity.set(ylabel=f"complexity of $F_{norm}$ ÷ bound (E.3)")
        plain_log_x(complexity, SCALES[norm])
        complexity.legend(fontsize=7)
    return figure


def draw_error(axes: Axes, rows: pd.DataFrame, norm: int) -> None:
    """Draw the test error of every d at the smallest k, and the bound, vacuous above 1."""
    sparsest = rows[rows["k"] == rows["k"].min()]
    curves(axes, sparsest, "multiple", "test_error", "d", "d")
    bound = sparsest.groupby("multiple")["error_bound"].median()
    axes.plot(bound.index, bound, "--", color=TRUTH, label=f"bound E.{3 + norm}")
    axes.axhline(1, color=TRUTH, linestyle=":", label="vacuous above")
    plain_log_x(axes, SCALES[norm])
    axes.set_yscale("symlog", linthresh=LINEAR)
    axes.set(ylabel=f"test error of the $L^{norm}$ max margin\n(linear below {percent(LINEAR)})", ylim=(0, None))
    axes.legend(fontsize=7)


def draw_samples(axes: Axes, rows: pd.DataFrame, norm: int) -> None:
    """Draw the n at which the error passes each level against the theory's scale, n / multiple."""
    shown = rows.drop_duplicates(["d", "k", "seed"])
    names = [column for column in shown if column.startswith(FOUND)]
    for name, color in zip(names, colors(len(names)), strict=True):
        points = shown.dropna(subset=[name])
        label = f"error {percent(float(name.removeprefix(FOUND)))}"
        axes.plot(points["scale"], points[name], "o", color=color, ms=3, label=label)
        power_law(axes, points["scale"], points[name], "fit", color)
    log_log(axes)
    plain_log_x(axes, r"$k^2 \log d$" if norm == 1 else r"$k d$")
    axes.set(ylabel="samples needed")
    axes.legend(fontsize=7)
