"""A build's figures and page have the same bytes whatever a user has set; from Python the user's style wins."""

import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import seaborn as sns
from bokeh.settings import settings

import grokking
from grokking.figures.data import FigureData, write_data
from grokking.figures.kinds import load
from grokking.figures.render import render
from grokking.figures.style import STYLE
from grokking.page.contents import Contents
from grokking.page.page import page
from grokking.parts.errors import ConfigError
from grokking.store.provenance import ROOT
from grokking.store.results import csv_bytes
from grokking.study.load import read_settings
from grokking.study.look import look_of
from tests.unit.figure_tables import marks, run, together
from tests.unit.small_runs import KINDS
from tests.unit.test_page import BUILT, FIGURE, built  # noqa: F401 (a fixture)

COLUMNS = {name: np.linspace(0.1, 0.9, 5) for name in ("train_loss", "train_accuracy", "test_accuracy")}
SUFFIXES = ("svg", "png", "pdf")
USERS = {  # of every kind: fonts, LaTeX, colours, lines, axes, sizes, what is written into files
    **{"text.usetex": True, "font.family": "serif", "font.size": 20, "mathtext.fontset": "cm", "svg.fonttype": "path"},
    **{"axes.facecolor": "black", "text.color": "white", "axes.prop_cycle": mpl.cycler(color="rgb")},
    **{"lines.marker": "o", "lines.linewidth": 5, "axes.spines.left": False, "axes.formatter.limits": (-1, 1)},
    **{"savefig.bbox": "tight", "savefig.transparent": True, "figure.autolayout": True, "figure.dpi": 300},
    **{"path.simplify": False, "svg.hashsalt": "mine", "pdf.compression": 0, "figure.figsize": (1, 1)},
}  # fmt: skip


def files(folder):
    """A figure as the workflow writes it."""
    data = together(*(run(f"a{seed}", seed=seed, **COLUMNS) for seed in (0, 1)))
    paths = [folder / f"a.{suffix}" for suffix in SUFFIXES]
    render(load("learning_curves"), FigureData(data), marks(("test_accuracy", 10, 0.5)), *paths)
    write_data(folder / "a.csv", data)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_figures_of_a_build_ignore_matplotlibrc_and_options_of_pandas(tmp_path):
    (tmp_path / "before").mkdir()
    (tmp_path / "after").mkdir()
    before = files(tmp_path / "before")
    with mpl.rc_context(USERS), sns.plotting_context("poster"), pd.option_context(*OPTIONS):
        seen = dict(mpl.rcParams)
        assert files(tmp_path / "after") == before
        assert dict(mpl.rcParams) == seen


OPTIONS = (
    "display.precision",
    2,
    "display.float_format",
    str,
    "mode.string_storage",
    "python",
    "display.max_columns",
    1,
)


def test_the_page_ignores_variables_and_files_of_bokeh(built, monkeypatch):  # noqa: F811
    def text():
        entry = {"name": "mine", "title": "Mine", "link": "", "figures": [{**FIGURE, "claims": []}], "claims": []}
        entry |= {"checks": []}
        return re.sub(r"\bp\d{4,}\b", "p", page(Contents(built, [entry], [], BUILT)))  # numbers of the process

    before = text()
    users = {"MINIFIED": "no", "PRETTY": "yes", "SIMPLE_IDS": "no", "LOG_LEVEL": "trace", "RESOURCES": "cdn"}
    for name, value in {**users, "SERIALIZE_INCLUDE_DEFAULTS": "yes"}.items():
        monkeypatch.setenv(f"BOKEH_{name}", value)
    monkeypatch.setattr(settings, "_config_user", {"minified": False, "simple_ids": False})
    assert text() == before
    assert not settings.minified()  # as the user has it again


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    grokking.train(KINDS["relu"], folder, progress=False)
    return folder


def drawn(folder):
    return grokking.figure("learning_curves", {"mine": KINDS["relu"]}, folder)


def look(figure):
    """What a reader sees of the style."""
    axes, legend = figure.axes[0], figure.legends[0]
    return {
        "font.family": axes.xaxis.label.get_fontfamily(),
        "font.size": axes.xaxis.label.get_fontsize(),
        "legend.fontsize": legend.get_texts()[0].get_fontsize(),
        "axes.spines.top": axes.spines.top.get_visible(),
        "axes.facecolor": axes.get_facecolor(),
        "figure.figsize": tuple(figure.get_size_inches()),
    }


def test_without_a_style_of_the_users_figures_from_python_have_ours(trained):
    found = look(drawn(trained))
    assert {key: found[key] for key in ("font.family", "legend.fontsize", "axes.spines.top")} == {
        "font.family": ["DejaVu Sans"],
        "legend.fontsize": STYLE["legend.fontsize"],
        "axes.spines.top": False,
    }
    assert found["font.size"] == STYLE["font.size"]


def test_from_python_the_style_of_the_user_wins(trained):
    before = dict(mpl.rcParams)
    ours = look(drawn(trained))
    with mpl.rc_context({"font.size": 14, "figure.figsize": (3.3, 6.0)}):
        found = look(drawn(trained))
    assert (found["font.size"], found["legend.fontsize"], found["figure.figsize"]) == (14, 14, (3.3, 6.0))
    assert found["font.family"] == ours["font.family"]  # which the user has not set
    with mpl.rc_context({"font.sans-serif": ["Liberation Sans", "DejaVu Sans"]}):
        assert look(drawn(trained))["font.family"] == ["sans-serif"]
    with plt.style.context("dark_background"):
        dark = drawn(trained)
        assert look(dark)["axes.facecolor"] == (0, 0, 0, 1)
        assert not any(line.get_color() == "black" for axes in dark.axes for line in axes.get_lines())
    assert dict(mpl.rcParams) == before


def test_tables_of_runs_ignore_options_of_pandas(trained, tmp_path):
    with pd.option_context(*OPTIONS):
        table = grokking.train(KINDS["relu"], tmp_path, progress=False).table
    assert csv_bytes(table) == csv_bytes(grokking.train(KINDS["relu"], trained, progress=False).table)


def test_a_style_and_a_width_of_ones_own(tmp_path):
    """The text keeps its size, so that it is that of the paper around the figure."""
    (tmp_path / "my.mplstyle").write_text("axes.facecolor: 102030\n", encoding="utf-8")
    look = look_of(settings_with(style=str(tmp_path / "my.mplstyle"), figure_width=3.4), "here")
    assert (look["width"], len(look["sha256"])) == (3.4, 64)
    data = FigureData(together(run("a", **COLUMNS)))
    draw = load("learning_curves")
    render(draw, data, marks(), usual := tmp_path / "usual.svg")
    render(draw, data, marks(), own := tmp_path / "own.svg", style=look["style"], width=look["width"])
    texts = [file.read_text(encoding="utf-8") for file in (usual, own)]
    assert ["fill: #102030" in text for text in texts] == [False, True]
    (wide, high), (narrow, low) = (
        map(float, re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', text).groups()) for text in texts
    )
    assert narrow == pytest.approx(3.4 * 72)
    assert low / narrow == pytest.approx(high / wide, rel=1e-3)
    sizes = [set(re.findall(r"font(?:-size)?: ([\d.]+)px", text)) for text in texts]
    assert sizes[0] == sizes[1] != set()


@pytest.mark.parametrize(("style", "said"), [
    ("dark_backgrund", r"here: style: 'dark_backgrund': no such style; a file \*\.mplstyle, or .*dark_background"),
    ("none.mplstyle", r"here: style: 'none\.mplstyle': cannot be read: .*No such file"),
    ("bad.mplstyle", r"here: style: 'bad\.mplstyle': cannot be read: .*font\.size.*'large3'"),
])  # fmt: skip
def test_a_style_that_matplotlib_cannot_use_is_refused(style, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.mplstyle").write_text("font.size: large3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        look_of(settings_with(style=style), "here")


def settings_with(**chosen):
    return read_settings(ROOT, chosen)
