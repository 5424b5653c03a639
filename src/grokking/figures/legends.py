"""Legends that hide nothing: a covering legend moves within its panel, or above or below it."""

from collections.abc import Iterator
from typing import Any, Literal, get_args

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import Collection, PathCollection
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.transforms import Bbox, offset_copy

Place = Literal[
    "upper left", "upper right", "lower left", "lower right",
    "center left", "center right", "upper center", "lower center",
]  # fmt: skip
PLACES: tuple[Place, ...] = get_args(Place)
GAP = 4  # points between a panel with its labels and a legend outside


def clear_legends(figure: Figure) -> None:
    """Move the legends of all panels off curves, bands and markers; panels keep their height.

    Lines across a whole panel may be hidden: they remain visible on both sides.
    """
    figure.draw_without_rendering()
    heights = {axes: axes.bbox.height for axes in figure.axes}
    for _ in figure.axes:  # moving one out shrinks the panels: others may then cover
        legends = [(axes, legend) for axes in figure.axes if (legend := axes.get_legend())]
        covering = [(axes, legend) for axes, legend in legends if hides(legend, figure)]
        if not covering:
            break
        for axes, legend in covering:
            if not any(is_free(legend, place, figure) for place in PLACES):
                move_out(legend, axes)
        figure.draw_without_rendering()
    heighten(figure, max((height - axes.bbox.height for axes, height in heights.items()), default=0))


def heighten(figure: Figure, lost: float) -> None:
    """Make a figure higher by `lost` pixels for each row of panels."""
    rows = max((grid.nrows for axes in figure.axes if (grid := axes.get_gridspec())), default=1)
    if lost > 0:
        figure.set_figheight(figure.get_figheight() + rows * lost / figure.dpi)
        figure.draw_without_rendering()


def is_free(legend: Legend, place: Place, figure: Figure) -> bool:
    """Move a legend to a place in its panel; whether it hides nothing there."""
    legend.set_bbox_to_anchor(None)  # the panel itself
    legend.set_loc(place)
    return not hides(legend, figure)


def move_out(legend: Legend, axes: Axes) -> None:
    """Move a legend above its panel, or below if that has a title, in as many columns as fit."""
    lowest = min(label.y0 for label in (axes.bbox, axes.xaxis.get_tightbbox()) if label)
    labels = (axes.bbox.y0 - lowest) / axes.figure.dpi * 72
    place, height, gap = ("upper center", 0, -labels - GAP) if axes.get_title() else ("lower center", 1, GAP)
    texts, title = legend.get_texts(), legend.get_title()
    look: dict[str, Any] = {
        "loc": place, "bbox_to_anchor": (0.5, height), "borderaxespad": 0, "fontsize": texts[0].get_fontsize(),
        "bbox_transform": offset_copy(axes.transAxes, axes.get_figure(root=True), 0, gap, "points"),
        "title": title.get_text() or None, "title_fontsize": title.get_fontsize(),
    }  # fmt: skip
    handles, names = [handle for handle in legend.legend_handles if handle], [text.get_text() for text in texts]
    for columns in range(len(texts), 0, -1):
        moved = axes.legend(handles, names, ncols=columns, **look)
        if moved.get_window_extent().width <= axes.bbox.width:
            return


def hides(legend: Legend, figure: Figure) -> bool:
    """Whether the legend covers anything drawn from data."""
    box = legend.get_window_extent()
    return any(path.intersects_bbox(box, filled) for path, filled in drawn(figure) if touches(path, box))


def touches(path: Path, box: Bbox) -> bool:
    """Whether the bounding boxes overlap: a fast test before the exact one."""
    return len(np.asarray(path.vertices)) > 0 and path.get_extents().overlaps(box)


def drawn(figure: Figure) -> Iterator[tuple[Path, bool]]:
    """The outlines of curves, markers and bands in pixels, and whether each is filled."""
    for axes in figure.axes:
        for line in axes.get_lines():
            if line.get_visible() and line.get_transform().contains_branch(axes.transData) and from_data(line, axes):
                yield line.get_transform().transform_path(line.get_path()), False
        for collection in axes.collections:
            yield from outlines(collection)


def from_data(line: Line2D, axes: Axes) -> bool:
    """Whether both coordinates are data; for `axvline` and `axhline` one is a panel fraction."""
    return all(line.get_transform().contains_branch_seperately(axes.transData))


def outlines(collection: Collection) -> Iterator[tuple[Path, bool]]:
    """The markers or bands of a collection."""
    if isinstance(collection, PathCollection):
        points = collection.get_offset_transform().transform(collection.get_offsets())
        yield Path(points), False
    else:
        for path in collection.get_paths():
            yield collection.get_transform().transform_path(path), True
