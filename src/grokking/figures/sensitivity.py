"""What becomes of the grokking time when a setting that the paper does not give is chosen differently."""

import pandas as pd
from matplotlib.figure import Figure

from grokking.figures.optimizers import OPTIMIZERS
from grokking.figures.style import log_log, new_figure
from grokking.figures.theorem_panels import log_axis

SETTINGS = {
    "width": "width N",
    "learning_rate": "learning rate η / default",
    "momentum": "1 - μ or 1 - β₁",
    "decay": "decay",
    "epsilon": "ε",
    "beta2": "1 - β₂",
}


def draw_sensitivity(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Epochs to test accuracy 99 % against each setting; crosses: not within the budget."""
    figure, axes = new_figure(2, columns=3, width=3.1, height=2.5, share="none")
    for panel, (setting, label) in zip(axes, SETTINGS.items(), strict=True):
        for _, nets in data.groupby("experiment", sort=False):
            if nets[setting].nunique() > 1:
                name, color = OPTIMIZERS[nets["optimizer"].iloc[0]]
                nets = nets.assign(place=places(setting, nets[setting]))
                middle = nets.groupby("place")["cost"].median()
                panel.plot(middle.index, middle, color=color, label=name)
                for marker, chosen in (("o", nets["has_grokked"] == 1), ("x", nets["has_grokked"] == 0)):
                    panel.plot(nets.loc[chosen, "place"], nets.loc[chosen, "cost"], marker, ms=4, color=color)
        log_log(panel)
        log_axis(panel, label)
        panel.set(ylabel="epochs to 99 %", ylim=(data["cost"].min() / 2, 4 * data["cost"].max()))
        if panel.get_legend_handles_labels()[0]:
            panel.legend(fontsize=7)
    return figure


def places(setting: str, values: pd.Series) -> pd.Series:
    """Where on the axis: learning rates over the middle one, β's as their distance from 1, the others as they are."""
    if setting == "learning_rate":
        return values / values.median()
    return 1 - values if setting in ("momentum", "beta2") else values
