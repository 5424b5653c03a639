"""Lemmas C.4, C.5, C.7, D.1, D.2 and D.8 as inequalities along runs."""

import pandas as pd
from matplotlib.figure import Figure

from grokking.figures.style import TRUTH, new_figure
from grokking.figures.theorem_panels import curves

# column, title, and what the lemma says the curve stays above
CLASSIFICATION = [
    ("c4_rate_room", "C.4: (bound - dℒ/dt) / scale", 0),
    ("c7_rate_room", "C.7: (dℒ/dt - bound) / scale", 0),
    ("c4_loss_room", "C.4: bound / ℒ", 1),
    ("delta_in_c5", r"C.5: $\|δ\|\,α^L e^{-Lλt} / \log A$", None),
]
REGRESSION = [
    ("d1_loss_room", "D.1: bound / ℒ", 1),
    ("delta_in_d2", r"D.2: $\|δ\|\,α^L e^{-Lλt}$", None),
    ("parameter_norm", r"D.8: $\|θ\|$ after the critical time", None),
]


def draw_lemmas(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """One panel per lemma, over the times for which it is stated: in the kernel ball, or after the critical time."""
    figure, axes = new_figure(2, columns=4, width=2.9, height=2.4, share="none")
    within = data[data["in_kernel_ball"] == 1]
    late = data[(data["relative_time"] >= 1) & data["delta_in_d2"].notna()]
    for panel, (column, title, floor) in zip(axes, [*CLASSIFICATION, *REGRESSION], strict=False):
        rows = late if column == "parameter_norm" else within.dropna(subset=[column])
        curves(panel, rows, "relative_time", column, "alpha", "α")
        panel.set(xlabel=r"$\lambda t\,/\log\alpha$", ylabel="", yscale="log" if floor == 1 else "linear")
        panel.set_title(title, fontsize=9)
        if floor is not None:
            panel.axhline(floor, color=TRUTH, linestyle=":")
    for panel in (axes[3], axes[6]):
        panel.legend(fontsize=6)
    axes[7].set_axis_off()
    return figure
