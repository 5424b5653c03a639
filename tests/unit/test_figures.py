"""Figures: the plotted data, labels and limits, not pixels; and the same bytes every time."""

import numpy as np
import pandas as pd
import pytest

from grokking.analyses.ipr_values import IPRValues
from grokking.claims.marks import MARK_COLUMNS, paper_marks
from grokking.figures import FIGURES
from grokking.figures.critical_fraction import critical_fraction
from grokking.figures.delay_law import delay_times
from grokking.figures.participation import regimes
from grokking.figures.style import render
from grokking.figures.work_precision import event_table
from grokking.runs.tables import tidy
from grokking.specs.analysis import TheoremSpec
from tests.unit.test_claims import claim
from tests.unit.test_runs import DESCENT, FLOW

STEPS = np.array([0, 1, 10, 100, 1000])
LINEAR = ["train_loss", "test_loss", "train_accuracy", "test_accuracy", "parameter_norm", "cosine_to_l2_max_margin",
          "cosine_to_l1_max_margin", "relative_l2_margin", "relative_l1_margin"]  # fmt: skip
COMPLETION = ["train_loss", "test_loss", "parameter_norm", "distance_to_zero_filled",
              "distance_to_minimum_nuclear_norm", "distance_to_target"]  # fmt: skip


def data(columns):
    tables = []
    for spec, shift in ((FLOW, 0.0), (FLOW, 0.2), (DESCENT, 0.1)):
        values = {name: 0.1 + shift + 0.1 * np.arange(5) for name in columns} | {"relative_time": STEPS / 200}
        tables.append(("e", spec, pd.DataFrame({"step": STEPS, **values})))
    return pd.concat(tidy(tables), ignore_index=True)


def drawn(kind, columns, marks=()):
    return FIGURES[kind](data(columns), pd.DataFrame(marks, columns=MARK_COLUMNS))


def test_tidy_data_name_their_run():
    table = data(COMPLETION)
    first = ["experiment", "task", "function", "observed", "dynamics", "weight_decay", "init_scale", "seed", "step"]
    assert list(table)[:9] == first
    assert set(table["dynamics"]) == {"gradient_flow", "gradient_descent"}
    assert len(table) == 15


def test_diagonal_net_shows_medians_in_percent_with_marks():
    marks = [
        {"column": "test_accuracy", "x": 100, "value": 0.99},
        {"column": "test_accuracy", "x": 0, "value": 0},
    ]
    accuracy, loss, alignment, norm = drawn("diagonal_net", LINEAR, marks).axes
    train = accuracy.get_lines()[0]
    assert train.get_label() == "train"
    np.testing.assert_allclose(train.get_xdata(), STEPS[1:])
    np.testing.assert_allclose(train.get_ydata(), 100 * (0.2 + 0.1 * np.arange(1, 5)))
    diamonds = [line for line in accuracy.get_lines() if line.get_marker() == "D" and len(line.get_xdata())]
    assert [line.get_xydata().tolist() for line in diamonds] == [[[100, 99]]]
    assert accuracy.get_ylabel() == "accuracy (%)"
    assert loss.get_yscale() == "log"
    assert norm.get_ylabel() == "$L^2$ parameter norm"
    assert alignment.get_xlim() == (1, 1000)
    assert len(alignment.get_legend().get_texts()) == 4


def test_bands_span_all_seeds():
    accuracy = drawn("diagonal_net", LINEAR).axes[0]
    heights = accuracy.collections[0].get_paths()[0].vertices[:, 1]
    assert heights.min() == pytest.approx(20)
    assert heights.max() == pytest.approx(70)


def test_matrix_completion_shows_three_distances_and_the_critical_time():
    _loss, distance, norm = drawn("matrix_completion", COMPLETION).axes
    *distances, critical = distance.get_lines()
    expected = ["to the zero-filled matrix", "to the least nuclear norm", "to the table $X^*$"]
    assert [line.get_label() for line in distances] == expected
    assert list(critical.get_xdata()) == [200, 200]
    assert norm.get_ylim() == (0, 200)


MODULAR = ["train_accuracy", "test_accuracy", "parameter_norm", "normalised_margin", "agreement_with_kernel"]


def modular_runs(**scales):
    """Runs of He × scale whose test accuracy passes 50 % at step 1000 · scale, by name of the experiment."""
    steps = np.array([0, *np.logspace(0, 6, 61)])
    tables = []
    for name, scale in scales.items():
        values = {column: 0.01 * np.ones(62) for column in MODULAR}
        values["test_accuracy"] = 0.5 + 0.1 * np.log10(np.maximum(steps, 1) / (1000 * scale))
        keys = {"experiment": name, "task": "t", "dynamics": "gradient_flow", "seed": 0}
        settings = {"weight_decay": 1e-4, "init_scale": scale, "time": 0.1 * steps, "evaluations": steps}
        tables.append(pd.DataFrame({"step": steps, **values, **keys, **settings}))
    return pd.concat(tables, ignore_index=True)


def test_modular_addition_names_its_curves_by_what_differs():
    runs = modular_runs(a=1.0, b=10.0)
    accuracy, norm, theory, margin = FIGURES["modular_addition"](runs, pd.DataFrame([], columns=MARK_COLUMNS)).axes
    labels = [text.get_text() for text in accuracy.get_legend().get_texts()]
    assert labels == ["He × 1", "He × 10", "train", "test"]
    assert len({line.get_linestyle() for line in norm.get_lines()}) == 2
    assert accuracy.get_lines()[1].get_ydata()[-1] == pytest.approx(80)
    assert theory.get_ylim() == (0, 100)
    assert margin.get_lines()[0].get_ydata()[0] == pytest.approx(100)
    by_decay = runs.assign(weight_decay=runs["init_scale"] * 1e-4)
    axes = FIGURES["modular_addition"](by_decay, pd.DataFrame([], columns=MARK_COLUMNS)).axes[0]
    assert axes.get_legend().get_texts()[1].get_text() == "λ = 0.001"


def test_no_weight_decay_is_drawn_against_the_logarithm_of_time():
    steps = np.arange(11)
    run = pd.DataFrame({"step": steps, "log10_time": 50.0 * steps, "test_accuracy": steps / 10, "train_accuracy": 1.0,
                        "parameter_norm": 46.0 + steps})  # fmt: skip
    marks = [
        {"column": "test_accuracy", "x": 158, "value": 0.1},
        {"column": "parameter_norm", "x": 147.5, "value": 50},
    ]
    short, long, *_ = FIGURES["no_weight_decay"](run, pd.DataFrame(marks, columns=MARK_COLUMNS)).axes
    assert short.get_xlim() == (0, 147.5)
    assert long.get_xscale() == "log"
    assert long.get_xlim() == (1, 500)
    assert long.get_lines()[1].get_xdata().tolist() == (50.0 * steps[1:]).tolist()


def test_delay_times_are_read_off_the_runs():
    times = delay_times(modular_runs(a=1.0, b=10.0, never=1e4))
    assert times["time"].to_list() == pytest.approx([100, 1000])
    figure = FIGURES["delay_law"](modular_runs(b=10.0, c=30.0, d=100.0), pd.DataFrame([], columns=MARK_COLUMNS))
    scales = figure.axes[0].get_lines()[0]
    np.testing.assert_allclose(scales.get_xdata(), np.log([10, 30, 100]))
    np.testing.assert_allclose(scales.get_ydata(), 1e-4 * 100 * np.array([10, 30, 100]))


def test_work_precision_measures_event_times_against_the_reference():
    runs = modular_runs(x_reference=1.0, close=1.01, far=1.5)
    runs["train_accuracy"] = runs["test_accuracy"]
    table = event_table(runs.assign(test_accuracy=runs["test_accuracy"]))
    at_half = table[table["event"] == "test_accuracy 0.5"]
    assert at_half["error"].to_list() == pytest.approx([0.01, 0.5], rel=1e-6)
    assert at_half["evaluations"].to_list() == pytest.approx([1010, 1500], rel=0.02)
    assert len(FIGURES["work_precision"](runs, pd.DataFrame([], columns=MARK_COLUMNS)).axes) == 2


def test_flow_and_descent_stand_side_by_side():
    figure = drawn("flow_and_descent", LINEAR)
    assert len(figure.axes) == 4
    labels = [line.get_label() for line in figure.axes[0].get_lines()]
    assert labels[:2] == ["train accuracy, flow", "train accuracy, descent"]


@pytest.mark.parametrize(("kind", "columns"), [("diagonal_net", LINEAR), ("matrix_completion", COMPLETION)])
@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_rendering_twice_gives_the_same_bytes(kind, columns, suffix, tmp_path):
    paths = [tmp_path / f"{i}.{suffix}" for i in range(2)]
    for path in paths:
        render(FIGURES[kind], data(columns), pd.DataFrame([], columns=MARK_COLUMNS), str(path))
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_marks_come_from_claims_with_a_point_on_a_curve():
    point = {"name": "value_at", "column": "test_loss", "step": 10}
    claims = [
        claim(0.7),
        claim(0.5, measure=point, paper=0.4),
        claim(
            0.5,
            measure={"name": "crossing", "column": "test_loss", "level": 0.5, "of_value_at": 10},
            paper=77,
        ),
        claim(0.7, experiment="other"),
        claim(0.7, measure={"name": "final", "column": "test_loss"}),
        claim(0.9, rule={"name": "at_least", "bound": 3}),
        claim(
            0.5,
            measure={
                "name": "value_when",
                "column": "log10_time",
                "crossing": {"column": "test_accuracy", "level": 0.5},
            },
            paper=533,
        ),
        claim(
            0.5,
            measure={
                "name": "value_when",
                "column": "parameter_norm",
                "crossing": {"column": "log10_time", "level": 147.5},
            },
            paper=777,
        ),
        claim(0.7, minus="e"),
    ]
    assert paper_marks(claims, ["e"]) == [
        {"column": "test_accuracy", "x": 30, "value": 0.7},
        {"column": "test_loss", "x": 10, "value": 0.4},
        {"column": "test_loss", "x": 77, "value": 0.2},
        {"column": "test_accuracy", "x": 533, "value": 0.5},
        {"column": "parameter_norm", "x": 147.5, "value": 777},
    ]


NETS = {"name": "classification_transition", "n": 6, "d": 20, "k": 3, "decay_exponent": 1, "scales": [10, 100]}
SWEEP = {
    "name": "training_sweep", "optimizer": "adamw", "moduli": [7], "fractions": [0.5, 0.9], "widths": [20],
    "learning_rates": [0.03], "steps": 400,
}  # fmt: skip
WAVES = {"name": "wave_accuracy", "p": 7, "widths": [10, 50]}
PATHS = {"name": "regression_transition", "d": 4, "rank": 1, "observed": 0.8, "decay_exponent": 1, "scales": [10]}
SMALL = {
    "sharp_classification": {"p1": NETS},
    "lemmas": {
        "nets": NETS,
        "paths": PATHS,
    },
    "sharp_regression": {
        "paths": PATHS,
        "decay": {"name": "decay_error", "d": 4, "rank": 1, "observed": 0.9, "decays": [0.1, 0.01]},
        "phases": {"name": "recovery", "d": 5, "ranks": [1, 2], "shares": [0.5, 1.0]},
    },
    "generalisation": {
        f"l{norm}": {
            "name": "generalisation", "norm": norm, "dimensions": [16, 32], "sparsities": [3],
            "multiples": [0.5, 1, 4], "n_test": 200,
        }
        for norm in (1, 2)
    },
    "preactivations": {
        "grids": {
            "name": "preactivations", "p": 7, "observed": 0.6, "width": 9, "learning_rate": 10, "steps": 3,
            "first": "n", "second": "m",
        }
    },
    "phase_sums": {
        "phases": {
            "name": "neuron_phases", "p": 7, "observed": 0.6, "width": 9, "optimizer": "adamw", "learning_rate": 0.1,
            "steps": 9,
        }
    },
    "fraction_and_width": {
        "fractions": SWEEP,
        "widths": {**SWEEP, "fractions": [0.9], "widths": [5, 20], "optimizer": "momentum"},
        "waves": WAVES,
    },
    "wave_activations": {"waves": {**WAVES, "activations": ["relu", "gelu"], "amplitudes": ["printed", "unit_peak"]}},
    "critical_fraction": {"seven": SWEEP, "eleven": {**SWEEP, "moduli": [11]}},
    "ipr_and_accuracy": {"sweep": {**SWEEP, "widths": [5, 20]}},
    "sensitivity": {
        name: {**SWEEP, "fractions": [0.9], name: values}
        for name, values in (
            ("widths", [10, 20]), ("learning_rates", [0.01, 0.1]), ("decays", [0.1, 1]), ("momenta", [0.8, 0.9]),
            ("beta2s", [0.98, 0.999]), ("epsilons", [1e-15, 1e-8]),
        )
    },
    "learning_curves": {
        name: {
            "name": "regularised_training", "p": 7, "observed": 0.6, "width": 9, "learning_rate": 10, "steps": 20,
            **settings,
        }
        for name, settings in (("by_dropout", {"dropout": 0.1}), ("by_norm", {"batch_norm": 1, "batch": 8}))
    },
    "label_noise": {
        "noise": {"name": "label_noise", "n": 5, "d": 8, "kappa": 1, "learning_rates": [0.02, 0.01], "horizon": 0.1}
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", SMALL)
def test_theorems_are_drawn_from_their_own_tables(kind):
    specs = {name: TheoremSpec.from_mapping({**values, "seed": 0}, name) for name, values in SMALL[kind].items()}
    tables = [spec.theorem.table(0).assign(experiment=name, seed=0) for name, spec in specs.items()]
    figure = FIGURES[kind](pd.concat(tables), pd.DataFrame(columns=MARK_COLUMNS))
    shown = [axes for axes in figure.axes if axes.axison]
    assert all(axes.get_lines() or axes.collections or axes.images or axes.patches for axes in shown)
    assert all(axes.get_xlabel() for axes in shown if axes.get_label() != "<colorbar>")


def quadratic_runs(**values):
    """Two seeds of a run with every column that the figures of the quadratic net draw."""
    steps = np.geomspace(1, 1000, 40).round()
    rise = np.linspace(0, 1, 40)
    columns = [
        "train_loss", "test_loss", "train_accuracy", "test_accuracy", "first_norm", "second_norm", "first_gradient",
        "second_gradient", "ipr", "moved",
    ]  # fmt: skip
    run = pd.DataFrame({"step": [0.0, *steps], **{name: [0.1, *(0.1 + rise)] for name in columns}})
    return pd.concat([run.assign(experiment="run_one", seed=seed, **values) for seed in (0, 1)])


@pytest.mark.parametrize("kind", ["quadratic_dynamics", "closed_form_start", "learning_curves"])
def test_runs_of_the_quadratic_net_are_drawn(kind):
    figure = FIGURES[kind](quadratic_runs(), pd.DataFrame(columns=MARK_COLUMNS))
    assert all(axes.get_lines() and axes.get_xlabel() for axes in figure.axes)


def test_learning_curves_say_what_is_learned_from_how_much():
    runs = quadratic_runs(function="n^3 + n*m^2 + m", observed=0.9)
    figure = FIGURES["learning_curves"](runs, pd.DataFrame(columns=MARK_COLUMNS))
    assert figure.axes[0].get_title() == "n³ + nm² + m, α = 0.9"


def test_regimes_of_the_participation_ratio():
    run = quadratic_runs().query("seed == 0").reset_index(drop=True)
    run["test_accuracy"] = np.interp(run["step"], [0, 10, 100], [0, 0, 1])
    run["ipr"] = np.interp(run["step"], [0, 10, 100, 500, 1000], [0.04, 0.04, 0.2, 0.9, 0.9])
    start, end, saturated = regimes(run)
    assert start == pytest.approx(19, rel=0.1)
    assert end == pytest.approx(99, rel=0.1)
    assert 400 < saturated <= 500
    values = IPRValues(p=7, width=20).table(0).assign(experiment="values", seed=0)
    figure = FIGURES["participation"](pd.concat([run, values]), pd.DataFrame(columns=MARK_COLUMNS))
    assert [text.get_text() for text in figure.axes[0].texts] == ["slow", "transition", "fast", "saturation"]


def test_regimes_that_are_not_reached_are_nan():
    run = quadratic_runs(test_accuracy=0.0).query("seed == 0").reset_index(drop=True)
    assert np.isnan(regimes(run)).all()


def test_critical_fraction_is_where_grokking_is_certain():
    nets = pd.DataFrame({"fraction": [0.1, 0.2, 0.3, 0.4], "has_grokked": [1.0, 0, 1, 1]})
    assert critical_fraction(nets) == 0.3
    assert np.isnan(critical_fraction(nets.assign(has_grokked=0.0)))
