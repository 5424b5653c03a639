"""Does the slow part of the gradient teach a network to generalise? Spectra, and what each part of an update gains."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grokking.figures.by_value import has, median_and_range
from grokking.figures.data import FigureData
from grokking.figures.keys import key
from grokking.figures.kind import FigureKind
from grokking.figures.names import experiments, given_label
from grokking.figures.style import TRUTH, colors, ink, legend_below, new_figure

PER_DECADE = 12  # points of a smoothed spectrum
ALL, BARS = "all", 0.8  # the sum of all bands; seaborn's width of a group of bars
FALLS = (("fall", "o", "measured, same pairs"), ("validation_fall", "x", "measured, all validation pairs"))
LASTS = "how long a part of the update lasts (steps)"


@FigureKind("slow_part", takes=("slow_part",))
def slow_part(data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw power spectra of gradient and parameters in training time; below, the gain of each band of the updates.

    `marks` are not drawn.
    """
    figure, (power, below, gain, per_norm) = new_figure(2, columns=2, width=4.4, height=2.8, share="none")
    named = pd.concat([
        rows.assign(shown=f"{given_label(rows) or name}, " + rows["window"] + " generalisation")
        for name, rows in experiments(data.rows)
    ])  # fmt: skip
    draw_spectra(power, below, named[named["frequency"] > 0])
    draw_bands(gain, per_norm, named[named["band"].notna()])
    legend_below(figure, gain, columns=3)
    return figure


def draw_spectra(power: Axes, below: Axes, data: pd.DataFrame) -> None:
    """Draw the power at each frequency, smoothed, and up to it, for each window."""
    for color, (name, rows) in zip(colors(data["shown"].nunique()), data.groupby("shown", sort=False), strict=True):
        for of, text, style in (("", name, "-"), ("weight_", f"{name}, parameters", ":")):
            if has(rows, f"{of}share"):
                median_and_range(
                    power, smoothed(rows, f"{of}share"), "frequency", f"{of}share", text, color, linestyle=style
                )
            median_and_range(below, rows, "frequency", f"{of}share_below", text, color, linestyle=style)
    power.set(yscale="log", ylabel="share of the power\nat one frequency")
    below.set(ylim=(0, 1.03), ylabel="share of the power\nup to a frequency")
    filter_line = [axes.axvline(0.01, color=TRUTH, lw=0.8, ls="--") for axes in (power, below)]
    for axes in (power, below):
        axes.set(xscale="log", xlabel="frequency (cycles per step)")
    below.legend(handles=[
        key("gradient", linestyle="-"), key("parameters", linestyle=":"),
        key("Grokfast's window", linestyle="--", color=filter_line[0].get_color(), lw=0.8),
    ])  # fmt: skip


def smoothed(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the means of `column` over bands of frequencies, `PER_DECADE` a decade, by seed."""
    bands = np.floor(PER_DECADE * np.log10(rows["frequency"])).rename("band of frequencies")
    return rows.groupby(["seed", bands])[["frequency", column]].mean().reset_index("seed")


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
        (gain, shares, "share", "contribution to the decrease of\nvalidation loss (share of all)"),
        (per_norm, bands, "gain_per_norm", "decrease of validation loss\nper unit of update norm"),
    ):
        sns.barplot(
            rows, x="band", y=column, hue="shown", estimator="median", ax=axes, errorbar=("pi", 100),
            palette=colors(len(windows)), saturation=1, err_kws={"linewidth": 1}, legend=axes is gain,
        )  # fmt: skip
        axes.axhline(0, color=ink(), lw=0.8)
        axes.set(xlabel=LASTS, ylabel=text)
        axes.tick_params(axis="x", labelsize="small")
    place = [bars["band"].nunique() - 1 + BARS * ((k + 0.5) / len(windows) - 0.5) for k in range(len(windows))]
    for column, marker, label in FALLS:
        falls = (whole[column] / whole["scale"]).groupby(whole["shown"]).median()
        gain.plot(place, falls[windows], marker, color=ink(), mfc="none", ms=5, label=label)
    gain.legend(title=None)
