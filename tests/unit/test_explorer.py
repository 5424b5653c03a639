"""What the page's explorer shows, computed by node on what Bokeh would hand to the browser."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from bokeh.document import Document
from bokeh.models import ColumnDataSource, CustomJS
from bokeh.models.plots import Plot
from bokeh.models.widgets import CheckboxGroup, RadioButtonGroup, Select, Slider

from grokking.page.curves import HEIGHTS, gather
from grokking.page.explorer import SCRIPT, add_explorer
from tests.unit.figure_tables import STEPS, run, together

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed (Debian: nodejs)")
PLOT = "{below: [{}], left: [{}], reset: {emit: () => {}}}"
USE = """
import explore from "%(script)s"
const args = %(args)s
for (const name in args.plots) args.plots[name] = %(plot)s
const look = () => {
  const [[scales, plot], ...more] = Object.entries(args.plots).filter(([_, plot]) => plot.visible)
  const values = (select) => select.options.map(([value]) => value)
  const sliders = Object.values(args.sliders).filter((slider) => slider.visible)
  return {
    scales, more, x: plot.below[0].axis_label, y: plot.left[0].axis_label, lines: args.drawn.data,
    marks: args.known.data, others: args.others.data,
    setting: args.setting.value, settings: values(args.setting), time: args.time.value,
    times: Object.fromEntries(args.time.options), heights: values(args.height),
    figure: args.figure.value, figures: args.figure.options,
    seeds: args.seeds.labels, titles: sliders.map((slider) => slider.title), ends: sliders.map((slider) => slider.end),
  }
}
explore(args, null)
const seen = [look()]
for (const [name, value] of %(moves)s) {
  const widget = args[name] ?? args.sliders[name] ?? args.scales[name]
  widget["active" in widget ? "active" : "value"] = value
  explore(args, widget)
  seen.push(look())
}
console.log(JSON.stringify(seen))
"""


def node(text):
    """What a module prints, read as JSON."""
    command = ["node", "--input-type=module", "--eval", text]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def plain(value):
    """What a callback is given, in JSON: of a model what the script reads."""
    if isinstance(value, ColumnDataSource):
        return {"data": {name: list(column) for name, column in value.data.items()}}
    if isinstance(value, Select):
        return {"value": value.value, "options": value.options}
    if isinstance(value, Slider):
        return {"value": value.value}
    if isinstance(value, CheckboxGroup | RadioButtonGroup):
        return {"active": value.active}
    if isinstance(value, Plot):
        return {}
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, tuple | list) else value


def explored(tables, *moves, marks=()):
    """What the explorer shows of the figures in `tables`, at first and after each (widget, value)."""
    document = Document()
    curves = gather(tables, {target: {} for target in tables})
    titles = {"paper": {target: target for target in tables}}
    add_explorer(document, curves, titles, {target: list(marks) for target in tables})
    (callback,) = document.select({"type": CustomJS})
    given = json.dumps(plain(callback.args), default=lambda number: number.item())
    return node(USE % {"script": SCRIPT.as_uri(), "args": given, "plot": PLOT, "moves": json.dumps(moves)})


def number(values):
    """A list of JSON, in which null stands for NaN."""
    return np.array(values, dtype=float)


ACCURACY = np.linspace(0, 1, len(STEPS))


def curve(seed=0, alpha=1.0, decay=1e-3, steps=STEPS, **columns):
    """A run whose test accuracy rises from 0 to α, with η = 0.1."""
    shown = {"test_accuracy": alpha * ACCURACY, **columns}
    return run(seed=seed, steps=steps, init_scale=alpha, weight_decay=decay, **shown)


TIMED = curve(relative_time=STEPS / 23, epoch=STEPS / 4)


AXES = {
    "step": ("step", 1),
    "epoch": ("epoch", 1 / 4),
    "time": ("time t", 0.1),
    "decay_time": ("λt", 1e-4),  # 1e-3 times t, whatever the critical time
    "relative_time": ("t / critical time", 1 / 23),
}


def test_each_time_axis_shows_what_its_label_says():
    first, *others = explored({"f": TIMED}, *(("time", time) for time in AXES))
    assert first["times"] == {time: label for time, (label, _) in AXES.items()}
    for (label, factor), shown in zip(AXES.values(), others, strict=True):
        assert (shown["x"], shown["scales"], shown["more"]) == (label, "log linear", [])
        (xs,), (ys,) = shown["lines"]["xs"], shown["lines"]["ys"]
        np.testing.assert_allclose(number(xs), factor * np.array([np.nan, *STEPS[1:]]), rtol=1e-6)  # 0 has no place
        np.testing.assert_allclose(ys, ACCURACY, rtol=1e-6)


def test_log_time_is_drawn_as_it_is():
    shown, other = explored({"f": curve(log10_time=STEPS - 5)}, ("time", "step"))
    assert (shown["scales"], shown["x"]) == ("linear linear", "log₁₀ t")
    assert shown["lines"]["xs"] == [(STEPS - 5).tolist()]
    assert (other["scales"], other["x"]) == ("log linear", "step")


def test_a_figure_opens_on_log_t_if_it_has_it_and_else_on_steps_whatever_was_shown_before():
    tables = {"f": TIMED, "g": TIMED.assign(log10_time=STEPS)}
    *_, log, steps = explored(tables, ("time", "epoch"), ("figure", "g"), ("figure", "f"))
    assert [log["time"], steps["time"]] == ["log10_time", "step"]


def test_both_axes_can_be_switched_between_log_and_linear():
    """Until another axis is chosen, which has a scale of its own."""
    table = TIMED.assign(test_loss=STEPS + 1)
    first, x, y, loss = explored({"f": table}, ("x", 1), ("y", 0), ("height", "loss"))
    assert [one["scales"] for one in (first, x, y, loss)] == ["log linear", "linear linear", "linear log", "log log"]
    assert x["lines"]["xs"][0][0] == 0
    assert y["lines"]["ys"][0][0] is None  # an accuracy of 0 has no place on a logarithmic axis


APART = {"epoch": [np.nan, 1, 2, 3, np.nan], "test_accuracy": [0, np.nan, np.nan, np.nan, 1]}
OFFERED = {
    "λt is 0": (curve(decay=0.0), ["step", "time"]),
    "the critical time is infinite": (curve(relative_time=0.0), ["step", "time", "decay_time"]),
    "no epochs": (curve(epoch=np.nan), ["step", "time", "decay_time"]),
    "no time": (curve().drop(columns="time"), ["step"]),
    "no value at an epoch": (curve(steps=STEPS + 1, ipr=1.0, **APART), ["step", "time", "decay_time"]),
    "one of two": (together(curve(decay=0.0), curve(seed=1)), ["step", "time", "decay_time"]),
}


def test_no_time_axis_is_offered_on_which_there_would_be_no_curve():
    tables = {name: table for name, (table, _) in OFFERED.items()}
    _, *shown = explored(tables, *(("figure", name) for name in tables))
    found = {name: list(one["times"]) for name, one in zip(tables, shown, strict=True)}
    assert found == {name: times for name, (_, times) in OFFERED.items()}


def test_no_vertical_axis_is_offered_on_which_there_would_be_no_curve():
    """A loss of 0 has no place on a logarithmic axis, an accuracy of 0 has one."""
    table = curve(test_loss=0.0, parameter_norm=[3.0, np.nan, np.nan, np.nan, np.nan], ipr=0.0)
    (shown,) = explored({"f": table})
    assert shown["heights"] == ["accuracy", "inverse participation ratio"]


def test_another_vertical_axis_has_its_own_times_and_scales():
    """The loss was observed where there is no epoch."""
    table = curve(epoch=[0, 1, 2, np.nan, np.nan], test_loss=[np.nan, np.nan, 3, 2, 1])
    first, loss, back = explored({"f": table}, ("height", "loss"), ("height", "accuracy"))
    assert list(first["times"]) == list(back["times"]) == ["step", "epoch", "time", "decay_time"]
    assert list(loss["times"]) == ["step", "time", "decay_time"]
    assert (loss["scales"], loss["y"]) == ("log log", "loss")
    assert loss["lines"]["name"] == ["test"]


def test_a_time_that_the_new_vertical_axis_lacks_is_left():
    table = curve(epoch=[0, 1, 2, np.nan, np.nan], test_loss=[np.nan, np.nan, 3, 2, 1])
    *_, shown = explored({"f": table}, ("time", "epoch"), ("height", "loss"))
    assert (shown["time"], shown["x"]) == ("step", "step")


MARKS = [
    {"experiment": "e", "column": "test_accuracy", "x": 30, "value": 0.5},
    {"experiment": "another", "column": "test_loss", "x": 7, "value": 0.1},
]


def test_the_papers_values_are_marked_on_the_axis_of_steps_alone():
    losses = {"test_loss": [5.0, 4, 3, 2, 1]}
    times = ("epoch", "time", "decay_time", "relative_time", "step")
    shown = explored(
        {"f": TIMED.assign(**losses)}, *(("time", time) for time in times), ("height", "loss"), marks=MARKS
    )
    marked = [one["marks"] for one in shown]
    none = {"x": [], "y": []}
    assert marked[0] == marked[5] == {"x": [30], "y": [0.5]}
    assert marked[1:5] == [none] * 4
    assert [one["others"] for one in shown] == [none] * 6 + [{"x": [7], "y": [0.1]}]  # of another experiment
    assert marked[6] == none


def test_in_a_figure_of_log_t_the_papers_values_are_log_t():
    shown = explored({"f": curve(log10_time=STEPS)}, ("time", "step"), marks=MARKS)
    assert [one["marks"]["x"] for one in shown] == [[30], []]


SETTINGS = [
    (alpha, decay) for alpha in (1.0, 2.0, 8.0) for decay in (1e-4, 1e-3, 1e-1) if (alpha, decay) != (8.0, 1e-3)
]
MANY = together(*(curve(seed, alpha, decay) for seed in (3, 5) for alpha, decay in SETTINGS))


START = ("setting", "e, α = 1, λ = 0.0001")
MOVES = {
    START: "e, α = 1, λ = 0.0001",
    ("λ", 1): "e, α = 1, λ = 0.001",
    ("α", 1): "e, α = 2, λ = 0.001",
    ("α", 2): "e, α = 8, λ = 0.0001",  # 10 times smaller is nearer than 100 times larger
    ("λ", 2): "e, α = 8, λ = 0.1",
    ("λ", 0): "e, α = 8, λ = 0.0001",
}


def test_a_slider_moves_to_the_nearest_run():
    _, *shown = explored({"f": MANY}, *MOVES)
    assert [one["setting"] for one in shown] == list(MOVES.values())
    for one in shown:
        assert [f"e, {', '.join(one['titles'])}", one["ends"]] == [one["setting"], [2, 2]]
        assert one["seeds"] == ["seed 3", "seed 5"]
        assert len(one["settings"]) == len(SETTINGS)


def test_the_chosen_setting_is_drawn_last_in_colour_and_the_others_in_grey():
    shown = explored({"f": MANY}, ("setting", "e, α = 2, λ = 0.001"))[-1]
    lines = pd.DataFrame(shown["lines"])
    chosen = lines["setting"] == "e, α = 2, λ = 0.001"
    assert lines.index[chosen].tolist() == [14, 15]
    assert set(lines["name"][chosen]) == {"test"}
    assert set(lines["name"][~chosen]) == {"other settings"}
    assert set(lines["color"][chosen]) & set(lines["color"][~chosen]) == set()
    for line in lines.itertuples():  # each with its own numbers
        alpha = float(line.setting.partition("α = ")[2].partition(",")[0])
        np.testing.assert_allclose(line.ys, alpha * ACCURACY, rtol=1e-6)
    assert shown["titles"] == ["α = 2", "λ = 0.001"]


def test_the_seeds_that_are_ticked_are_drawn():
    table = together(curve(3), curve(5, test_accuracy=ACCURACY / 2))
    first, one, none = explored({"f": table}, ("seeds", [1]), ("seeds", []))
    assert [shown["lines"]["seed"] for shown in (first, one, none)] == [[3, 5], [5], []]
    np.testing.assert_allclose(one["lines"]["ys"][0], ACCURACY / 2, rtol=1e-6)


def test_training_and_test_differ_in_name_and_colour():
    (shown,) = explored({"f": curve(train_accuracy=1 - ACCURACY)})
    lines = pd.DataFrame(shown["lines"]).set_index("name")
    assert lines.index.tolist() == ["training", "test"]
    np.testing.assert_allclose(lines.loc["training", "ys"], 1 - ACCURACY, rtol=1e-6)
    assert lines["color"].nunique() == 2


def test_another_figure_has_its_own_axes_settings_and_seeds():
    tables = {"f": MANY, "g": curve(9, log10_time=STEPS, test_loss=STEPS + 1).drop(columns="test_accuracy")}
    first, second = explored(tables, ("figure", "g"))
    assert (first["setting"], second["setting"]) == ("e, α = 1, λ = 0.0001", "e")
    assert (second["heights"], second["y"], second["seeds"]) == (["loss"], "loss", ["seed 9"])
    assert (second["titles"], second["lines"]["ys"]) == ([], [(STEPS + 1).tolist()])


def test_a_figure_with_nothing_to_show_is_empty_and_no_error():
    tables = {"f": curve(), "g": curve(test_loss=0.0).drop(columns="test_accuracy")}
    assert explored(tables, ("figure", "g"))[-1]["heights"] == ["loss"]


def test_the_figures_with_curves_can_be_chosen_and_one_with_several_alphas_is_shown_first():
    tables = {"a": curve(), "b": together(curve(), curve(alpha=2.0)), "no curve": pd.DataFrame({"x": [1.0, 2]})}
    (shown,) = explored(tables)
    assert (shown["figure"], shown["figures"]) == ("b", {"paper": [["a", "a"], ["b", "b"]]})


WORDS = {  # what a label or the name of its axis says just of the columns with these parts
    "training": "train_", "test": "test_|mirrored_", "unmirrored": "unmirrored_", "accuracy": "_accuracy",
    "loss": "_loss", "log": "^log_", "cosine": "cosine_", "ℓ₂": "_l2_", "ℓ₁": "_l1_", "distance": "distance_",
    "zero filled": "zero_filled", "nuclear norm": "nuclear_norm", "kernel (": "_l2_", "rich (": "_l1_",
}  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_a_label_of_the_explorer_names_its_column(word):
    labels = {column: f"{axis}: {label}" for axis, columns in HEIGHTS.items() for column, label in columns.items()}
    said = {column for column, label in labels.items() if word in label}
    assert said == {column for column in labels if re.search(WORDS[word], column)} != set()


def test_a_slider_moves_the_setting_that_it_is_called():
    values = {"α": "init_scale", "λ": "weight_decay", "share of the data": "observed", "width": "width",
              "learning rate η": "learning_rate"}  # fmt: skip
    for name, column in values.items():
        table = together(*(run(test_accuracy=ACCURACY, **{column: value}) for value in (2.0, 3.0)))
        runs = gather({"f": table}, {"f": {}}).runs
        assert runs[name].tolist() == [2, 3]
        assert runs.drop(columns=name)[[other for other in values if other != name]].isna().all(axis=None)


FUNCTIONS = {
    "own.valuesOf([{a: 3}, {a: NaN}, {a: null}, {a: 1}, {a: 3}, {a: 20}], 'a')": [1, 3, 20],
    "own.nearest([{a: 1, b: 1}, {a: 1, b: 9}], {a: 1, b: 4}, 'a')": {"a": 1, "b": 9},
    "own.nearest([{a: 1, b: 1}, {a: 1, b: 20}], {a: 1, b: 4}, 'a')": {"a": 1, "b": 1},
    "own.nearest([{a: 2, b: 4}, {a: 1, b: 9}], {a: 1, b: 4}, 'a')": {"a": 1, "b": 9},
    "own.isVisible([0, 1, 2], [1, 1, 1], true, false)": True,
    "own.isVisible([0, 1], [1, 1], true, false)": False,
    "own.isVisible([0, 1], [1, 1], false, false)": True,
    "own.isVisible([1, 2], [0, 1], false, true)": False,
    "own.isVisible([1, 2], [NaN, 1], false, false)": False,
    "own.isVisible(new Float32Array([1, 2]), new Float32Array([-1, 1]), true, false)": True,
    "own.placed([-1, 0, 2], true)": [None, None, 2],
    "own.placed([-1, 0, 2], false)": [-1, 0, 2],
    "own.bestTime(['step', 'log10_time'])": "log10_time",
    "own.bestTime(['epoch', 'time'])": "epoch",
    "own.settingOf(['α', 'λ'], {label: 'e', α: 0.12345, λ: NaN})": "e, α = 0.123",
}


def test_the_explorers_functions_on_small_cases():
    found = node(f'import * as own from "{SCRIPT.as_uri()}"\nconsole.log(JSON.stringify([{", ".join(FUNCTIONS)}]))')
    assert dict(zip(FUNCTIONS, found, strict=True)) == FUNCTIONS
