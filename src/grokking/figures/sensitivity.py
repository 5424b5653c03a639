"""What becomes of the grokking time when a setting that the paper does not give is chosen differently."""

import pandas as pd
from matplotlib.figure import Figure

from grokking.figures.optimizers import OPTIMIZERS
from grokking.figures.style import log_log, new_figure
from grokking.figures.theorem_panels import log_axis

SETTINGS = {"width": "width N", "learning_rate": "learning rate η / default", "decay": "decay / default"}


def draw_sensitivity(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Epochs to test accuracy 99 % against width, learning rate and decay; crosses: not within the budget."""
    figure, axes = new_figure(1, columns=len(SETTINGS), width=3.1, height=2.7, share="none")
    for panel, (setting, label) in zip(axes, SETTINGS.items(), strict=True):
        for _, nets in data.groupby("experiment", sort=False):
            if nets[setting].nunique() > 1:
                name, color = OPTIMIZERS[nets["optimizer"].iloc[0]]
                unit = 1.0 if setting == "width" else nets[setting].median()
                middle = nets.groupby(setting)["cost"].median()
                panel.plot(middle.index / unit, middle, color=color, label=name)
                for marker, chosen in (("o", nets["has_grokked"] == 1), ("x", nets["has_grokked"] == 0)):
                    panel.plot(nets.loc[chosen, setting] / unit, nets.loc[chosen, "cost"], marker, ms=4, color=color)
        log_log(panel)
        log_axis(panel, label)
        panel.set(ylabel="epochs to test accuracy 99 %")
        if panel.get_legend_handles_labels()[0]:
            panel.legend(fontsize=7)
    return figure
