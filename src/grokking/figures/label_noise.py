"""Label-noise SGD: gradient flow's limit at times T/η^a, a < 2, the sparse solution at T/η², no sharp transition."""

import pandas as pd
from matplotlib.figure import Figure

from grokking.figures.style import TRUTH, new_figure
from grokking.figures.theorem_panels import curves


def draw_label_noise(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Population loss against η² · steps, linear and log; distance from the limit of gradient flow against time."""
    figure, (linear, log, distance) = new_figure(1, columns=3, width=3.2, height=2.7, share="none")
    settled = data[data["time"] >= 1]  # before, the flow itself is still on its way
    for panel in (linear, log):
        curves(panel, settled, "slow_time", "population_loss", "learning_rate", "η")
        panel.axhline(data["flow_population_loss"].median(), color=TRUTH, linestyle=":", label="limit of gradient flow")
        panel.set(xlabel=r"$\eta^2 \cdot$ steps", ylabel="population loss", yscale="log")
    log.set_xscale("log")
    middle = settled.assign(middle_time=settled["learning_rate"] ** 1.5 * settled["step"])
    curves(distance, middle, "middle_time", "distance_to_flow", "learning_rate", "η")
    distance.set(
        xscale="log", yscale="log", xlabel=r"$\eta^{3/2} \cdot$ steps", ylabel="distance from gradient flow's limit"
    )
    linear.legend(fontsize=7)
    return figure
