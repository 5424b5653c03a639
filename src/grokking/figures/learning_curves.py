"""Learning curves of several experiments, one column each: Figure 10 of Gromov 2023, and ways of training."""

import pandas as pd
from matplotlib.figure import Figure

from grokking.figures.style import TEST, TRAIN, curve, new_figure

ROWS = {"accuracy": (0, 1.03), "loss": (0, None)}


def draw_learning_curves(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Accuracy, and loss where it was recorded, against epochs on a log axis."""
    groups = list(data.groupby("experiment", sort=False))
    kinds = [kind for kind in ROWS if f"test_{kind}" in data]
    figure, axes = new_figure(len(kinds), columns=len(groups), width=3.1, height=2.2, share="none")
    for row, kind in enumerate(kinds):
        for column, (name, runs) in enumerate(groups):
            panel = axes[row * len(groups) + column]
            curve(panel, runs, f"train_{kind}", "train", TRAIN)
            curve(panel, runs, f"test_{kind}", "test", TEST)
            panel.set(xscale="log", xlabel="epoch", xlim=(1, runs["step"].max()), ylim=ROWS[kind])
            panel.set_ylabel("" if column else kind)
            if row == 0:
                panel.set_title(title(str(name), runs.iloc[0]))
    axes[0].legend()
    return figure


def title(experiment: str, first: pd.Series) -> str:
    """Function and data fraction of a run on a modular function; of other experiments the end of the name."""
    if isinstance(first.get("function"), str):
        function = first["function"].replace("^2", "²").replace("^3", "³").replace("*", "")
        return f"{function}, α = {first['observed']:g}"
    return experiment.split("_", 1)[1].replace("_", " ")
