"""Figures 2 and 7 to 9 of Gromov 2023: an output and a hidden neuron on the grid of all pairs, by stage."""

import pandas as pd
from matplotlib.figure import Figure

from grokking.figures.style import new_figure

QUANTITIES = {"output": "output $h^{(2)}_q$", "spectrum": "its 2-D Fourier image", "hidden": "neuron $h^{(1)}_k$"}


def draw_preactivations(data: pd.DataFrame, marks: pd.DataFrame) -> Figure:
    """Rows: output, its spectrum, hidden neuron; columns: initial, trained, and the closed form where there is one."""
    stages = list(data["stage"].unique())
    figure, axes = new_figure(len(QUANTITIES), columns=len(stages), width=2.5, height=2.1, share="none")
    panels = iter(axes)
    first = data[data["seed"] == data["seed"].min()]
    for quantity, label in QUANTITIES.items():
        for stage in stages:
            panel = next(panels)
            cell = first[first["stage"] == stage]
            grid = cell.pivot_table(index="n", columns="m", values=quantity).to_numpy()
            image = panel.imshow(grid, origin="lower", cmap="magma" if quantity == "spectrum" else "viridis")
            figure.colorbar(image, ax=panel, shrink=0.9)
            panel.grid(visible=False)
            frequencies = quantity == "spectrum"
            panel.set(xticks=[], yticks=[], xlabel="frequency in m" if frequencies else "m")
            rows = "frequency in n" if frequencies else "n"
            panel.set_ylabel(f"{label}\n\n{rows}" if stage == stages[0] else rows)
            if quantity == "output":
                panel.set_title(f"{stage}\ntest accuracy {cell['test_accuracy'].iloc[0]:.1%}", fontsize=8)
    return figure
