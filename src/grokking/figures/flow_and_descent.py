"""The same run by gradient flow and by literal gradient descent, one above the other's axis."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.style import NORM, TEST, TRAIN, new_figure, step_axis

NAMES = {
    "sparse_classification": "diagonal net (as Figure 1a, smaller)",
    "modular_addition": "modular addition (Figure 2b, prefix)",
    "multiplication_table": "matrix completion (Figure 3, prefix)",
}


def draw_flow_and_descent(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """One column per task: the score on top, the parameter norm below. Lines are the flow, circles the descent."""
    groups = list(data.groupby("task", sort=False))
    figure, axes = new_figure(2, columns=len(groups), width=4.2)
    for index, (task, runs) in enumerate(groups):
        score, norm = axes[index], axes[len(groups) + index]
        kind = "accuracy" if "test_accuracy" in runs and runs["test_accuracy"].notna().any() else "loss"
        draw_pair(score, runs, f"train_{kind}", TRAIN)
        draw_pair(score, runs, f"test_{kind}", TEST)
        draw_pair(norm, runs, "parameter_norm", NORM)
        score.set_title(NAMES.get(str(task), str(task)))
        score.set_ylabel(kind)
        norm.set_ylabel("$L^2$ parameter norm")
        step_axis(norm, runs)
        score.legend(loc="lower left", bbox_to_anchor=(0.15, 0.25))
    return figure


def draw_pair(axes: Axes, runs: pd.DataFrame, column: str, color: object) -> None:
    """The first seed's flow as a line, its descent as circles at every sixth observation."""
    name = column.replace("_", " ")
    shown = runs[(runs["step"] >= 1) & (runs["seed"] == runs["seed"].min())]
    flow = shown[shown["dynamics"] == "gradient_flow"]
    descent = shown[shown["dynamics"] == "gradient_descent"].iloc[::6]
    axes.plot(flow["step"], flow[column], "-", color=color, label=f"{name}, flow")
    axes.plot(descent["step"], descent[column], "o", ms=4, mfc="none", color=color, label=f"{name}, descent")
