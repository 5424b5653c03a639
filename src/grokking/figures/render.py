"""Saving figures: equal data give equal bytes, and no file is finer than the eye sees."""

import io
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter
from PIL import Image

from grokking.figures.data import FigureData, read_data
from grokking.figures.legends import clear_legends
from grokking.figures.letters import letter
from grokking.figures.numbers import label_log_axis
from grokking.figures.style import common_style
from grokking.files import write_atomically

Draw = Callable[[FigureData, pd.DataFrame], Figure]  # from data and the paper's values

DPI = 160
COORDINATES = re.compile(r'(?<= )[dxy]="[^"]*"')  # attributes that hold only coordinates
DECIMALS = re.compile(r"(\.\d\d)\d+")


def drawing(module: str, function: str) -> Draw:
    """Return the function that draws a kind of figure, by module and name."""
    draw: Draw = getattr(import_module(module), function)
    return draw


def drawn(draw: Draw, data: FigureData, marks: pd.DataFrame) -> Figure:
    """Draw the figure, with a letter for each panel and even labels on logarithmic axes.

    Empty logarithmic axes get limits, because matplotlib finds none.
    """
    figure = draw(data, marks)
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, _ = axis.get_view_interval()
            if axis.get_scale() == "log" and low <= 0 and not np.isfinite(axis.get_minpos()):
                axes.set(**{f"{axis.axis_name}lim": (1, 10)})
            if axis.get_scale() == "log" and isinstance(axis.get_major_formatter(), LogFormatter):
                label_log_axis(axis)
    letter(figure)
    return figure


def render(
    draw: Draw,
    data: FigureData,
    marks: pd.DataFrame,
    *paths: Path,
    style: str | None = None,
    width: float | None = None,
) -> None:
    """Draw a figure in the common style and write it to `paths`, ending in .svg, .png or .pdf.

    `style` is a style of matplotlib that is added; `width` in inches scales the figure but not its
    text.
    """
    with common_style(style):
        figure = drawn(draw, data, marks)
        if width:
            figure.set_size_inches(width, figure.get_figheight() * width / figure.get_figwidth())
        clear_legends(figure)
        for path in paths:
            write_atomically(path, WRITERS[path.suffix](figure))


def render_table(table: Path, draw: Draw, marks: pd.DataFrame, look: Mapping[str, Any], *paths: Path) -> None:
    """Draw the data in the file `table`, with the paper's values `marks`, and write it to `paths`.

    `look` is what `grokking.study.look.look_of` returns.
    """
    render(draw, FigureData(read_data(table)), marks, *paths, style=look["style"], width=look["width"])


def svg(figure: Figure) -> bytes:
    """Return the figure as SVG, with coordinates to a hundredth of a point."""
    text = saved(figure, "svg", {"Date": None}).decode("utf-8")
    return COORDINATES.sub(lambda match: DECIMALS.sub(r"\1", match[0]), text).encode("utf-8")


def png(figure: Figure) -> bytes:
    """Return the figure as PNG with 256 colours, a third of the size of full colour.

    No colour is off by more than 5 %.
    """
    buffer = io.BytesIO()
    with_palette(Image.open(io.BytesIO(saved(figure, "png", {}))), 256).save(
        buffer, "png", optimize=True, dpi=(DPI, DPI)
    )
    return buffer.getvalue()


def with_palette(image: Image.Image, colors: int) -> Image.Image:
    """Return the image reduced to `colors` colours."""
    return image.convert("RGB").quantize(colors, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)


def pdf(figure: Figure) -> bytes:
    """Return the figure as PDF, without its creation time."""
    return saved(figure, "pdf", {"CreationDate": None})


def saved(figure: Figure, suffix: str, metadata: dict[str, None]) -> bytes:
    """Return the bytes of the figure as matplotlib writes it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format=suffix, dpi=DPI, metadata=metadata)
    return buffer.getvalue()


WRITERS = {".svg": svg, ".png": png, ".pdf": pdf}
