"""Figure 3 of Gromov 2023: φ⁽¹⁾ + φ⁽²⁾ - φ⁽³⁾ of all neurons, for each optimiser."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from grokking.figures.optimizers import OPTIMIZERS
from grokking.figures.style import TRUTH, new_figure

BINS: Any = np.linspace(-np.pi, np.pi, 65)


def draw_phase_sums(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Left: histograms of the phase sums over all seeds; right: of one phase alone, which is not constrained."""
    figure, (sums, single) = new_figure(1, columns=2, width=3.8, height=2.8, share="none")
    for optimizer, neurons in data.groupby("optimizer", sort=False):
        label, color = OPTIMIZERS[str(optimizer)]
        spread = neurons["phase_error"].median()
        text = f"{label}, median |sum| {spread:.2g}"
        sums.hist(neurons["phase_sum"], BINS, histtype="step", lw=1.5, color=color, label=text, density=True)
        single.hist(neurons["phase_1"], BINS, histtype="step", lw=1.5, color=color, label=label, density=True)
    sums.set(xlabel=r"$\varphi^{(1)}_k + \varphi^{(2)}_k - \varphi^{(3)}_k$", ylabel="density of neurons")
    single.axhline(1 / (2 * np.pi), color=TRUTH, linestyle=":", label="uniform")
    single.set(xlabel=r"$\varphi^{(1)}_k$", ylabel="density of neurons")
    for panel in (sums, single):
        panel.set_xticks([-np.pi, 0, np.pi], ["-π", "0", "π"])
        panel.legend(fontsize=7, loc="upper right")
        panel.set_ylim(0, 1.25 * panel.get_ylim()[1])
    return figure
