"""What all figures share: the registry, curves and panels, files that are the same every time."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from grokking.analyses.analysis import Analysis
from grokking.claims import AtLeast, AtMost, Within, WithinFactor, experiment
from grokking.claims.marks import paper_marks
from grokking.dynamics.dynamics import Dynamics
from grokking.figures.by_value import carried
from grokking.figures.curves import Line, Panel, panel_set
from grokking.figures.data import FigureData, read_data, write_data
from grokking.figures.gromov2023_sweeps import SETTINGS
from grokking.figures.keys import PAPER
from grokking.figures.kind import ANY_RUN, FigureKind
from grokking.figures.kinds import declared, kinds, load
from grokking.figures.letters import letter
from grokking.figures.names import by_dynamics, look_of, seeds
from grokking.figures.render import drawn, render
from grokking.figures.style import COLORS, colors, common_style, dashes
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
    assert labels(score) == ["our score", PAPER]
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
        (
            [{"weight_decay": 1e-3, "label": "small"}, {"weight_decay": 2e-2, "label": None}],
            ["small", r"λ = $2 \cdot 10^{-2}$"],
        ),
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
    data = together(*(run(name, score=0.123456789, weight_decay=value) for name, value in (("a", 1.23456), ("b", 1))))
    render(lambda data, marks: panel_set(data.rows, marks, [SCORE]), FigureData(data), marks(), tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "λ = 1.23456" in text
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
        claim(e.value_when("test_accuracy", "log10_time", 39), AtMost(0.01, paper=0)),
        claim(crossing - e.crossing("test_accuracy", 0.2), WithinFactor(30, 2)),
    ]
    assert points_of(claims) == [
        ("test_accuracy", 30, 0.7),
        ("test_loss", 10, 0.4),
        ("test_loss", 77, 0.2),
        ("test_accuracy", 533, 0.5),
        ("parameter_norm", 147.5, 777),
        ("test_accuracy", 39, 0),
    ]


def points_of(claims, **ends):
    """The marks that claims give on the experiment `e`, which ends where `ends` says."""
    found = paper_marks(claims, ["e"], ends)
    assert {mark["experiment"] for mark in found} <= {"e"}
    return [(mark["column"], mark["x"], mark["value"]) for mark in found]


def test_final_and_largest_values_ratios_to_the_start_and_onsets_are_marked():
    e, norm = experiment("e"), WithinFactor(3.7, 1.25)
    peak, place = (
        claim(e.maximum("parameter_norm"), norm),
        claim(e.step_of_maximum("parameter_norm"), WithinFactor(9, 2)),
    )
    assert points_of([peak]) == []  # without a step it has no place
    assert points_of([peak, place]) == [("parameter_norm", 9, 3.7)]
    end = claim(e.final("test_accuracy"), AtLeast(0.999, paper=1))
    assert (points_of([end]), points_of([end], e=50.0)) == ([], [("test_accuracy", 50, 1)])
    grown = e.value_at("parameter_norm", 20) / e.value_at("parameter_norm", 0)
    assert points_of([claim(grown, norm)]) == [("parameter_norm_over_start", 20, 3.7)]
    other = e.value_at("parameter_norm", 20) / e.value_at("parameter_norm", 10)
    assert points_of([claim(other, norm)]) == []
    onset = e.onset("grokked", along="observed", within=2500)
    assert points_of([claim(onset, Within(0.29, 0.06))]) == [("grokked", 0.29, 2500)]


def test_marks_of_another_experiment_are_on_its_own_panel():
    paper = marks(("score", 100, 0.9), ("score", 10, 0.2)).assign(experiment=["e", "f"])
    (axes,) = panel_set(run(score=0.5), paper, [SCORE]).axes
    assert diamonds(axes) == [[[100, 90]]]


def test_a_run_that_ends_early_counts_with_its_last_value_and_its_end_is_marked():
    """Two of three seeds are right on all and end; the third is at 0.5 and never alone."""
    early = [run(seed=seed, steps=STEPS[:4], score=[0.0, 0.2, 0.6, 1.0]) for seed in (0, 1)]
    (axes,) = panel_set(together(*early, run(seed=2, score=0.5)), marks(), [SCORE]).axes
    assert points(axes, "our score") == [[1, 20], [10, 60], [100, 100], [1000, 100]]
    (end,) = [one for one in axes.get_lines() if one.get_marker() == "|"]
    assert end.get_xydata().tolist() == [[100, 100], [100, 100]]
    assert labels(axes) == ["our score", "a run ends"]


def test_a_seed_observed_at_other_steps_is_interpolated():
    seeds = [
        run(seed=seed, steps=np.array([0.0, 1, last]), score=[0, 0, last / 100]) for seed, last in ((0, 100), (1, 50))
    ]
    found = carried(together(*seeds), "step", "score")
    at_fifty = found[found["step"] == 50]["score"]
    assert sorted(at_fifty) == pytest.approx([0.49 / 0.99, 0.5], rel=0.02)
    assert sorted(found[found["step"] == 100]["score"]) == pytest.approx([0.5, 1])


@pytest.mark.parametrize("title", ["", "short", "a first line\nand a second one, wider than the panel"])
def test_the_letter_of_a_panel_stands_beside_its_title(title):
    figure = Figure(figsize=(5, 2), layout="constrained")
    axes = figure.subplots(1, 2)
    for panel in axes:
        panel.set_title(title)
        panel.set_box_aspect(1)
    letter(figure)
    figure.draw_without_rendering()
    for panel in axes:
        (text,) = panel.texts
        box, shown = text.get_window_extent(), panel.title.get_window_extent()
        assert box.x1 <= min(panel.bbox.x0, shown.x0 if title else panel.bbox.x0)


@pytest.mark.parametrize(("count", "letters"), [(1, []), (3, ["(a)", "(b)", "(c)"])])
def test_panels_have_letters_unless_there_is_one(count, letters):
    both = Panel("score", SCORE.lines, right=LOSS)
    figure = drawn(
        lambda data, marks: panel_set(data.rows, marks, [both] * count), FigureData(run(score=1.0, loss=1.0)), marks()
    )
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert found == letters


def test_only_a_second_axis_has_a_right_spine():
    with common_style():
        both = panel_set(run(score=1.0, loss=1.0), marks(), [Panel("score", SCORE.lines, right=LOSS)])
    assert [axes.spines.right.get_visible() for axes in both.axes] == [False, True]


def test_an_axis_of_steps_goes_on_to_a_near_power_of_ten():
    ends = [panel_set(run(steps=np.array([0, 1, last]), score=1.0), marks(), [SCORE]).axes[0].get_xlim()[1]
            for last in (9.1e7, 5e6)]  # fmt: skip
    assert ends == [1e8, 5e6]
