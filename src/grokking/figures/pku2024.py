"""The figures of training runs of "Penetrating the Grokking Phenomenon", a course report of 2024."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from grokking.figures.by_value import epoch_of, has, read
from grokking.figures.curves import ACCURACY_AXIS, Line, milestones, several
from grokking.figures.data import FigureData
from grokking.figures.keys import end_key, key, paper_key
from grokking.figures.kind import FigureKind
from grokking.figures.names import seeds
from grokking.figures.numbers import percent
from grokking.figures.seed_lines import line_per_seed
from grokking.figures.style import COLORS, TEST, TRAIN, colors, grid_of, legend_below, new_figure, plain_log_x
from grokking.measures.curves import Crossing

LEVELS = (0.2, 0.95)  # of validation accuracy: it starts to rise, the network has generalised
MIRRORED, UNMIRRORED = COLORS[4], COLORS[2]
TRAINING, VALIDATION = "training", "validation"
WHOLE = (Line("train_accuracy", TRAINING, TRAIN), Line("test_accuracy", VALIDATION, TEST))
PARTS = (  # of the validation set
    Line("mirrored_accuracy", "validation: another order trained on", MIRRORED, (0, (4, 1.5))),
    Line("unmirrored_accuracy", "validation: no order trained on", UNMIRRORED, (0, (1, 1.2))),
)


@FigureKind("sums_by_epoch", takes=("sum",))
def by_epoch(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figures 1, 2, 5 and 6 of the course report, with its values `marks`.

    A panel per experiment shows accuracy against epochs, a line per seed: on the training set, on
    the validation set and, for sums of two numbers, on two parts of it. Of longer sums too few
    validation samples have another order in the training set.
    """
    rows = with_epochs(data.rows)
    runs = several(rows)
    figure, axes = grid_of(len(runs), 3 if len(runs) == 3 else min(2, len(runs)), 4.2, 2.5)
    entries: dict[str, Line2D] = {}
    for place, part in zip(axes, runs, strict=True):
        entries |= {str(entry.get_label()): entry for entry in draw_accuracies(place, part.rows, marks)}
        place.set_title(f"{part.label}, {seeds(part.rows)}")
        place.text(0.02, 0.93, reached(part.rows), transform=place.transAxes, va="top", fontsize="small")
        epoch_axis(place, rows)
    axes[0].legend(handles=[*entries.values(), end_key()])
    legend_below(figure, axes[0], columns=3)
    return figure


def reached(data: pd.DataFrame) -> str:
    """Return as text at which epochs validation accuracy passes `LEVELS`, each the median over seeds."""
    lines = [VALIDATION]
    for level in LEVELS if has(data, "test_accuracy") else ():
        epochs = [read(Crossing("test_accuracy", level), rows, x="epoch") for _, rows in data.groupby("seed")]
        middle = pd.Series(epochs).fillna(np.inf).median()  # a run that never passes is later than all others
        epoch = f"at {middle:.0f}" if np.isfinite(middle) else "not reached"
        lines.append(f"{percent(level)} {epoch}")
    return "\n".join(lines)


def with_epochs(data: pd.DataFrame) -> pd.DataFrame:
    """Return `data` with a column `epoch`, equal to the step for runs without batches."""
    return data.assign(epoch=epoch_of(data))


def epoch_axis(axes: Axes, data: pd.DataFrame) -> None:
    """Give `axes` an axis of accuracies, and one of epochs that ends beyond the last of `data`."""
    plain_log_x(axes, "epoch")
    axes.set(xlim=(1, 1.1 * data["epoch"].max()), ylim=ACCURACY_AXIS, ylabel="accuracy")


def draw_accuracies(axes: Axes, data: pd.DataFrame, marks: pd.DataFrame) -> list[Line2D]:
    """Draw the accuracies of one experiment and the report's values; return the legend's entries."""
    pairs = not has(data, "operands") or data["operands"].max() == 2
    lines = [line for line in WHOLE + (PARTS if pairs else ()) if has(data, line.column)]
    for line in lines:
        line_per_seed(axes, data, line, x="epoch", lw=1.0 if line in PARTS else 1.8)
    entries = [key(line.label, color=line.color, linestyle=line.style) for line in lines]
    marked = [milestones(axes, marks, line) for line in lines]
    return entries + ([paper_key()] if any(marked) else [])


@FigureKind("sums_compared", takes=("sum",), least=2)
def compared(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Figure 7 of the course report: experiments in two panels, with a line per seed.

    Left: accuracy on the training set, right: on the validation set. `marks` are not drawn.
    """
    rows = with_epochs(data.rows)
    runs = several(rows)
    figure, axes = new_figure(1, columns=2, width=4.2, height=2.9, share="none")
    for place, line in zip(axes, WHOLE, strict=True):
        for color, part in zip(colors(len(runs)), runs, strict=True):
            line_per_seed(place, part.rows, Line(line.column, part.label, color, part.style), x="epoch")
        place.set_title(f"{line.label}, {seeds(rows)}")
        epoch_axis(place, rows)
    known = zip(colors(len(runs)), runs, strict=True)
    axes[0].legend(handles=[*(key(part.label, color=color, linestyle=part.style) for color, part in known), end_key()])
    legend_below(figure, axes[0], columns=3)
    return figure
