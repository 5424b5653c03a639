"""The figures of Lyu et al. 2024 and of the methods: what is plotted, how it is called, where the axes end."""

import numpy as np
import pandas as pd
import pytest

from grokking.figures.keys import PAPER
from grokking.figures.lyu2024 import delay_times
from grokking.figures.lyu2024_theorems import chosen, transitions
from grokking.figures.methods import TEST_HALF, event_table, seed_scatter
from tests.unit.figure_tables import STEPS, diamonds, drawn, labels, line, marks, points, run, together

RISE = np.linspace(0.1, 0.9, 5)
LINEAR = ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "parameter_norm")
ALIGNMENT = ("cosine_to_l2_max_margin", "cosine_to_l1_max_margin", "relative_l2_margin", "relative_l1_margin")
COMPLETION = ("train_loss", "test_loss", "parameter_norm")
DISTANCES = ("distance_to_zero_filled", "distance_to_minimum_nuclear_norm", "distance_to_target")


def rising(*names):
    return {name: RISE + number / 100 for number, name in enumerate(names)}


def test_figure_1():
    paper = marks(("test_accuracy", 100, 0.99), ("parameter_norm", 10, 0.5), ("cosine_to_l2_max_margin", 10, 1))
    accuracy, loss, alignment, norm = drawn("diagonal_net", run(**rising(*LINEAR, *ALIGNMENT)), paper).axes
    assert labels(accuracy) == ["train", "test", PAPER]
    assert line(accuracy, "test").get_ydata().tolist() == pytest.approx(RISE[1:] + 0.03)
    assert diamonds(accuracy) == [[[100, 0.99]]]
    assert labels(loss) == ["train loss", "test loss", "$L^2$ norm", PAPER]
    assert (loss.get_yscale(), norm.get_ylabel()) == ("log", "$L^2$ parameter norm")
    assert line(norm, "$L^2$ norm").get_linestyle() == "--"
    assert norm.get_ylim()[0] == 0
    assert labels(alignment) == [
        "cosine to $L^2$ max margin", "$L^2$ margin ÷ largest possible",
        "cosine to $L^1$ max margin", "$L^1$ margin ÷ largest possible",
    ]  # fmt: skip
    assert not diamonds(alignment)  # the paper has no such panel
    assert alignment.get_ylim() == (-0.05, 1.05)


def test_figure_1_shows_accuracies_below_those_of_the_paper():
    columns = rising(*LINEAR) | {"test_accuracy": [0.5, 0.9, 0.9, 0.9, 0.9], "train_accuracy": 1.0}
    assert drawn("diagonal_net", run(**columns)).axes[0].get_ylim() == (0.45, 1.04)
    assert drawn("diagonal_net", run(**columns | {"test_accuracy": 0.3})).axes[0].get_ylim() == (0.25, 1.04)


@pytest.mark.parametrize("absent", [{}, dict.fromkeys(ALIGNMENT, np.nan)])
def test_figure_1_without_references_shows_the_curves(absent):
    axes = drawn("diagonal_net", run(**rising(*LINEAR), **absent)).axes
    assert [one.get_ylabel() for one in axes] == ["accuracy", "loss", "$L^2$ parameter norm"]


MODULAR = ("train_accuracy", "test_accuracy", "parameter_norm", "normalised_margin", "agreement_with_kernel")


def test_figure_2():
    data = together(*(run(f"x{s}", init_scale=s, weight_decay=1e-4, **rising(*MODULAR)) for s in (1.0, 10.0)))
    accuracy, norm, theory, margin = drawn("modular_addition", data, marks(("test_accuracy", 10, 0.5))).axes
    assert labels(accuracy) == ["He × 1", "He × 10", "train", "test", PAPER]
    assert accuracy.get_ylim() == (-0.04, 1.04)
    assert len({str(one.get_linestyle()) for one in norm.get_lines()}) == 2
    assert theory.get_ylim() == (0, 1)
    assert theory.get_lines()[0].get_ydata()[0] == pytest.approx(RISE[1] + 0.04)
    assert margin.get_lines()[0].get_ydata()[0] == pytest.approx(1e4 * (RISE[1] + 0.03))
    assert margin.get_ylim()[0] == 0


def test_figure_2_shows_margins_from_the_fit_on_on_an_axis_of_their_own_size():
    """A net that never fits has margins of -2297: they must not set the axis."""
    runs = [
        run(f"x{decay}", weight_decay=decay, **rising(*MODULAR) | {"normalised_margin": margin})
        for decay, margin in ((1e-4, [-5.0, -1, 2e-4, 4e-4, 8e-4]), (3e-3, np.full(5, -0.2297)))
    ]
    margin = drawn("modular_addition", together(*runs)).axes[3]
    assert margin.get_ylim()[0] == 0
    assert 8 < margin.get_ylim()[1] < 9


def test_figure_2_shades_what_lies_between_memorising_and_generalising():
    steps, train, test = 10.0 ** np.arange(6), [0, 1, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1]
    one = run(steps=steps, train_accuracy=train, test_accuracy=test, parameter_norm=1.0)
    accuracy = drawn("modular_addition", one).axes[0]
    (plateau,) = accuracy.patches
    left, right = plateau.get_x(), plateau.get_x() + plateau.get_width()
    assert (left, right) == pytest.approx((10**0.99, 10**3.1))
    assert not drawn("modular_addition", together(one, one.assign(experiment="f"))).axes[0].patches


@pytest.mark.parametrize("count", [1, 5, 9])
def test_figure_2_drops_no_experiment(count):
    data = together(*(run(f"x{s}", init_scale=1.0, weight_decay=s, **rising(*MODULAR)) for s in range(count)))
    accuracy, norm, *_ = drawn("modular_addition", data).axes
    assert len(norm.get_lines()) == count
    assert labels(accuracy)[-3:] == (["train", "test"] if count == 1 else [f"λ = {count - 1}", "train", "test"])


def test_figure_2_without_a_kernel_classifier_has_the_margin_alone():
    axes = drawn("modular_addition", run(**rising(*MODULAR[:-1]))).axes
    assert [one.get_ylabel() for one in axes][2:] == ["margin ÷ $\\|\\theta\\|^2$\n($10^{-4}$)"]


def test_figure_2_has_a_log_axis_where_norms_differ():
    grown = drawn("modular_addition", run(**rising(*MODULAR) | {"parameter_norm": 46 * 20**RISE})).axes[1]
    assert (grown.get_yscale(), grown.get_ylim()[0]) == ("log", 10)
    flat = drawn("modular_addition", run(**rising(*MODULAR) | {"parameter_norm": 46.0})).axes[1]
    assert (flat.get_yscale(), flat.get_ylim()[0]) == ("linear", 0)


def test_figure_3():
    data = run(relative_time=STEPS / 200, **rising(*COMPLETION, *DISTANCES))
    loss, low, distance, norm = drawn("matrix_completion", data, marks(("test_loss", 100, 0.05))).axes
    assert (low.get_yscale(), low.get_legend()) == ("log", None)
    assert labels(loss) == ["train loss", "test loss", PAPER, "$L^2$ norm"]
    assert norm.get_ylim() == (0, 200)
    expected = ["to the zero-filled matrix", "to the least nuclear norm", "to the table $X^*$"]
    assert labels(distance)[:3] == expected
    assert distance.get_lines()[-1].get_xdata() == [200, 200]  # the critical time
    assert distance.get_yscale() == "log"


def test_figure_3_without_references_shows_losses_and_norm():
    assert len(drawn("matrix_completion", run(**rising(*COMPLETION))).axes) == 3
    early = run(relative_time=STEPS / 2000, **rising(*COMPLETION, *DISTANCES))
    assert len(drawn("matrix_completion", early).axes[2].get_lines()) == 3  # the critical time is not reached


def test_figure_4():
    steps = np.arange(11.0)
    data = run(
        steps=steps, log10_time=50 * steps, test_accuracy=steps / 10, train_accuracy=1.0, parameter_norm=46 + steps
    )
    paper = marks(("test_accuracy", 158, 0.1), ("parameter_norm", 147.5, 50))
    figure = drawn("no_weight_decay", data, paper)
    short, long, *norms = figure.axes
    assert short.get_xlim() == (0, 147.5)
    assert (long.get_xscale(), long.get_xlim()) == ("log", (1, 500))
    assert points(long, "test") == np.stack([50 * steps[1:], steps[1:] / 10], axis=1).tolist()
    assert [one.get_ylim() for one in norms] == [(46, 1000), (46, 2e4)]
    assert (diamonds(short), diamonds(long)) == ([], [[[158, 0.1]]])
    below = [text.get_text() for text in figure.legends[0].get_texts()]
    assert below == ["train", "test", "$L^2$ norm", PAPER]
    assert long.xaxis.get_major_formatter()(100, 0) == "$10^{100}$"
    assert short.get_xlabel() == r"$\log_{10}(1 + t)$"


def test_figure_4_of_a_flow_on_the_loss_itself_has_the_logarithm_of_its_time():
    long = drawn("no_weight_decay", run(**rising("train_accuracy", "test_accuracy", "parameter_norm"))).axes[1]
    np.testing.assert_allclose(line(long, "train").get_xdata(), np.log10(1 + 0.1 * STEPS[1:]))


def passing(name, step, **keys):
    """A run whose accuracies pass 50 % at `step`; they rise by 10 % a decade."""
    steps = np.array([0, *np.logspace(0, 6, 61)])
    accuracy = 0.5 + 0.1 * np.log10(np.maximum(steps, 1) / step)
    return run(name, steps=steps, train_accuracy=accuracy, test_accuracy=accuracy, **keys)


def test_delay_times_are_read_off_the_runs():
    runs = [passing(f"x{a}", 1000 * a, init_scale=a, weight_decay=1e-4) for a in (10.0, 30.0, 100.0, 1e4)]
    assert delay_times(together(*runs))["time"].to_list() == pytest.approx([1000, 3000, 10000])  # the last never passes
    runs += [passing(f"c{d}", 1 / d, init_scale=10.0, weight_decay=d) for d in (1e-3, 1e-2)]
    scales, decays = drawn("delay_law", together(*runs)).axes
    expected = np.stack([[10, 30, 100], 1e-4 * np.array([1000, 3000, 10000])], axis=1)
    np.testing.assert_allclose(points(scales, "runs"), expected, rtol=1e-6)
    assert (scales.get_title(), decays.get_title()) == ("λ = $10^{-4}$", "He × 10")
    np.testing.assert_allclose(points(decays, "runs"), [[1e-4, 0.1], [1e-3, 0.1], [1e-2, 0.1]], rtol=1e-6)


def test_work_precision_measures_event_times_against_the_reference():
    data = together(
        *(passing("truth", 1000 * (1 + seed / 10), seed=seed, role="reference") for seed in (0, 1, 2)),
        passing("close", 1010, dynamics="adaptive_descent"),
        passing("far", 1500, dynamics="adaptive_descent", label="tolerance 1"),
        passing("other", 550, dynamics="sgd").assign(time=lambda table: 0.2 * table["step"]),  # with another η
    )
    table = event_table(data)
    at_half = table[(table["column"] == "test_accuracy") & (table["level"] == 0.5)]
    assert at_half["error"].to_list() == pytest.approx([0.01, 0.5, 0.1], rel=1e-6)
    assert at_half["evaluations"].to_list() == pytest.approx([1010, 1500, 550], rel=0.02)
    figure = drawn("work_precision", data)
    train, _ = figure.axes
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "Euler, adaptive steps", "sgd", "scatter between seeds"
    ]  # fmt: skip
    assert line(train, "Euler, adaptive steps").get_ydata().tolist() == pytest.approx([0.01, 0.5], rel=1e-6)
    (note,) = [text for text in train.texts if text.get_text()]
    assert (note.get_text(), note.xy[1]) == ("tolerance 1", pytest.approx(0.5))
    assert train.get_title() == "training accuracy passes 50 % and 99 %"
    assert train.get_xlabel() == "gradient evaluations to test accuracy 50 %"


def test_scatter_is_the_relative_standard_deviation_over_the_references_seeds():
    data = together(*(passing("r", step, seed=seed, role="reference") for seed, step in enumerate((900, 1000, 1100))))
    assert seed_scatter(data, [TEST_HALF]) == pytest.approx(0.1)
    assert np.isnan(seed_scatter(data[data["seed"] == 0], [TEST_HALF]))


def test_flow_and_descent_stand_side_by_side():
    steps = np.arange(1.0, 14)
    scores = {"train_accuracy": steps / 14, "test_accuracy": steps / 15, "parameter_norm": steps}
    losses = {"train_loss": steps / 14, "test_loss": steps / 15, "parameter_norm": steps}
    figure = drawn("flow_and_descent", together(
        run("a", steps=steps, **scores, task="my_task"),
        run("a_descent", steps=steps, **scores, task="my_task", dynamics="gradient_descent"),
        run("b", steps=steps, **losses, task="my_task", label="another"),
        run("b_descent", steps=steps, **losses, task="my_task", dynamics="gradient_descent"),
    ))  # fmt: skip
    first, second, norm, *_ = figure.axes
    below = [text.get_text() for text in figure.legends[0].get_texts()]
    expected = [
        f"{a} {kind}, {b}" for kind in ("accuracy", "loss") for b in ("flow", "descent") for a in ("train", "test")
    ]
    assert below == expected
    assert (first.get_title(), second.get_title()) == ("my task", "another")
    assert (first.get_ylabel(), second.get_ylabel()) == ("accuracy", "loss")
    assert points(first, "train accuracy, descent") == [[x, x / 14] for x in (1, 7, 13)]
    assert points(norm, "parameter norm, flow") == [[x, x] for x in range(1, 14)]


def nets(experiment, alphas, p, leaves=1.5):
    """Nets that leave the L2 direction at `leaves` critical times and change in a time 1/α."""
    time = np.linspace(0.01, 2, 200)
    tables = []
    for alpha in alphas:
        late = 1 / (1 + np.exp(-(time - leaves) * alpha))
        tables.append(pd.DataFrame({
            "evidence": "classification_transition",
            "experiment": experiment, "seed": 0, "alpha": float(alpha), "weight_decay": alpha**-p,
            "relative_time": time,
            "cosine_to_l2_max_margin": 1 - late / 2, "relative_l1_margin": 0.5 + late / 2, "margin_over_z": 1.0,
            "margin_over_printed_z": 2.0, "in_kernel_ball": (time < 1).astype(float), "c4_rate_slack": 1.0,
            "c7_rate_slack": 1.0, "c4_loss_slack": 3.0, "delta_in_c5": time,
        }))  # fmt: skip
    return pd.concat(tables)


def test_sharp_classification():
    data = together(nets("p1", (10, 20, 40, 80, 160, 320), 1.0), nets("half", (10, 100), 0.5))
    early, late, width, margin = drawn("sharp_classification", data).axes
    assert len(labels(early)) == len(labels(late)) == 5 + 1  # of six scales, and the critical time
    assert early.get_xlim() == late.get_xlim() == (0.01, 2)
    table = transitions(data).set_index(["experiment", "alpha"])
    assert table.loc[("p1", 20), "width"] == pytest.approx(2 * np.log(3) / 20, rel=0.02)  # logistic quartiles
    assert table.loc[("p1", 20), "leaves"] == pytest.approx(1.5 + np.log(0.1 / 0.9) / 20, rel=1e-3)
    expected = [f"{what}, λ = $α^{{-{p}}}$" for p in (1, 0.5) for what in ("leaves $L^2$ max margin", "duration")]
    assert labels(width) == [*expected, "critical time"]
    assert points(margin, "c = 0.5, Z printed") == [[a, 2] for a in (10, 20, 40, 80, 160, 320)]


def test_sharp_classification_draws_the_transitions_of_every_experiment():
    data = together(*(nets(f"e{i}", (10, 100), 1 + i / 20) for i in range(12)))
    assert len(labels(drawn("sharp_classification", data).axes[2])) == 24 + 1
    assert chosen(pd.Series([3.0, 1, 2])).tolist() == [1, 2, 3]


def paths(experiment, seed=0):
    time = np.linspace(0.01, 2, 50)
    columns = {"distance_to_zero_filled": time, "distance_to_least_nuclear_norm": 2 / time, "parameter_norm": 3 - time,
               "d1_loss_slack": 2.0, "delta_in_d2": 1.0, "in_kernel_ball": (time < 0.5).astype(float)}  # fmt: skip
    keys = {"evidence": "regression_transition", "experiment": experiment, "seed": seed}
    return pd.DataFrame({**keys, "alpha": 10.0, "relative_time": time, **columns})


def decays(experiment):
    decay = np.array([1e-1, 1e-2, 1e-3])
    columns = {"weight_decay": decay, "relative_error": decay**0.9}
    return pd.DataFrame({"evidence": "decay_error", "experiment": experiment, "seed": 0, **columns})


def recoveries(experiment):
    rows = [(rank, entries, float(rank < entries)) for rank in (1, 2) for entries in (1, 2, 3)]
    table = pd.DataFrame(rows, columns=["rank", "entries", "recovered"])
    return table.assign(evidence="recovery", experiment=experiment, seed=0)


def test_sharp_regression():
    data = together(paths("p"), decays("d"), recoveries("r"))
    early, late, decay, phases, _bar = drawn("sharp_regression", data).axes
    assert [one.get_ylabel() for one in (early, late)] == ["distance to zero filling", "distance to least nuclear norm"]
    assert early.get_xlim() == (0, 2)
    assert labels(late) == ["α = 10", "critical time"]
    assert labels(decay) == ["limit of the flow", "fit, exponent 0.90", "slope of the bound, √λ"]
    np.testing.assert_allclose(phases.collections[0].get_array(), [[0, 1, 1], [0, 0, 1]])


def test_sharp_regression_draws_every_experiment():
    data = together(paths("a"), paths("b"), decays("c"), decays("d"))
    assert len([one for one in drawn("sharp_regression", data).axes if one.get_lines()]) == 6
    assert len(drawn("sharp_regression", decays("d")).axes[0].get_lines()) == 3


@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_kkt_has_a_panel_for_every_experiment(count):
    data = together(*(run(f"e{i}", gradient_cosine=0.5, complementarity=0.1) for i in range(count)))
    shown = [axes for axes in drawn("kkt", data).axes if axes.axison]
    assert [axes.get_title() for axes in shown] == [f"e{i}" for i in range(count)]
    assert line(shown[-1], "1 - cos(θ, -∇ℒ)").get_ydata().tolist() == [0.5] * 4
    assert len({axes.get_ylim() for axes in shown}) == 1


def test_kkt_names_its_two_residuals_once_below():
    data = together(*(run(name, gradient_cosine=0.5, complementarity=0.1) for name in "ab"))
    below = [text.get_text() for text in drawn("kkt", data).legends[0].get_texts()]
    assert below == ["1 - cos(θ, -∇ℒ)", "mean margin of the multipliers ÷ smallest margin - 1"]


def kinks(step, seed=0, **columns):
    """The residuals of one net on its kinks, at three thresholds."""
    table = pd.DataFrame({
        "evidence": "kink_stationarity",
        "experiment": "kinks", "step": step, "seed": seed, "threshold": [0.0, 0.1, 0.2],
        "near_kink": [0.0, 0.2, 0.225], "residual": [2.0, 0.3, 0.2], "control": [2.0, 0.8, 0.7], "speed": 0.25,
    })  # fmt: skip
    return table.assign(**columns)


def test_kinks_show_what_they_balance():
    late = kinks(3e6, seed=1, residual=[9.0, 9.0, 9.0], near_kink=0.0)
    data = together(kinks(1e5), kinks(3e6), late)
    crowd, freedom, balance = drawn("kinks", data).axes
    assert labels(crowd) == ["$10^{5}$", r"$3 \cdot 10^{6}$"]
    densities = [patch.get_data().values.tolist() for patch in crowd.patches]
    assert densities == [pytest.approx([2, 0.25])] * 2  # of one seed
    assert freedom.get_lines()[0].get_xydata().tolist() == [[0.1, 0.3], [0.2, 0.2]]
    assert freedom.get_lines()[1].get_ydata() == pytest.approx([0.25, 0.25])
    assert points(balance, "one gradient") == [[1e5, 2], [3e6, 5.5]]
    assert points(balance, "derivatives at kinks free") == [[1e5, 0.3], [3e6, pytest.approx(4.65)]]
    assert points(balance, "control: same number, farther out") == [[1e5, 0.8], [3e6, 0.8]]
    assert points(balance, "speed implied by the loss") == [[1e5, 0.25], [3e6, 0.25]]


def test_kinks_without_a_speed():
    assert len(drawn("kinks", kinks(1e5, speed=np.nan)).axes) == 3


def test_kkt_of_a_completion_has_no_complementarity():
    figure = drawn("kkt", run(gradient_cosine=RISE))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["1 - cos(θ, -∇ℒ)"]


def test_label_noise_on_the_time_scales_of_the_theorem():
    columns = {"population_loss": [3.0, 2, 1], "distance_to_flow": 0.5, "steps": np.array([1.0, 1e3, 1e4])}
    noisy = [run(f"n{eta}", learning_rate=eta, **columns) for eta in (0.1, 0.01)]
    noisy = [table.assign(time=table["learning_rate"] * table["step"]) for table in noisy]
    flow = run("flow", population_loss=[5.0, 4, 3, 2, 0.7], learning_rate=1.0, role="reference")
    losses, distance = drawn("label_noise", together(*noisy, flow)).axes
    np.testing.assert_allclose(points(losses, "η = 0.1"), [[10, 2], [100, 1]])  # η² · steps, from time 1 on
    np.testing.assert_allclose(points(distance, "η = 0.01"), [[1, 0.5], [10, 0.5]])  # η^1.5 · steps
    assert labels(losses) == ["η = 0.01", "η = 0.1", "limit of gradient flow"]
    assert line(losses, "limit of gradient flow").get_ydata() == [0.7, 0.7]
    unnamed = together(*noisy, flow).drop(columns="distance_to_flow")
    assert len(drawn("label_noise", unnamed).axes) == 1


def samples(experiment, norm):
    rows = [(d, k, m) for d in (16, 32) for k in (3, 5) for m in (0.5, 1, 4)]
    table = pd.DataFrame(rows, columns=["d", "k", "multiple"]).assign(experiment=experiment, seed=0, norm=norm)
    found = {"n_at_0.1": 2 * table["d"], "n_at_0.01": 3 * table["d"]}
    bounds = {"error_bound": 2.0, "rademacher_over_bound": 0.9}
    return table.assign(scale=table["d"] * table["k"], test_error=0.1 / table["multiple"], **bounds, **found)


def test_generalisation_has_a_row_for_each_experiment_with_the_scale_of_its_norm():
    figure = drawn("generalisation", together(samples("b", 2), samples("a", 1), samples("c", 2)))
    assert len(figure.axes) == 9
    error, found, complexity = figure.axes[:3]
    assert error.get_ylabel() == "test error of the $L^2$ max margin\n(linear below 1 %)"
    assert [axes.get_xlabel() for axes in figure.axes[:6:3]] == [r"$n \,/\, (k d)$", r"$n \,/\, (k^2 \log d)$"]
    assert points(error, "bound E.5") == [[0.5, 2], [1, 2], [4, 2]]
    assert labels(found)[::2] == ["error 10 %", "error 1 %"]
    assert sorted(points(found, "error 1 %"))[0] == [48, 48]
    assert labels(complexity) == ["d = 16", "d = 32", "bound"]
    assert labels(error) == ["d = 16", "d = 32", "bound E.5", "vacuous above"]
