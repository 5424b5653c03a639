"""Whether the inverse participation ratio tells the test accuracy, and the other way round: all nets together."""

import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from grokking.figures.optimizers import OPTIMIZERS
from grokking.figures.style import new_figure


def draw_ipr_and_accuracy(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Left: the end of every net; right: IPR of the nets that generalise and of those that do not."""
    figure, (points, shares) = new_figure(1, columns=2, width=3.9, height=2.9, share="none")
    for optimizer, nets in data.groupby("optimizer", sort=False):
        label, color = OPTIMIZERS[str(optimizer)]
        rank = spearmanr(nets["ipr"], nets["test_accuracy"]).statistic
        points.plot(
            nets["ipr"], nets["test_accuracy"], "o", ms=3, alpha=0.6, color=color, label=f"{label}, ρ = {rank:.2f}"
        )
        for style, chosen in (("-", nets["test_accuracy"] >= 0.99), (":", nets["test_accuracy"] < 0.99)):
            if chosen.any():
                shares.ecdf(nets.loc[chosen, "ipr"], color=color, linestyle=style)
    points.set(xlabel="IPR at the end", ylabel="test accuracy at the end", xscale="log")
    shares.set(xlabel="IPR at the end", ylabel="share of nets below", xscale="log")
    shares.set_title("test accuracy 99 % reached (solid) or not (dotted)", fontsize=8)
    points.legend(fontsize=7, loc="center left")
    return figure
