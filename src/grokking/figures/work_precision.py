"""What following the flow costs: error of the event times against gradient evaluations, method by method."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from grokking.figures.style import COLORS, TRUTH, log_log, new_figure
from grokking.measures.curves import Crossing, Evidence

EVENTS = (("train_accuracy", 0.5), ("train_accuracy", 0.99), ("test_accuracy", 0.5), ("test_accuracy", 0.9))
NAMES = {
    "gradient_descent": "gradient descent",
    "adaptive_descent": "adaptive descent",
    "gradient_flow": "stabilised Runge–Kutta",
}


def draw_work_precision(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """One panel per kind of event; the experiment whose name ends in `_reference` is the truth and, by its seeds, the
    scatter between draws of data and weights."""
    figure, axes = new_figure(1, columns=2, width=4.2, height=3.2, share="none")
    table = event_table(data)
    for panel, (kind, title) in zip(axes, (("train", "training accuracy"), ("test", "test accuracy")), strict=True):
        shown = table[table["event"].str.startswith(kind)]
        for (name, label), color in zip(NAMES.items(), COLORS, strict=False):
            worst = shown[shown["dynamics"] == name].groupby("experiment").agg({"evaluations": "max", "error": "max"})
            worst = worst.sort_values("evaluations")
            panel.plot(worst["evaluations"], worst["error"], "o-", color=color, label=label)
        log_log(panel)
        scatter = seed_scatter(data, kind)
        if scatter == scatter:
            panel.axhline(scatter, color=TRUTH, linestyle=":", label="scatter between seeds")
        panel.set_xlabel("gradient evaluations to test accuracy 50 %")
        panel.set_ylabel("relative error of event times")
        panel.set_title(f"{title} passes {' and '.join(f'{level:.0%}' for column, level in EVENTS if kind in column)}")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(NAMES) + 1)
    return figure


def event_times(run: pd.DataFrame) -> dict[str, float]:
    """The times t = η · step of the events."""
    rate = run["time"].iloc[-1] / run["step"].iloc[-1]
    return {f"{column} {level}": Crossing(column, level).read(Evidence(run, {})) * rate for column, level in EVENTS}


def evaluations_to_half(run: pd.DataFrame) -> float:
    """Gradient evaluations spent when the test accuracy passes 50 %."""
    step = Crossing("test_accuracy", 0.5).read(Evidence(run, {}))
    return float(np.interp(step, run["step"], run["evaluations"]))


def event_table(data: pd.DataFrame) -> pd.DataFrame:
    """One row per experiment and event, for the reference's first seed: dynamics, evaluations, relative error."""
    first = data[data["seed"] == data["seed"].min()]
    is_reference = first["experiment"].str.endswith("_reference")
    truth = event_times(first[is_reference])
    rows = []
    for name, run in first[~is_reference].groupby("experiment", sort=False):
        common = {"experiment": name, "dynamics": run["dynamics"].iloc[0], "evaluations": evaluations_to_half(run)}
        rows += [{**common, "event": key, "error": abs(t / truth[key] - 1)} for key, t in event_times(run).items()]
    return pd.DataFrame(rows, columns=["experiment", "dynamics", "evaluations", "event", "error"])


def seed_scatter(data: pd.DataFrame, kind: str) -> float:
    """The largest relative standard deviation over the reference's seeds of an event time of this kind."""
    runs = data[data["experiment"].str.endswith("_reference")].groupby("seed")
    times = pd.DataFrame([event_times(run) for _, run in runs]).filter(like=kind)
    return float((times.std() / times.mean()).max())
