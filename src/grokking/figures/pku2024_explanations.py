"""The figures that test the explanations in Section 4 of the course report."""

from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from grokking.figures.by_value import median_and_range, power_law, read
from grokking.figures.curves import ACCURACY_AXIS, Line, Runs, curve, several
from grokking.figures.data import FigureData
from grokking.figures.kind import FigureKind
from grokking.figures.names import experiments, first_seed, given_label, seeds
from grokking.figures.pku2024 import MIRRORED, UNMIRRORED
from grokking.figures.style import (
    NORM,
    TEST,
    TRAIN,
    TRUTH,
    Color,
    colors,
    grid_of,
    legend_below,
    log_log,
    new_figure,
    plain_log_x,
    step_axis,
)
from grokking.measures.curves import Crossing, ValueWhen

HALF_WAY = Crossing("test_accuracy", 0.5)
MARKERS = "os^vD<>pPX"


@FigureKind("critical_samples", takes=("critical_samples",))
def critical_samples(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Fewest samples that generalise against the modulus, a dot per seed, with fitted power laws.

    Dashed and dotted: the theory's p² and p^(5/3), through the first experiment's largest modulus.
    """
    figure, (axes,) = new_figure(1, width=5.2, height=3.4)
    groups = experiments(data.rows)
    for color, (name, rows) in zip(colors(len(groups)), groups, strict=True):
        axes.plot(rows["p"], rows["samples"], "o", ms=4, color=color)
        power_law(axes, rows["p"], rows["samples"], given_label(rows) or name, color)
    p = np.array([data.rows["p"].min(), data.rows["p"].max()])
    _, first = groups[0]
    top = first[first["p"] == p[1]]["samples"].median()
    for exponent, text, style in ((2, "$p^2$", "--"), (5 / 3, "$p^{5/3}$", ":")):
        axes.plot(p, top * (p / p[1]) ** exponent, style, color=TRUTH, label=text)
    log_log(axes)
    plain_log_x(axes, "modulus p")
    axes.set_ylabel("samples from which on all generalise")
    axes.legend()
    return figure


@FigureKind("slow_part", takes=("slow_part",))
def slow_part(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Power spectra of gradient and parameters in training time; below, each band's contribution."""
    figure, (power, below, gain, per_norm) = new_figure(2, columns=2, width=4.2, height=2.8, share="none")
    named = pd.concat([
        rows.assign(shown=f"{given_label(rows) or name}, " + rows["window"] + " generalisation")
        for name, rows in experiments(data.rows)
    ])  # fmt: skip
    draw_spectra(power, below, named[named["frequency"] > 0])
    draw_bands(gain, per_norm, named[named["band"].notna()])
    legend_below(figure, gain, columns=3)
    return figure


def draw_spectra(power: Axes, below: Axes, data: pd.DataFrame) -> None:
    """Draw the power at each frequency and up to it, for each window.

    Solid: the gradient, dotted: the parameters. Dashed: one cycle in 100 steps, the window of Grokfast's filter.
    """
    for color, (name, rows) in zip(colors(data["shown"].nunique()), data.groupby("shown", sort=False), strict=True):
        for axes, column in ((power, "share"), (below, "share_below")):
            median_and_range(axes, rows, "frequency", column, str(name), color)
            median_and_range(axes, rows, "frequency", f"weight_{column}", f"{name}, parameters", color, linestyle=":")
    power.set(yscale="log", ylabel="share of the power")
    below.set(ylim=(0, 1.03), ylabel="share up to this frequency")
    for axes in (power, below):
        axes.set(xscale="log", xlabel="frequency (cycles per step)")
        axes.axvline(0.01, color=TRUTH, lw=0.8, ls="--")
    below.legend(handles=[key("gradient", linestyle="-"), key("parameters", linestyle=":")])


def draw_bands(gain: Axes, per_norm: Axes, data: pd.DataFrame) -> None:
    """Draw each band's contribution to the fall of the validation loss, total and per norm.

    Beside the bands stands their sum, with marks for the fall that it should equal.
    """
    import seaborn as sns  # a second to load

    bands = data[~data["band"].isin(("fast", "slow"))]
    by_window = bands.groupby(["seed", "shown"], sort=False)
    bands = bands.assign(scale=by_window["gain"].transform(lambda part: part.abs().sum()))
    whole = bands.drop_duplicates(["seed", "shown"]).assign(band=ALL)
    bars = pd.concat([bands, whole.assign(gain=whole["total_gain"])])
    shares = bars.assign(share=bars["gain"] / bars["scale"])
    windows = list(dict.fromkeys(shares["shown"]))
    for axes, rows, column, text in (
        (gain, shares, "share", "share of the loss's fall"),
        (per_norm, bands, "gain_per_norm", "fall of the loss per update norm"),
    ):
        sns.barplot(
            rows, x="band", y=column, hue="shown", estimator="median", ax=axes, errorbar=("pi", 100),
            palette=colors(len(windows)), err_kws={"linewidth": 1}, legend=axes is gain,
        )  # fmt: skip
        axes.axhline(0, color="black", lw=0.8)
        axes.set(xlabel="how long the part of the update lasts (steps)", ylabel=text)
    place = [bars["band"].nunique() - 1 + BARS * ((k + 0.5) / len(windows) - 0.5) for k in range(len(windows))]
    for column, marker, label in FALLS:
        falls = (whole[column] / whole["scale"]).groupby(whole["shown"]).median()
        gain.plot(place, falls[windows], marker, color="black", mfc="none", ms=5, label=label)
    gain.legend(title=None)


ALL, BARS = "all", 0.8  # the sum of all bands; seaborn's width of a group of bars
FALLS = (("fall", "o", "measured fall, same pairs"), ("validation_fall", "x", "measured fall, all validation pairs"))


@FigureKind("kernel_regime", takes=("population_loss", "linearised_net"))
def kernel_regime(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Loss on all pairs against a kernel's bound; trained and linearised nets against α."""
    figure, (losses, accuracies) = new_figure(1, columns=2, width=4.4, height=3.2, share="none")
    along = several(data.of("population_loss"))
    for color, net in zip(colors(len(along)), along, strict=True):
        seed_by_seed(losses, net, "population_loss", color)
        losses.axhline(net.rows["bound"].iloc[0], color=color, lw=0.8, ls="--")
    losses.axvline(1, color=TRUTH, lw=0.8, ls=":")
    losses.set(
        xscale="log", yscale="log", xlabel="step / step of 99 % training accuracy", ylabel="squared loss / that of 0"
    )
    linearised = zip(cycle(MARKERS), experiments(data.of("linearised_net")), strict=False)
    named = [(style, given_label(rows) or name, rows) for style, (name, rows) in linearised]
    for style, name, rows in named:
        for column, color in (("mirrored", MIRRORED), ("unmirrored", UNMIRRORED)):
            label = f"{name}, {column}"
            x, kernel, trained = rows["observed"], rows[f"{column}_accuracy"], rows[f"trained_{column}_accuracy"]
            accuracies.plot(x, kernel, style, ls=":", color=color, mfc="none", label=f"{label}: linearised")
            accuracies.plot(x, trained, style, ls="-", color=color, label=f"{label}: trained")
    accuracies.set(xlabel="data fraction α", ylabel="accuracy", xlim=(0, 1), ylim=ACCURACY_AXIS)
    if along:
        losses.legend()
    accuracies.legend(handles=[*(key(name, marker=style) for style, name, _ in named), *READINGS])
    return figure


def key(label: str, **look: Any) -> Line2D:
    """A legend entry that explains one part of a line's look, such as its colour."""
    return Line2D([], [], label=label, **{"color": "black", "linestyle": "", **look})


READINGS = (
    key("mirrored", color=MIRRORED, linestyle="-"),
    key("unmirrored", color=UNMIRRORED, linestyle="-"),
    key("trained", linestyle="-", marker="."),
    key("linearised", linestyle=":", marker=".", mfc="none"),
)


@FigureKind("kernel_drift", takes=("tangent_kernel",))
def kernel_drift(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Each net's tangent kernel against time in units of its memorisation.

    Left: change of direction; middle: alignment with the answers; right: change, with growth.
    Memorisation is training accuracy 99 %; the ring marks test accuracy 50 %.
    """
    figure, panels = new_figure(1, columns=3, width=4.2, height=3.4, share="none")
    nets = several(data.rows)
    columns = {
        "kernel_distance": ("change of the kernel's direction", "log"),
        "kernel_alignment": ("alignment with the answers", "linear"),
        "kernel_change": ("change of the kernel", "log"),
    }
    for axes, (column, (text, scale)) in zip(panels, columns.items(), strict=True):
        for color, net in zip(colors(len(nets)), nets, strict=True):
            for rows in seed_by_seed(axes, net, column, color):
                half = read(HALF_WAY, rows, x="time")
                height = read(ValueWhen(column, HALF_WAY), rows, x="time")
                axes.plot([half], [height], "o", ms=9, mfc="none", color=color)
        axes.axvline(1, color=TRUTH, lw=0.8, ls="--")
        axes.set(xscale="log", yscale=scale, xlabel="step / step of 99 % training accuracy", ylabel=text)
    panels[0].legend()
    legend_below(figure, panels[0], columns=3)
    return figure


def seed_by_seed(axes: Axes, runs: Runs, column: str, color: Color) -> list[pd.DataFrame]:
    """Draw a line per seed, because seeds memorise at different steps; returns each seed's rows."""
    shown = [relative(rows) for _, rows in runs.rows.groupby("seed")]
    for number, rows in enumerate(shown):
        axes.plot(rows["time"], rows[column], "o-", ms=3, color=color, label=None if number else runs.label)
    return shown


def relative(rows: pd.DataFrame) -> pd.DataFrame:
    """The snapshots after step 0, with `time`, the step over that of memorisation."""
    memorised = read(Crossing("train_accuracy", 0.99), rows)
    return rows[rows["step"] > 0].assign(time=rows["step"] / memorised)


@FigureKind(
    "what_is_learned",
    takes=("fourier_progress", "fourier_spectrum"),
    least=2,
    single=("fourier_progress", "fourier_spectrum"),
)
def what_is_learned(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Fourier modes of a + b along runs: losses, shares, circuit; final spectrum of one seed."""
    figure, (losses, shares, circuit, spectrum) = new_figure(2, columns=2, width=4.4, height=2.7, share="none")
    along, final = data.of("fourier_progress"), data.of("fourier_spectrum")
    panels = {
        losses: (
            ("restricted_loss", "key frequencies alone (all pairs)"),
            ("excluded_loss", "without them (training set)"),
        ),
        shares: (
            ("share_of_sum", "outputs: share in a + b"),
            ("embedding_key_share", "embedding: share in key frequencies"),
            ("embedding_gini", "embedding: Gini"),
        ),
        circuit: (("gradient_symmetricity", "gradient symmetricity"), ("distance_irrelevance", "distance irrelevance")),
    }
    for axes, columns in panels.items():
        for (column, label), color in zip(columns, (TRAIN, TEST, NORM)[: len(columns)], strict=True):
            curve(axes, along, Line(column, label, color))
        step_axis(axes, along, "step")
        axes.legend()
    losses.set(yscale="log", ylabel="cross entropy")
    shares.set(ylim=(-0.03, 1.03))
    for offset, (column, color) in enumerate((("embedding_share", TRAIN), ("outputs_share", TEST))):
        rows = first_seed(final)
        place = rows["frequency"] + 0.4 * (offset - 0.5)
        spectrum.bar(place, rows[column], width=0.4, color=color, label=column.removesuffix("_share"))
    spectrum.set(xlabel="frequency k", ylabel="share of the power")
    spectrum.legend()
    return figure


@FigureKind("embedding_spectra", takes=("embedding_spectrum",))
def embedding_spectra(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Power of each frequency in the embedding before (bars) and after training (dots).

    Bars and dots show the first seed; the correlation is the median over all seeds.
    """
    groups = experiments(data.rows)
    figure, panels = grid_of(len(groups), 2, 4.2, 2.3)
    for axes, (name, rows) in zip(panels, groups, strict=True):
        first = first_seed(rows)
        axes.bar(first["frequency"], first["start_share"], color=TRAIN, alpha=0.5, label="before")
        axes.plot(first["frequency"], first["end_share"], "o", ms=3, color=TEST, label="after")
        kept = rows.groupby("seed")["correlation"].first().median()
        axes.set(xlabel="frequency k", ylabel="share of the power")
        axes.set_title(f"{given_label(rows) or name}, {seeds(rows)}: correlation {kept:.2f}")
    panels[0].legend(reverse=True)  # matplotlib puts bars last
    legend_below(figure, panels[0])
    return figure
