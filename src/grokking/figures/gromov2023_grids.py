"""The figures of Gromov 2023 that show functions of all pairs (n, m): outputs and neurons."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.data import FigureData
from grokking.figures.kind import FigureKind
from grokking.figures.names import first_seed, given_label
from grokking.figures.numbers import percent
from grokking.figures.style import new_figure

GRIDS = {"output": "output $h^{(2)}_q$", "spectrum": "its Fourier image", "hidden": "neuron $h^{(1)}_k$"}
UNSHARED = "initial"  # the stage at which outputs are a thousand times smaller: its colours are its own


@FigureKind("preactivations", takes=("preactivations",), most=1)
def figure_2(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figure 2 of Gromov 2023: three functions of all pairs (n, m).

    The rows are an output, its spectrum and a hidden neuron; a column is a stage of training.
    `marks` are not drawn.
    """
    stages = list(data.rows["stage"].unique())
    figure, axes = new_figure(len(GRIDS), columns=len(stages), width=2.8, height=2.3, share="none")
    for row, quantity in enumerate(GRIDS):
        for column, stage in enumerate(stages):
            draw_grid(axes[row * len(stages) + column], first_seed(data.rows), quantity, stage)
    return figure


@FigureKind("outputs", takes=("preactivations",), most=1)
def figure_7(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figures 7 to 9 of Gromov 2023: an output and a hidden neuron on all pairs (n, m).

    A row is a stage of training from the end of training on. `marks` are not drawn.
    """
    stages = [stage for stage in data.rows["stage"].unique() if stage != UNSHARED] or [UNSHARED]
    figure, axes = new_figure(len(stages), columns=2, width=2.9, height=2.3, share="none")
    for row, stage in enumerate(stages):
        for column, quantity in enumerate(("output", "hidden")):
            draw_grid(axes[2 * row + column], first_seed(data.rows), quantity, stage)
    return figure


def draw_grid(axes: Axes, data: pd.DataFrame, quantity: str, stage: str) -> None:
    """Draw one quantity at one stage against n and m, a pixel per pair in SVG and PDF at any size.

    All stages but the initial one have the same colours.
    """
    alike = data[(data["stage"] == stage) if stage == UNSHARED else (data["stage"] != UNSHARED)]
    cell = data[data["stage"] == stage]
    grid = cell.pivot(index="n", columns="m", values=quantity).to_numpy()
    colormap, prefix = ("magma", "frequency in ") if quantity == "spectrum" else ("viridis", "")
    low, high = (alike[quantity].min(), alike[quantity].max())
    image = axes.imshow(grid, origin="lower", cmap=colormap, interpolation="none", vmin=low, vmax=high)
    axes.figure.colorbar(image, ax=axes, fraction=0.046, pad=0.04)
    axes.grid(visible=False)
    axes.set_title(f"{stage}: {GRIDS[quantity]}", fontsize=8)
    if quantity == "output":
        text = " ".join(filter(None, [given_label(cell), f"test accuracy {percent(cell['test_accuracy'].iloc[0], 1)}"]))
        axes.set_title(f"{stage}: {GRIDS[quantity]}\n{text}", fontsize=8)
    places = sorted({0, len(grid) // 2, len(grid) - 1})
    names = [f"{place - len(grid) // 2 if quantity == 'spectrum' else place}" for place in places]
    axes.set(xlabel=f"{prefix}m", ylabel=f"{prefix}n")
    axes.set_xticks(places, names)
    axes.set_yticks(places, names)
