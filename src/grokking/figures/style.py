"""The common look of all figures: sizes, colours, axes; and where a user's own look wins."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import style as styles
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogFormatterMathtext

Color = Any  # a matplotlib colour
Dashes = Any  # a matplotlib line style

COLORS: list[Color] = [  # seaborn's palette "colorblind"; seaborn itself takes a second to load
    to_rgb(f"#{name}")
    for name in ("0173B2", "DE8F05", "029E73", "D55E00", "CC78BC", "CA9161", "FBAFE4", "949494", "ECE133", "56B4E9")
]
TRAIN, TEST, NORM = COLORS[0], COLORS[1], COLORS[3]  # blue, orange and red, as in the main paper
EARLY, LATE, TRUTH = COLORS[4], COLORS[2], COLORS[7]
SHORT = 0.4  # decades: on a log axis as short as this all ticks are labelled

STYLE: Any = {
    "svg.hashsalt": "grokking",  # element ids that do not change from build to build
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "font.family": "DejaVu Sans",  # comes with matplotlib, the same everywhere
    "font.size": 9,
    "axes.spines.top": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "figure.constrained_layout.use": True,
}

# What a user says of these settings is said of ours, too: a font's name by its kind, a size by that of all text.
SAID_BY = {
    "font.family": ("font.sans-serif", "font.serif", "font.monospace", "text.usetex"),
    "legend.fontsize": ("font.size",),
    "grid.alpha": ("grid.color",),
}


@contextmanager
def common_style(chosen: str | None = None) -> Iterator[None]:
    """Return a context with matplotlib's defaults, `STYLE`, and a `chosen` style of matplotlib.

    Nothing else of the user's settings is in it.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        if chosen:
            styles.use(chosen)
        yield


@contextmanager
def users_style() -> Iterator[None]:
    """Return a context with the user's rcParams, and `STYLE` where the user has set nothing.

    A value that differs from matplotlib's default is the user's, whether it comes from a
    matplotlibrc, `plt.style.use`, `rc_context` or an assignment.
    """
    with mpl.rc_context():
        ours = {key: value for key, value in STYLE.items() if not any(map(is_users, (key, *SAID_BY.get(key, ()))))}
        mpl.rcParams.update(ours)
        yield


def is_users(key: Any) -> bool:
    """Return whether the setting `key` of matplotlib differs from its default."""
    return bool(mpl.rcParams[key] != mpl.rcParamsDefault[key])


def ink() -> Color:
    """Return the colour of text and of lines that belong to no curve.

    It is black, or white on a dark style.
    """
    return mpl.rcParams["text.color"]


def new_figure(
    panels: int, columns: int = 1, width: float = 5.2, height: float = 2.1, share: Literal["col", "none"] = "col"
) -> tuple[Figure, list[Axes]]:
    """Return a figure and its `panels` × `columns` axes, row by row.

    A panel has `width` × `height` inches, unless the user has set `figure.figsize`. With `share`
    "col" the panels of a column share their x axis.
    """
    figure = Figure(figsize=None if is_users("figure.figsize") else (width * columns, height * panels))
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(panels, columns, sharex=share, squeeze=False).flat)


def grid_of(panels: int, columns: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """Return a figure and `panels` axes in rows of `columns`.

    The rest of the last row stays empty. A panel has `width` × `height` inches.
    """
    rows = -(-panels // columns)
    figure, axes = new_figure(rows, columns=columns, width=width, height=height, share="none")
    for empty in axes[panels:]:
        empty.set_axis_off()
    return figure, axes[:panels]


def colors(count: int) -> list[Color]:
    """Return `count` different colours: from the usual ten, or else from a colour wheel."""
    if count <= len(COLORS):
        return list(COLORS[:count])
    import seaborn as sns

    return list(sns.color_palette("husl", count))


def dashes(count: int) -> list[Dashes]:
    """Return `count` line styles: solid, dashed, dash-dotted, dotted, then with more dots."""
    usual: list[Dashes] = ["-", (0, (5, 1.5)), (0, (4, 1.5, 1, 1.5)), (0, (1, 1.2))]
    return (usual + [(0, (4, 1.5) + (1, 1.5) * dots) for dots in range(2, count)])[:count]


def plain_log_x(axes: Axes, name: str) -> None:
    """Give `axes` a logarithmic x axis called `name` with labels that do not overlap.

    An axis with fewer than two powers of ten also has plain numbers between the powers: at every
    tick if the axis is short, else at ticks that begin with 2, 3 or 5.
    """
    powers = LogFormatterMathtext()

    def ends() -> tuple[float, float]:
        low, high = np.log10(axes.get_xlim())
        return float(low), float(high)

    def has_few_powers() -> bool:
        low, high = ends()
        return bool(np.floor(high) - np.ceil(low) + 1 < 2)

    def at_power(x: float, position: int) -> str:
        return f"{x:g}" if has_few_powers() else powers(x, position)

    def between_powers(x: float, _: int) -> str:
        low, high = ends()
        digit = round(x / 10 ** np.floor(np.log10(x)))
        return f"{x:g}" if has_few_powers() and (digit in (2, 3, 5) or high - low < SHORT) else ""

    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(at_power))
    axes.xaxis.set_minor_formatter(FuncFormatter(between_powers))
    axes.set_xlabel(name)


def log_log(axes: Axes) -> None:
    """Make both axes logarithmic, if any line has a positive point.

    Without one matplotlib cannot draw a logarithmic axis.
    """
    points = [np.asarray(line.get_xydata(), dtype=float) for line in axes.get_lines()]
    if any((point > 0).all(axis=1).any() for point in points if len(point)):
        axes.set_xscale("log")
        axes.set_yscale("log")


def legend_below(figure: Figure, axes: Axes, columns: int = 4) -> None:
    """Move the legend of `axes` below the figure, where it hides nothing."""
    legend = axes.get_legend()
    if legend is not None:
        names = [text.get_text() for text in legend.get_texts()]
        handles = [handle for handle in legend.legend_handles if handle is not None]
        figure.legend(handles, names, loc="outside lower center", ncols=min(columns, len(names)))
        legend.remove()


def step_axis(axes: Axes, data: pd.DataFrame, name: str = "step (t / η)") -> None:
    """Give `axes` a logarithmic x axis from step 1 to the last step."""
    axes.set(xscale="log", xlim=(1, data["step"].max()), xlabel=name)
