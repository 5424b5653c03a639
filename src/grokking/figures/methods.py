"""Cost and error of the methods that follow a flow; gradient flow against gradient descent."""

from collections.abc import Sequence
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.by_value import has, read
from grokking.figures.data import FigureData
from grokking.figures.kind import FigureKind
from grokking.figures.names import experiments, first_seed, given_label, is_reference
from grokking.figures.numbers import percent
from grokking.figures.style import (
    NORM,
    TEST,
    TRAIN,
    TRUTH,
    Color,
    colors,
    legend_below,
    log_log,
    new_figure,
    one_range,
    step_axis,
)
from grokking.measures.curves import Crossing, ValueWhen

TEST_HALF = Crossing("test_accuracy", 0.5)
EVENTS = (Crossing("train_accuracy", 0.5), Crossing("train_accuracy", 0.99), TEST_HALF, Crossing("test_accuracy", 0.9))
METHODS = {
    "gradient_descent": "gradient descent",
    "adaptive_descent": "Euler, adaptive steps",
    "gradient_flow": "stabilised Runge–Kutta",
}
SMALLEST = 1e-6  # difference that is shown
SPARSE = 6  # a circle at every sixth observation


@FigureKind("work_precision", takes=("linear", "operation"), least=2, reference=True)
def work_precision(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw the error of event times against cost, one line per integration method.

    Left: train accuracy passes 50 and 99 %; right: test accuracy passes 50 and 90 %. A point is an
    experiment: its gradient evaluations until test accuracy 50 %, and the larger of the two
    relative errors |t / t_ref - 1|. t_ref is the time in the first seed of the figure's `reference`
    experiment. The dotted line is the relative standard deviation of event times over the seeds of
    the reference, the larger of the two. `marks` are not drawn.
    """
    figure, axes = new_figure(1, columns=2, width=4.2, height=3.2, share="none")
    table = event_table(data.rows)
    dynamics = [*METHODS, *(name for name in table["dynamics"].unique() if name not in METHODS)]
    for panel, column, title in zip(axes, ("train_accuracy", "test_accuracy"), ("training", "test"), strict=True):
        events = [event for event in EVENTS if event.column == column]
        shown = table[table["column"] == column]
        for name, color, marker in zip(dynamics, colors(len(dynamics)), cycle("osD^v"), strict=False):
            rows = shown[shown["dynamics"] == name]
            draw_method(panel, rows, METHODS.get(name, name.replace("_", " ")), color, marker)
        panel.margins(0.12)
        log_log(panel)
        scatter = seed_scatter(data.rows, events)
        if scatter == scatter:
            panel.axhline(scatter, color=TRUTH, linestyle=":", label="scatter between seeds")
        panel.set(xlabel="gradient evaluations to test accuracy 50 %", ylabel="relative error of event times")
        panel.set_title(f"{title} accuracy passes {' and '.join(percent(event.level) for event in events)}")
    one_range(axes)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure


def draw_method(axes: Axes, rows: pd.DataFrame, label: str, color: Color, marker: str) -> None:
    """Draw the largest error of each experiment with a method against its cost, with its label."""
    worst = rows.groupby(["experiment", "label"])[["evaluations", "error"]].max().sort_values("evaluations")
    if len(worst):
        axes.plot(worst["evaluations"], worst["error"], f"{marker}-", ms=5, color=color, label=label)
    place = (4, 4) if marker == "s" else (-4, -11)  # errors of adaptive steps are the largest
    for (_, name), point in worst.iterrows():
        axes.annotate(name, point, xytext=place, textcoords="offset points", fontsize=7, color=color)


def time_of(event: Crossing, run: pd.DataFrame) -> float:
    """Return the time t = η · step of an event of `run`; NaN if it never occurs."""
    last = run.iloc[-1]
    return read(event, run) * float(last["time"] / last["step"])


def event_table(data: pd.DataFrame) -> pd.DataFrame:
    """Return one row per experiment and event, for the first seed shared with the reference.

    `evaluations` counts the gradient evaluations until test accuracy 50 %; `error` is the relative
    error of the event's time.
    """
    references = data[is_reference(data)]
    rows = []
    for name, seeds in experiments(data[~is_reference(data) & data["seed"].isin(references["seed"])]):
        run = first_seed(seeds)
        truth = references[references["seed"] == run["seed"].iloc[0]]
        spent = read(ValueWhen("evaluations", TEST_HALF), run)
        common = {"experiment": name, "label": given_label(run) or "", "dynamics": run["dynamics"].iloc[0]}
        for event in EVENTS:
            error = abs(time_of(event, run) / time_of(event, truth) - 1)
            rows.append({**common, "evaluations": spent, "column": event.column, "level": event.level, "error": error})
    columns = ["experiment", "label", "dynamics", "evaluations", "column", "level", "error"]
    return pd.DataFrame(rows, columns=columns)


def seed_scatter(data: pd.DataFrame, events: Sequence[Crossing]) -> float:
    """Return the relative standard deviation of event times over the seeds of the reference.

    It is the largest over `events`, NaN if the reference has one seed.
    """
    runs = [run for _, run in data[is_reference(data)].groupby("seed")]
    times = pd.DataFrame([[time_of(event, run) for event in events] for run in runs])
    return float((times.std() / times.mean()).max())


@FigureKind("flow_and_descent", takes=("run",), least=2)
def flow_and_descent(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw runs by gradient flow (lines) and by gradient descent (circles).

    The upper panels show accuracy or loss, the middle ones the parameter norm, the lower ones how far
    descents are from the flow. The config lists every flow before its descents. `marks` are not
    drawn.
    """
    groups = columns_of(data.rows)
    figure, axes = new_figure(3, columns=len(groups), width=3.8, height=1.9)
    differences = axes[2 * len(groups) :]
    for index, runs in enumerate(groups):
        score, norm, difference = axes[index :: len(groups)]
        everything = pd.concat(runs)
        kind = "accuracy" if has(everything, "test_accuracy") else "loss"
        for run in runs:
            draw_run(score, run, f"train_{kind}", TRAIN)
            draw_run(score, run, f"test_{kind}", TEST)
            draw_run(norm, run, "parameter_norm", NORM)
        score.set_title(given_label(runs[0]) or str(runs[0]["task"].iloc[0]).replace("_", " "))
        score.set_ylabel(kind)
        norm.set_ylabel("$L^2$ parameter norm")
        columns = {f"train_{kind}": TRAIN, f"test_{kind}": TEST, "parameter_norm": NORM}
        for run in runs[1:]:
            for column, color in columns.items():
                alike = ["parameter_norm"] if color == NORM else [f"train_{kind}", f"test_{kind}"]
                draw_difference(difference, runs[0], run, column, runs[0].reindex(columns=alike).max().max(), color)
        difference.set(yscale="log", ylabel="|descent - flow|\n÷ largest value")
        step_axis(difference, everything)
        score.legend()
    one_range(differences)
    for difference in differences:
        difference.set_ylim(bottom=SMALLEST)
    legend_below(figure, *axes[: len(groups)])
    return figure


def columns_of(data: pd.DataFrame) -> list[list[pd.DataFrame]]:
    """Return the experiments of each column of the figure: a flow, then its descents."""
    columns: list[list[pd.DataFrame]] = []
    for _, rows in experiments(data):
        if not columns or not is_descent(rows):
            columns.append([])
        columns[-1].append(rows)
    return [with_shared_seeds(column) for column in columns]


def with_shared_seeds(runs: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Return the rows of the seeds that all of `runs` have; all rows if no seed is shared."""
    shared = set.intersection(*({*rows["seed"]} for rows in runs))
    return [rows[rows["seed"].isin(shared)] for rows in runs] if shared else runs


def is_descent(rows: pd.DataFrame) -> bool:
    """Return whether `rows` are runs of literal gradient descent, not of a flow."""
    return bool(rows["dynamics"].iloc[0] == "gradient_descent")


def draw_difference(
    axes: Axes, flow: pd.DataFrame, descent: pd.DataFrame, column: str, largest: float, color: Color
) -> None:
    """Draw how far a column of a descent is from the flow, as a share of `largest`."""
    if column in flow and column in descent:
        truth, shown = (rows[rows["step"] >= 1].dropna(subset=[column]) for rows in map(first_seed, (flow, descent)))
        if len(truth) and len(shown):
            apart = (shown[column] - np.interp(shown["step"], truth["step"], truth[column])).abs() / largest
            axes.plot(shown["step"], apart, ".", ms=3, color=color, label=f"difference of {column.replace('_', ' ')}")


def draw_run(axes: Axes, rows: pd.DataFrame, column: str, color: Color) -> None:
    """Draw a column of the first seed of an experiment, if the experiment has the column."""
    shown = first_seed(rows)
    shown = shown[shown["step"] >= 1].reindex(columns=["step", column])
    name = column.replace("_", " ")
    if is_descent(rows):
        shown = shown.iloc[::SPARSE]
        axes.plot(shown["step"], shown[column], "o", ms=4, mfc="none", color=color, label=f"{name}, descent")
    else:
        axes.plot(shown["step"], shown[column], "-", color=color, label=f"{name}, flow")
