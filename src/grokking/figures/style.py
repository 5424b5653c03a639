"""The common look of all figures: sizes, colours, axes; and where a user's own look wins."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import style as styles
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from grokking.figures.numbers import label_log_axis

Color = Any  # a matplotlib colour
Dashes = Any  # a matplotlib line style

# Blue, orange, green, red, plum, brown, pink, grey, yellow, sky: seaborn's "colorblind", moved until any two differ by
# ΔE = 18, and any two that have a name by 27, for deuteranopes and protanopes too (tests/unit/test_colors.py).
COLORS: list[Color] = [
    to_rgb(f"#{name}")
    for name in ("0173B2", "DE8F05", "53AE62", "A9000D", "803562", "8E593F", "F6A5D3", "999697", "EEC900", "49B6F2")
]
TRAIN, TEST, NORM = COLORS[0], COLORS[1], COLORS[3]  # blue, orange and red, as in the main paper
EARLY, LATE, TRUTH = COLORS[4], COLORS[2], COLORS[7]
NEAR = 0.8  # an axis that reaches this share of a power of ten goes on to it

STYLE: Any = {
    "svg.hashsalt": "grokking",  # element ids that do not change from build to build
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "font.family": "DejaVu Sans",  # comes with matplotlib, the same everywhere
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
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
    """Give `axes` a logarithmic x axis called `name` with labels that do not overlap."""
    axes.set_xscale("log")
    label_log_axis(axes.xaxis)
    axes.set_xlabel(name)


def log_log(axes: Axes) -> None:
    """Make both axes logarithmic, if any line has a positive point.

    Without one matplotlib cannot draw a logarithmic axis.
    """
    points = [np.asarray(line.get_xydata(), dtype=float) for line in axes.get_lines()]
    if any((point > 0).all(axis=1).any() for point in points if len(point)):
        axes.set_xscale("log")
        axes.set_yscale("log")


def legend_below(figure: Figure, *axes: Axes, columns: int = 4) -> None:
    """Replace the legends of panels by one below the figure, with each name once."""
    entries: dict[str, Artist] = {}
    for panel in axes:
        if legend := panel.get_legend():
            names = [text.get_text() for text in legend.get_texts()]
            entries |= {name: one for name, one in zip(names, legend.legend_handles, strict=True) if one is not None}
            legend.remove()
    if entries:
        figure.legend([*entries.values()], [*entries], loc="outside lower center", ncols=min(columns, len(entries)))


def one_range(axes: Sequence[Axes]) -> None:
    """Give panels that are compared the same vertical range, the smallest that shows all of them."""
    lows, highs = zip(*(panel.get_ylim() for panel in axes), strict=True)
    for panel in axes:
        panel.set_ylim(min(lows), max(highs))


def step_axis(axes: Axes, data: pd.DataFrame, name: str = "step (t / η)") -> None:
    """Give `axes` a logarithmic x axis from step 1 to the last step, or to a power of ten near it."""
    last = data["step"].max()
    power = 10 ** np.ceil(np.log10(np.fmax(last, 1)))
    axes.set(xscale="log", xlim=(1, power if last > NEAR * power else last), xlabel=name)
