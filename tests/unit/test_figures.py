"""What all figures share: the registry, curves and panels, files that are the same every time."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from grokking.analyses.analysis import Analysis
from grokking.claims import AtLeast, Within, WithinFactor, experiment
from grokking.claims.marks import paper_marks
from grokking.dynamics.dynamics import Dynamics
from grokking.figures.curves import Line, Panel, panel_set
from grokking.figures.data import FigureData, read_data, write_data
from grokking.figures.gromov2023_sweeps import SETTINGS
from grokking.figures.kind import ANY_RUN, FigureKind
from grokking.figures.kinds import declared, kinds, load
from grokking.figures.names import by_dynamics, look_of, seeds
from grokking.figures.render import render
from grokking.figures.style import COLORS, colors, dashes, new_figure, plain_log_x
from grokking.parts.errors import ConfigError
from grokking.parts.registry import parts
from grokking.store.source import SWEEP
from grokking.tasks.task import Task
from tests.unit.figure_tables import STEPS, diamonds, labels, marks, points, run, together
from tests.unit.test_claims import claim

SCORE = Panel("score", (Line("score", "our score", "blue", factor=100),), legend={})
LOSS = Panel("loss", (Line("loss", "loss", "red"),), axis={"yscale": "log", "ylim": (0.1, 10)})


def test_the_registry_loads_no_plotting_and_no_torch():
    code = "import sys, grokking.figures.kinds as k; k.kinds(); print(*(m for m in sys.modules if '.' not in m))"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert not {"matplotlib", "seaborn", "pandas", "numpy", "torch", "scipy"} & set(loaded)


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_can_be_loaded_and_takes_what_there_is(kind):
    declaration = kinds()[kind]
    assert callable(load(kind))
    data = {task.data for task in parts(Task).values()}
    assert {*declaration.takes, *declaration.single} <= {SWEEP, ANY_RUN, *data, *parts(Analysis)}
    assert 1 <= declaration.least <= (declaration.most or 99)


def test_the_settings_that_a_sweep_must_vary_are_those_that_the_figure_shows():
    assert {*kinds()["sensitivity"].varied} == {*SETTINGS, "beta1"}


def test_every_dynamics_has_a_label_and_a_colour_and_one_of_ones_own_is_called_by_its_name():
    assert all(color is not None for _, color in map(look_of, parts(Dynamics)))
    assert look_of("sign_descent") == ("sign descent", None)


def test_a_dynamics_says_how_it_is_drawn(monkeypatch):
    monkeypatch.setitem(parts(Dynamics), "lion", type("Lion", (), {"label": "Lion", "color": 4}))
    assert look_of("lion") == ("Lion", COLORS[4])
    (nets,) = by_dynamics(run(dynamics="lion"))
    assert (nets.label, nets.color) == ("Lion", COLORS[4])


DRAW = "def draw(data, marks):\n    return None\n"


def test_a_declaration_is_read_off_the_source():
    (kind,) = declared(f'@FigureKind("bar", takes=("sum",), most=2)\n{DRAW}', "own/mine.py")
    assert kind == FigureKind("bar", ("sum",), most=2, module="grokking.own.mine", function="draw")
    assert not list(declared(f"# FigureKind\n@other\n@called()\n{DRAW}", "own/mine.py"))


@pytest.mark.parametrize(
    ("decorator", "message"),
    [
        ('@FigureKind("bar", takes=TAKES)', "own/mine.py, line 1: FigureKind takes literal arguments only"),
        ('@FigureKind("bar", takes=("sum",), **MORE)', "own/mine.py, line 1: FigureKind takes literal arguments only"),
        ('@FigureKind("bar")', "own/mine.py, line 1: FigureKind.* missing 1 required .*: 'takes'"),
        ('@FigureKind("bar", take=("sum",))', "own/mine.py, line 1: FigureKind.* unexpected keyword argument 'take'"),
        (
            '@FigureKind("bar", takes=("sum"))',
            r"own/mine.py, line 1: takes, .* must be tuples, such as \('operation',\)",
        ),
        ('@FigureKind("bar", takes=("sum",)', r"own/mine.py, line 1: SyntaxError: '\(' was never closed"),
    ],
)
def test_a_declaration_that_cannot_be_read_is_refused_in_one_line(decorator, message):
    with pytest.raises(ConfigError, match=message) as refusal:
        list(declared(f"{decorator}\n{DRAW}", "own/mine.py"))
    assert "\n" not in str(refusal.value)


def test_a_name_that_is_taken_is_refused(tmp_path, monkeypatch):
    for file in ("figures/one.py", "own/two.py"):
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).write_text(f'@FigureKind("bar", takes=("sum",))\n{DRAW}', encoding="utf-8")
    monkeypatch.setattr("grokking.figures.kinds.PACKAGE", tmp_path)
    with pytest.raises(ConfigError, match=r"own/two\.py: 'bar': is already a kind of figure in grokking\.figures\.one"):
        kinds.__wrapped__()


def test_tables_with_columns_of_one_name_share_a_figure():
    """A linearised net and a net on its kinks both have a `residual`."""
    nets = pd.DataFrame({"experiment": "l", "seed": [0, 0], "residual": [0.1, 0.2], "observed": 0.5})
    kinks = pd.DataFrame({"experiment": "k", "seed": 0, "residual": [0.3], "speed": 0.4})
    table = together(nets.assign(evidence="linearised_net"), kinks.assign(evidence="kink_stationarity"))
    data = FigureData(table)
    assert data.of("linearised_net")["residual"].tolist() == [0.1, 0.2]
    assert data.of("kink_stationarity")["residual"].tolist() == [0.3]
    assert [*data.of("linearised_net")] == ["experiment", "seed", "residual", "observed", "evidence"]
    assert [*data.of("kink_stationarity")] == ["experiment", "seed", "residual", "evidence", "speed"]
    assert data.of("linearised_net", "kink_stationarity").equals(data.rows)
    assert data.of("sweep").empty
    assert "experiment" in data.of("sweep")


def test_a_column_that_is_empty_everywhere_belongs_to_every_kind_and_infinity_is_nothing():
    nets = run(evidence="sweep", grokked=np.nan, loss=np.inf)
    assert FigureData(together(nets, run())).of("sweep")["grokked"].isna().all()
    assert FigureData(nets).rows["loss"].isna().all()


def test_a_curve_is_the_median_from_step_1_on_in_a_band_that_spans_all_seeds():
    values = np.arange(5) / 10
    data = together(*(run(seed=seed, score=values + shift) for seed, shift in enumerate((0, 0.4, 0.1))))
    axes = panel_set(data, marks(), [SCORE]).axes[0]
    np.testing.assert_allclose(points(axes, "our score"), np.stack([STEPS[1:], 100 * (values + 0.1)[1:]], axis=1))
    heights = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == pytest.approx((10, 80))
    assert axes.get_xlim() == (1, 1000)
    assert (axes.get_xscale(), axes.get_xlabel(), axes.get_ylabel()) == ("log", "step (t / η)", "score")


def test_marks_are_in_the_units_of_the_axis_and_named():
    paper = marks(("score", 100, 0.9), ("score", 0, 0.1), ("loss", 10, 2))
    score, loss = panel_set(run(score=0.5, loss=1.0), paper, [SCORE, LOSS]).axes
    assert diamonds(score) == [[[100, 90]]]  # not the start, which a log axis does not show
    assert diamonds(loss) == [[[10, 2]]]
    assert labels(score) == ["our score", "paper's value"]
    assert loss.get_ylim() == (0.1, 10)


@pytest.mark.parametrize("columns", [{"score": 0.5}, {"score": 0.5, "loss": np.nan}])
def test_a_panel_without_data_is_left_out(columns):
    (axes,) = panel_set(run(**columns), marks(), [SCORE, LOSS]).axes
    assert axes.get_ylabel() == "score"


def test_a_right_axis_stands_alone_where_there_is_no_left_one():
    both = Panel("score", SCORE.lines, right=LOSS)
    assert [axes.get_ylabel() for axes in panel_set(run(score=1.0, loss=1.0), marks(), [both]).axes] == [
        "score",
        "loss",
    ]
    assert [axes.get_ylabel() for axes in panel_set(run(loss=1.0), marks(), [both]).axes] == ["loss"]


def test_data_with_nothing_to_draw_say_what_they_lack():
    with pytest.raises(ValueError, match="none of the columns of this figure: score, loss"):
        panel_set(run(other=1.0), marks(), [SCORE, LOSS])


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ((40, 600), ["50", "100", "200", "300", "500"]),
        ((2.1, 4.9), ["3", "4"]),
        ((0.5, 2000), ["$\\mathdefault{10^{" + str(power) + "}}$" for power in range(4)]),
    ],
)
def test_a_logarithmic_axis_has_plain_numbers_where_it_has_few_powers(ends, told):
    _, (axes,) = new_figure(1)
    plain_log_x(axes, "epoch")
    axes.set_xlim(ends)
    ticks = [(axes.xaxis.get_majorticklocs(), axes.xaxis.get_major_formatter()),
             (axes.xaxis.get_minorticklocs(), axes.xaxis.get_minor_formatter())]  # fmt: skip
    shown = {x: formatter(x) for places, formatter in ticks for x in places if ends[0] <= x <= ends[1]}
    assert [text for _, text in sorted(shown.items()) if text] == told


def test_any_number_of_experiments_is_told_apart():
    data = together(*(run(f"e{i}", score=i / 10, weight_decay=i) for i in range(7)))
    axes = panel_set(data, marks(), [SCORE]).axes[0]
    shown = [one for one in axes.get_lines() if one.get_label() == "our score"]
    assert [one.get_ydata()[-1] for one in shown] == pytest.approx([10 * i for i in range(7)])
    assert labels(axes) == [*(f"λ = {i}" for i in range(7)), "our score"]
    assert len({str(style) for style in dashes(12)}) == 12
    assert len(set(colors(10))) == 10
    assert len(set(colors(40))) == 40


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            [{"weight_decay": 1e-3, "init_scale": 1.0}, {"weight_decay": 1e-3, "init_scale": 10.0}],
            ["He × 1", "He × 10"],
        ),
        ([{"weight_decay": 1e-3}, {"weight_decay": 1e-3}], ["a", "b"]),
        ([{"weight_decay": 1e-3, "label": "small"}, {"weight_decay": 1e-2, "label": None}], ["small", "λ = 0.01"]),
    ],
)
def test_experiments_are_named_by_the_config_or_what_tells_them_apart(columns, expected):
    data = together(*(run(name, score=0.5, **one) for name, one in zip("ab", columns, strict=True)))
    assert labels(panel_set(data, marks(), [SCORE]).axes[0])[:2] == expected


def test_the_number_of_seeds_in_words():
    both = pd.DataFrame({"experiment": ["a", "a", "a", "b"], "seed": [0, 1, 1, 0]})
    assert seeds(both) == "1 to 2 seeds"
    assert [seeds(both[both["experiment"] == name]) for name in "ab"] == ["2 seeds", "1 seed"]


def test_series_of_one_dynamics_share_its_colour_unless_they_have_labels():
    data = together(run("a"), run("b"), run("c", label="mine"), run("d", dynamics="adamw"))
    a, b, c, d = by_dynamics(data)
    assert [one.label for one in (a, b, c, d)] == ["GD", "GD", "mine", "AdamW"]
    assert a.color == b.color
    assert len({a.color, c.color, d.color}) == 3


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_rendering_twice_gives_the_same_bytes(suffix, tmp_path):
    columns = {name: np.linspace(0.1, 0.9, 5) for name in ("train_loss", "train_accuracy", "parameter_norm")}
    paths = [tmp_path / f"{i}.{suffix}" for i in range(2)]
    for path in paths:
        render(load("diagonal_net"), FigureData(run(**columns)), marks(), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert len(paths[0].read_bytes()) < 60_000


def test_svg_coordinates_are_short_and_labels_whole(tmp_path):
    data = together(
        *(run(name, score=0.123456789, weight_decay=value) for name, value in (("a", 1.23456e-4), ("b", 1)))
    )
    render(lambda data, marks: panel_set(data.rows, marks, [SCORE]), FigureData(data), marks(), tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "λ = 0.000123456" in text
    assert "our score" in text
    paths = [part.split('"')[0] for part in text.split(' d="')[1:]]
    assert max(len(number.partition(".")[2]) for path in paths for number in path.split()) == 2


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_tables_come_back_to_the_digits_that_were_asked_for(name, tmp_path):
    table = pd.DataFrame({"name": ["α", None], "x": [1.23456789, np.nan], "n": [1234567, 2]})
    write_data(tmp_path / name, table)
    first = (tmp_path / name).read_bytes()
    found = read_data(tmp_path / name)
    assert found["x"].to_list()[0] == 1.23457
    assert found["n"].to_list() == [1234567, 2]
    assert found["name"].to_list()[0] == "α"
    assert found.isna().sum().to_list() == [1, 1, 0]
    write_data(tmp_path / name, table)
    assert (tmp_path / name).read_bytes() == first
    if name.endswith(".gz"):
        assert first[:10] == b"\x1f\x8b\x08\x00" + bytes(4) + b"\x02\xff"  # neither name nor time


def test_marks_come_from_claims_with_a_point_on_a_curve():
    e, other = experiment("e"), experiment("other")
    crossing = e.crossing("test_accuracy", 0.7)
    claims = [
        claim(crossing, WithinFactor(30, 2)),
        claim(e.value_at("test_loss", 10), Within(0.4, 1)),
        claim(e.crossing("test_loss", 0.5, of_value_at=10), WithinFactor(77, 2)),
        claim(other.crossing("test_accuracy", 0.7), WithinFactor(30, 2)),
        claim(e.final("test_loss"), WithinFactor(30, 2)),
        claim(e.crossing("test_accuracy", 0.9), AtLeast(3, paper=30)),
        claim(e.value_when("log10_time", "test_accuracy", 0.5), WithinFactor(533, 2)),
        claim(e.value_when("parameter_norm", "log10_time", 147.5), WithinFactor(777, 2)),
        claim(crossing - e.crossing("test_accuracy", 0.2), WithinFactor(30, 2)),
    ]
    assert paper_marks(claims, ["e"]) == [
        {"column": "test_accuracy", "x": 30, "value": 0.7},
        {"column": "test_loss", "x": 10, "value": 0.4},
        {"column": "test_loss", "x": 77, "value": 0.2},
        {"column": "test_accuracy", "x": 533, "value": 0.5},
        {"column": "parameter_norm", "x": 147.5, "value": 777},
    ]
