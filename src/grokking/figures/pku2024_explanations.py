"""The figures that test the explanations in Section 4 of the course report."""

from itertools import cycle
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import offset_copy

from grokking.figures.by_value import read
from grokking.figures.curves import ACCURACY_AXIS, Line, Runs, several
from grokking.figures.data import FigureData
from grokking.figures.keys import end_key, key
from grokking.figures.kind import FigureKind
from grokking.figures.names import experiments, first_seed, given_label, seeds
from grokking.figures.pku2024 import MIRRORED, UNMIRRORED
from grokking.figures.pku2024_sweeps import MARKERS
from grokking.figures.seed_lines import line_per_seed
from grokking.figures.style import (
    NORM,
    TEST,
    TRAIN,
    TRUTH,
    Color,
    colors,
    grid_of,
    legend_below,
    new_figure,
    plain_log_x,
)
from grokking.measures.curves import Crossing, ValueWhen

HALF_WAY = Crossing("test_accuracy", 0.5)
MEMORISED = "step ÷ step of memorisation"
EARLIEST = 1e-3  # of the steps to memorisation: before, little changes
RING: Any = {"marker": "o", "ms": 9, "mfc": "none", "linestyle": ""}


@FigureKind("kernel_regime", takes=("population_loss", "linearised_net"))
def kernel_regime(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw the loss on all pairs beside a kernel's bound; the accuracy of trained and linearised nets.

    A line is a seed, a dashed line the bound of the net with its colour. `marks` are not drawn.
    """
    figure, (losses, accuracies) = new_figure(1, columns=2, width=4.4, height=3.2, share="none")
    along = several(data.of("population_loss"))
    for number, (color, net) in enumerate(zip(colors(len(along)), along, strict=True)):
        seed_by_seed(losses, net, "population_loss", color)
        dashes = (4.0 * number, (4, 4.0 * max(1, len(along) - 1)))  # equal bounds show all their colours
        losses.axhline(net.rows["bound"].iloc[0], color=color, lw=1.2, ls=dashes)
    memorisation_axis(losses)
    losses.set(yscale="log", ylabel="loss on all pairs ÷ that of f = 0")
    bound = key("least loss of a kernel", linestyle="--")
    losses.legend(handles=[*named_lines(losses), bound, memorisation()])
    draw_linearised(figure, accuracies, data.of("linearised_net"))
    return figure


def draw_linearised(figure: Figure, axes: Axes, data: pd.DataFrame) -> None:
    """Draw the largest accuracy of trained and linearised nets by α, on two parts of the validation set."""
    nets = [(style, given_label(rows) or name, rows)
            for style, (name, rows) in zip(cycle(MARKERS), experiments(data), strict=False)]  # fmt: skip
    for style, name, rows in nets:
        for shift, (column, color) in zip((-4, 4), (("mirrored", MIRRORED), ("unmirrored", UNMIRRORED)), strict=True):
            beside = offset_copy(axes.transData, figure, shift, units="points")
            look: Any = {"marker": style, "ls": "", "color": color, "transform": beside}
            for text, prefix, fill in (("trained", "trained_", color), ("linearised", "", "none")):
                accuracy = rows[f"{prefix}{column}_accuracy"]
                axes.plot(rows["observed"], accuracy, mfc=fill, label=f"{name}, {column}: {text}", **look)
    axes.set(xlabel="data fraction α", ylabel="largest validation accuracy", ylim=ACCURACY_AXIS)
    if nets:
        fractions = sorted(data["observed"].unique())
        axes.set(xticks=fractions, xlim=(fractions[0] - 0.1, fractions[-1] + 0.1))
    axes.legend(handles=[*(key(name, marker=style) for style, name, _ in nets), *readings()])


def readings() -> list[Line2D]:
    """Return the legend entries of the colours and fillings of `draw_linearised`."""
    return [
        key("pairs with a mirror", color=MIRRORED, marker="s"),
        key("pairs without a mirror", color=UNMIRRORED, marker="s"),
        key("trained", marker="."),
        key("linearised", marker=".", mfc="none"),
    ]


def memorisation() -> Line2D:
    """Return the legend entry of the line at the time of memorisation."""
    return key("memorised: 99 % training accuracy", color=TRUTH, linestyle=":", lw=0.8)


@FigureKind("kernel_drift", takes=("tangent_kernel",))
def kernel_drift(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw each net's tangent kernel K against time in units of its memorisation, a line per seed.

    Left: change of the direction of K; middle: alignment with the answers; right: change, with
    growth. Memorisation is training accuracy 99 %; the ring marks test accuracy 50 %. `marks` are
    not drawn.
    """
    figure, panels = new_figure(1, columns=3, width=3.2, height=3.4, share="none")
    nets = several(data.rows)
    columns = {
        "kernel_distance": ("change of direction", r"$1 - \cos(K, K_0)$", "log"),
        "kernel_alignment": ("alignment with the answers", r"$\cos(K, Y)$", "linear"),
        "kernel_change": ("change with growth", r"$\|K - K_0\| \,/\, \|K_0\|$", "log"),
    }
    for axes, (column, (title, text, scale)) in zip(panels, columns.items(), strict=True):
        for color, net in zip(colors(len(nets)), nets, strict=True):
            for rows in seed_by_seed(axes, net, column, color):
                half = read(HALF_WAY, rows, x="time")
                height = read(ValueWhen(column, HALF_WAY), rows, x="time")
                axes.plot([half], [height], color=color, **RING)
        memorisation_axis(axes)
        axes.set(title=title, yscale=scale, ylabel=text)
    ring = key("test accuracy 50 %", **RING)
    panels[0].legend(handles=[*named_lines(panels[0]), ring, memorisation()])
    legend_below(figure, panels[0], columns=3)
    return figure


def seed_by_seed(axes: Axes, runs: Runs, column: str, color: Color) -> list[pd.DataFrame]:
    """Draw a line per seed, because seeds memorise at different steps; return each seed's rows."""
    shown = [relative(rows) for _, rows in runs.rows.groupby("seed")]
    for number, rows in enumerate(shown):
        axes.plot(rows["time"], rows[column], "o-", ms=3, lw=1.2, color=color, label=None if number else runs.label)
    return shown


def relative(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the snapshots from `EARLIEST` on, with `time`, the step over that of memorisation."""
    memorised = read(Crossing("train_accuracy", 0.99), rows)
    shown = rows[rows["step"] > 0].assign(time=rows["step"] / memorised)
    return shown[~(shown["time"] < EARLIEST)]


def memorisation_axis(axes: Axes) -> None:
    """Give `axes` a logarithmic axis of time in units of memorisation, with a line at 1."""
    axes.axvline(1, color=TRUTH, lw=0.8, ls=":")
    axes.set(xscale="log", xlabel=MEMORISED)


def named_lines(axes: Axes) -> list[Any]:
    """Return the lines of `axes` that have a label."""
    return list(axes.get_legend_handles_labels()[0])


@FigureKind(
    "what_is_learned",
    takes=("fourier_progress", "fourier_spectrum"),
    least=2,
    single=("fourier_progress", "fourier_spectrum"),
)
def what_is_learned(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw Fourier modes of a + b along runs, a line per seed, and the final spectrum of one seed.

    The panels show losses, shares, two measures of the circuit, and the spectrum. `marks` are not
    drawn.
    """
    figure, (losses, shares, circuit, spectrum) = new_figure(2, columns=2, width=4.4, height=2.7, share="none")
    along, final = data.of("fourier_progress"), data.of("fourier_spectrum")
    panels = {
        losses: (
            ("restricted_loss", "key frequencies alone (all pairs)"),
            ("excluded_loss", "without the key frequencies (training set)"),
        ),
        shares: (
            ("share_of_sum", "outputs: share in a + b"),
            ("embedding_key_share", "embedding: share in key frequencies"),
            ("embedding_gini", "embedding: Gini coefficient"),
        ),
        circuit: (("gradient_symmetricity", "gradient symmetricity"), ("distance_irrelevance", "distance irrelevance")),
    }
    for axes, columns in panels.items():
        for (column, label), color in zip(columns, (TRAIN, TEST, NORM)[: len(columns)], strict=True):
            line_per_seed(axes, along, Line(column, label, color), lw=1.2)
        plain_log_x(axes, "step")
        axes.set(xlim=(1, 1.3 * along["step"].max()) if len(along) else None)
        axes.legend(handles=[*named_lines(axes), *([end_key()] if axes is losses else [])])
    losses.set(yscale="log", ylabel="cross entropy")
    shares.set(ylim=(-0.03, 1.03), ylabel="share or Gini coefficient")
    circuit.set(ylabel="measure from 0 to 1")
    for offset, (column, color) in enumerate((("embedding_share", TRAIN), ("outputs_share", TEST))):
        rows = first_seed(final)
        place = rows["frequency"] + 0.4 * (offset - 0.5)
        spectrum.bar(place, rows[column], width=0.4, color=color, label=column.removesuffix("_share"))
    spectrum.set(xlabel="frequency k", ylabel="share of the power at the end")
    spectrum.legend()
    return figure


@FigureKind("embedding_spectra", takes=("embedding_spectrum",))
def embedding_spectra(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw the power of each frequency in the embedding after training against that before.

    A panel is an experiment, a dot a frequency of a seed; all panels have the same axes. The
    correlation is the median over seeds. `marks` are not drawn.
    """
    groups = experiments(data.rows)
    figure, panels = grid_of(len(groups), min(2, len(groups)), 3.4, 3.0)
    powers = data.rows[["start_share", "end_share"]].to_numpy(dtype=float)
    powers = powers[powers > 0]
    ends = (powers.min() / 1.3, powers.max() * 1.3) if len(powers) else (1e-3, 1)
    for axes, (name, rows) in zip(panels, groups, strict=True):
        axes.plot(ends, ends, "--", color=TRUTH, lw=0.8, label="unchanged")
        axes.plot(rows["start_share"], rows["end_share"], "o", ms=4, alpha=0.6, color=TRAIN, label="a frequency k")
        kept = rows.groupby("seed")["correlation"].first().median()
        axes.set(xscale="log", yscale="log", xlim=ends, ylim=ends, aspect="equal")
        axes.set(xlabel="share of the power before", ylabel="share of the power after")
        axes.set_title(given_label(rows) or name)
        axes.text(0.04, 0.96, f"{seeds(rows)}\ncorrelation {kept:.2f}", transform=axes.transAxes, va="top")
    panels[0].legend()
    legend_below(figure, panels[0])
    return figure
