"""Letters (a), (b), … of the panels of a figure, as papers have them."""

from collections.abc import Callable
from string import ascii_lowercase
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

PLACE: Any = {"xy": (0, 1), "xytext": (-6, 7), "textcoords": "offset points"}


def letter(figure: Figure) -> None:
    """Write a letter at the upper left corner of every panel of `figure`, unless it has only one.

    A second axis of a panel, a colour bar and an empty place have none.
    """
    shown = panels(figure)
    if len(shown) > 1:
        for axes, name in zip(shown, ascii_lowercase, strict=False):
            place = PLACE | {"xycoords": beside_title(axes)}
            axes.annotate(f"({name})", ha="right", va="bottom", weight="bold", annotation_clip=False, **place)


def beside_title(axes: Axes) -> Callable[[RendererBase], Bbox]:
    """Return a function for the box of `axes`, widened to the left edge of its title, if that begins further left."""

    def box(renderer: RendererBase) -> Bbox:
        left, low, right, high = axes.bbox.extents
        title = axes.title.get_window_extent(renderer).x0 if axes.get_title() else left
        return Bbox.from_extents(min(left, title), low, right, high)

    return box


def panels(figure: Figure) -> list[Axes]:
    """Return the axes that a reader counts as panels, in the order in which they were made."""
    found: list[Axes] = []
    for axes in figure.axes:
        place = axes.get_subplotspec()
        if axes.axison and place is not None and place not in [one.get_subplotspec() for one in found]:
            found.append(axes)
    return found
