"""No legend lies on what a figure shows."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from grokking.claims.marks import MARK_COLUMNS, paper_marks
from grokking.figures.data import FigureData, read_data
from grokking.figures.kinds import load
from grokking.figures.legends import clear_legends, hides
from grokking.figures.style import STYLE, new_figure
from grokking.report.changed_claims import has_older_words
from grokking.store.provenance import ROOT
from grokking.study.load import load_study, stems
from grokking.study.sources import sources_of_figure

STUDY = load_study(ROOT, stems(ROOT, "papers"), "paper", None)
TABLES = {figure.target: ROOT / f"results/published/figures/{figure.paper}/{figure.name}.csv.gz"
          for figure in STUDY.default_figures.values()}  # fmt: skip
PUBLISHED = [target for target, file in TABLES.items() if file.exists()]
X = np.linspace(0, 1, 50)


def covered(figure):
    """The panels whose legend lies on something."""
    figure.draw_without_rendering()
    return [axes for axes in figure.axes if axes.get_legend() and hides(axes.get_legend(), figure)]


def box(axes):
    return axes.get_legend().get_window_extent()


@pytest.fixture(autouse=True)
def style():
    with mpl.rc_context(STYLE):
        yield


@pytest.mark.parametrize("target", PUBLISHED)
def test_no_legend_of_a_published_figure_hides_anything(target):
    own = STUDY.default_figures[target]
    marks = pd.DataFrame(paper_marks(STUDY.papers[own.paper].claims, own.experiments), columns=MARK_COLUMNS)
    evidence = {source.experiment: source.evidence for source in sources_of_figure(STUDY, own)}
    table = read_data(TABLES[target])
    try:
        figure = load(own.kind)(FigureData(table.assign(evidence=table["experiment"].map(evidence))), marks)
    except KeyError as column:
        if has_older_words(ROOT / "results/published/claims.json"):
            pytest.skip(f"the table was published by older code and has no column {column}")
        raise
    names = [[text.get_text() for text in axes.get_legend().get_texts()] for axes in figure.axes if axes.get_legend()]
    clear_legends(figure)
    assert not covered(figure)
    assert names == [
        [text.get_text() for text in axes.get_legend().get_texts()] for axes in figure.axes if axes.get_legend()
    ]


@pytest.mark.parametrize("draw", [
    lambda axes: axes.plot(X, X, label="curve"),
    lambda axes: axes.plot(X, X, "o", label="markers"),
    lambda axes: axes.scatter(X[::-1], X[::-1], label="points"),
    lambda axes: axes.fill_between(X, X - 0.1, X + 0.1, label="band"),
])  # fmt: skip
def test_a_legend_on_data_is_seen_and_goes_to_a_free_corner(draw):
    figure, (axes,) = new_figure(1)
    draw(axes)
    axes.legend(loc="lower left")
    assert covered(figure) == [axes]
    clear_legends(figure)
    assert not covered(figure)
    assert axes.bbox.contains(*box(axes).get_points().mean(axis=0))


def test_a_legend_that_hides_nothing_stays():
    figure, (axes,) = new_figure(1)
    axes.plot(X, X, label="curve")
    axes.axvline(0.8, label="a line across the panel")
    axes.legend(loc="lower right")
    figure.draw_without_rendering()
    before = box(axes).bounds
    clear_legends(figure)
    assert box(axes).bounds == pytest.approx(before)


@pytest.mark.parametrize("title", ["", "a title"])
def test_without_a_free_place_it_goes_out_of_the_panel_and_stays_on_the_figure(title):
    figure, panels = new_figure(1, columns=2, share="none")
    for axes in panels:
        axes.fill_between(X, 0 * X, 1 + 0 * X, label="everywhere")
        axes.set(title=title, xlabel="x", xlim=(0, 1), ylim=(0, 1))
    panels[0].legend()
    figure.draw_without_rendering()
    height = panels[0].bbox.height
    clear_legends(figure)
    assert not covered(figure)
    assert panels[0].bbox.height == pytest.approx(height, rel=0.01)  # the figure grew by as much
    own, panel = box(panels[0]), panels[0].bbox
    assert own.y0 >= panel.y1 if not title else own.y1 <= panels[0].xaxis.get_tightbbox().y0
    assert figure.bbox.y0 <= own.y0
    assert own.y1 <= figure.bbox.y1
    assert panels[0].bbox.bounds[1::2] == pytest.approx(panels[1].bbox.bounds[1::2])  # still side by side
