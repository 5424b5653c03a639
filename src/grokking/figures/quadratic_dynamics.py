"""Figure 1 of Gromov 2023: losses, weight norms, accuracies and gradient norms, on a linear axis of epochs."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from grokking.figures.style import COLORS, TEST, TRAIN, curve, milestones, new_figure, paper_entry

PANELS = [
    ("loss", [("train_loss", "train", TRAIN), ("test_loss", "test", TEST)]),
    ("norm / norm at start", [("first_relative", "$W^{(1)}$", COLORS[2]), ("second_relative", "$W^{(2)}$", COLORS[3])]),
    ("accuracy", [("train_accuracy", "train", TRAIN), ("test_accuracy", "test", TEST)]),
    (
        "norm of the gradient",
        [("first_gradient", r"$\nabla_{W^{(1)}}$", COLORS[2]), ("second_gradient", r"$\nabla_{W^{(2)}}$", COLORS[3])],
    ),
]


def draw_quadratic_dynamics(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Four panels, the median over seeds and their range."""
    figure, axes = new_figure(2, columns=2, width=3.9, height=2.4)
    starts = data[data["step"] == 0].set_index("seed")
    relative = {f"{name}_relative": data[f"{name}_norm"] / data["seed"].map(starts[f"{name}_norm"])
                for name in ("first", "second")}  # fmt: skip
    shown = data.assign(**relative)
    for panel, (label, columns) in zip(axes, PANELS, strict=True):
        for column, name, color in columns:
            curve(panel, shown, column, name, color)
            milestones(panel, marks, column, color)
        if marks.loc[marks["x"] >= 1, "column"].isin([column for column, _, _ in columns]).any():
            paper_entry(panel)
        panel.set(ylabel=label, xlabel="epoch (t / η)", xlim=(0, data["step"].max()))
        panel.set_ylim(bottom=0)
        panel.xaxis.set_major_locator(MaxNLocator(4))
        panel.legend()
    return figure
