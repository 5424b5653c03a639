"""Every number on the figures of Gromov 2023: the right column, unit, panel, axis and name."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from tests.unit.figure_tables import STEPS, distinct, drawn, labels, line, marks, named_lines, run, shows, together

CURVES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
LAYERS = ("first_norm", "second_norm", "first_gradient", "second_gradient")


def test_figure_1_draws_each_column_once_and_where_it_belongs():
    c = distinct(*CURVES, *LAYERS)
    paper = marks(("train_loss", 3, 0.5), ("test_accuracy", 4, 0.6), ("second_gradient", 5, 0.7))
    loss, norm, accuracy, gradient = drawn("quadratic_dynamics", run(**c), paper).axes
    assert shows(loss, STEPS, train=c["train_loss"], test=c["test_loss"])
    assert shows(accuracy, STEPS, train=c["train_accuracy"], test=c["test_accuracy"])
    relative = {name: c[f"{name}_norm"] / c[f"{name}_norm"][0] for name in ("first", "second")}
    assert shows(norm, STEPS, **{"$W^{(1)}$": relative["first"], "$W^{(2)}$": relative["second"]})
    first, second = r"$\nabla_{W^{(1)}}$", r"$\nabla_{W^{(2)}}$"
    assert shows(gradient, STEPS, **{first: c["first_gradient"], second: c["second_gradient"]})
    points = {axes: [one.get_xydata().tolist() for one in axes.get_lines() if one.get_marker() == "D"]
              for axes in (loss, norm, accuracy, gradient)}  # fmt: skip
    assert list(points.values()) == [[[[3, 0.5]]], [], [[[4, 0.6]]], [[[5, 0.7]]]]


def test_norms_are_relative_to_the_start_of_their_own_seed():
    runs = [run(seed=s, first_norm=scale * np.arange(1.0, 6), train_loss=1.0) for s, scale in enumerate((1, 10, 100))]
    norm = drawn("quadratic_dynamics", together(*runs)).axes[1]
    np.testing.assert_allclose(line(norm, "$W^{(1)}$").get_ydata(), [2, 3, 4, 5])


def test_grids_have_n_upwards_and_m_to_the_right_of_the_first_seed_of_each_stage():
    p, stages = 4, ("initial", "trained", "closed form")
    n, m = (index.ravel() for index in np.indices((p, p)))
    tables = []
    for seed in (3, 1):
        for number, stage in enumerate(stages):
            values = {"output": n + 10 * m + 100 * number, "spectrum": n * n + m + number, "hidden": m * m - n + number}
            table = pd.DataFrame({"stage": stage, "n": n, "m": m, "test_accuracy": 0.1 * (number + 1), **values})
            tables.append(table.assign(experiment="g", seed=seed, **({} if seed == 1 else {"output": -1.0})))
    figure = drawn("preactivations", pd.concat(tables))
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    N, M = np.indices((p, p))
    for number, stage in enumerate(stages):
        for row, grid in enumerate((N + 10 * M + 100 * number, N * N + M + number, M * M - N + number)):
            axes = panels[row * len(stages) + number]
            np.testing.assert_array_equal(axes.images[0].get_array(), grid)
            assert axes.images[0].origin == "lower"
        assert panels[number].get_title() == f"{stage}: output $h^{{(2)}}_q$\ntest accuracy {10 * (number + 1)}.0 %"
    assert [axes.get_xlabel() for axes in panels[::3]] == ["m", "frequency in m", "m"]
    assert [axes.get_ylabel() for axes in panels[::3]] == ["n", "frequency in n", "n"]
    assert [axes.get_title() for axes in panels[3::3]] == ["initial: its Fourier image", "initial: neuron $h^{(1)}_k$"]


def heights(patch, edges):
    """The heights of a histogram's outline between neighbouring edges."""
    x, y = patch.get_path().vertices.T
    flat = [(x[i], x[i + 1], y[i]) for i in range(len(x) - 1) if y[i] == y[i + 1] and x[i] < x[i + 1]]
    middle = (edges[1:] + edges[:-1]) / 2
    return [next((h for low, high, h in flat if low <= centre <= high), 0.0) for centre in middle]


def test_figure_3_is_the_density_of_sums_and_of_single_phases():
    generator = np.random.default_rng(0)
    data = pd.DataFrame({"experiment": "a", "dynamics": "adamw", "seed": 0, "phase_sum": generator.normal(0, 0.4, 300),
                         "phase_1": generator.uniform(-3, 3, 300), "phase_2": 0.0})  # fmt: skip
    data["phase_error"] = data["phase_sum"].abs()
    sums, single = drawn("phase_sums", data).axes
    for axes, column, bins in ((sums, "phase_sum", 64), (single, "phase_1", 20)):
        edges = np.linspace(-np.pi, np.pi, bins + 1)
        expected = np.histogram(data[column], edges)[0] / 300 / (2 * np.pi / bins)
        np.testing.assert_allclose(heights(axes.patches[0], edges), expected)
    assert labels(sums) == [f"AdamW, median |sum| {data['phase_error'].median():.2g}"]
    assert line(single, "uniform").get_ydata()[0] * 2 * np.pi == pytest.approx(1)
    assert [axes.get_xlabel() for axes in (sums, single)] == [
        r"$\varphi^{(1)}_k + \varphi^{(2)}_k - \varphi^{(3)}_k$", r"$\varphi^{(1)}_k$"
    ]  # fmt: skip


def path(seed, shift=1):
    """A run that has 10 % at step 20, 99.5 % at step 100 and 90 % of the IPR that it gains later at step 500."""
    steps = shift * np.array([0.0, 1, 10, 20, 50, 100, 200, 500, 1000])
    accuracy = [0, 0, 0.05, 0.1, 0.5, 0.995, 1, 1, 1]
    ipr = [0.04, 0.04, 0.05, 0.06, 0.1, 0.2, 1.09, 1.15, 1.2]  # 0.2 + 0.9 · (1.2 - 0.2) = 1.1
    return run(seed=seed, steps=steps, train_accuracy=np.linspace(0.2, 0.9, 9), test_accuracy=accuracy, ipr=ipr)


READINGS = pd.DataFrame({
    "evidence": "ipr_values",
    "experiment": "v", "seed": 0, "transform": ["joint_fft", "block_rfft"], "exact": [0.25, 0.9], "random": [0.01, 0.04]
})  # fmt: skip


def test_figure_5_shades_the_regimes_between_the_median_steps():
    data = together(path(0), path(1, shift=1.2), path(2, shift=1.9), READINGS)
    (progress,) = drawn("participation", data).axes
    end = 50 * 2 ** ((0.99 - 0.5) / (0.995 - 0.5))  # on the log axis between two observations
    edges = [10, 1.2 * 20, 1.2 * end, 1.2 * 500, 1.9 * 1000]
    spans = [(one.get_x(), one.get_x() + one.get_width()) for one in progress.patches]
    np.testing.assert_allclose(spans, list(pairwise(edges)), rtol=1e-6)
    assert [text.get_text() for text in progress.texts] == ["slow", "transition", "fast", "saturation"]
    for text, (left, right) in zip(progress.texts, spans, strict=True):
        assert text.get_position()[0] == pytest.approx(np.sqrt(left * right))
    exact = line(progress, "IPR of the exact solution")
    assert list(exact.get_ydata()) == [0.9, 0.9]


def test_figure_5_draws_ipr_and_accuracies_and_each_reading_at_its_name():
    one = path(0)
    (progress,), (readings,) = drawn("participation", one).axes, drawn("participation", READINGS).axes
    found = named_lines(progress)
    for label, column in (("IPR", "ipr"), ("train accuracy", "train_accuracy"), ("test accuracy", "test_accuracy")):
        np.testing.assert_allclose(found[label], one[["step", column]][1:])
    assert progress.get_xscale() == "log"
    names = {place: text.get_text() for place, text in enumerate(readings.get_yticklabels())}
    bars = {}
    for container in readings.containers:
        for bar in container:
            place = round(bar.get_y() + bar.get_height() / 2)
            bars[names[place], container.get_label()] = bar.get_width()
    assert bars == {
        ("joint, fft", "exact solution"): 0.25, ("joint, fft", "random weights"): 0.01,
        ("block, rfft", "exact solution"): 0.9, ("block, rfft", "random weights"): 0.04,
    }  # fmt: skip
    assert [text.get_text().strip() for text in readings.texts] == ["0.25", "0.9"]


def test_figure_5_draws_every_run_it_is_given():
    first, second = path(0), path(0).assign(experiment="other")
    assert len(drawn("participation", together(first, second)).axes) == 2


def test_figure_6_shows_the_accuracy_of_each_activation_at_its_size():
    rows = [
        (amplitude, activation, width, seed, 0.1 * a + 0.01 * b + width / 1e4 + 0.001 * seed**2)
        for a, amplitude in enumerate(("printed", "unit_peak"))
        for b, activation in enumerate(("relu", "gelu"))
        for width in (10, 100)
        for seed in (0, 1, 2)
    ]
    table = pd.DataFrame(rows, columns=["amplitude", "activation", "width", "seed", "accuracy"])
    figure = drawn("wave_activations", table.assign(experiment="w", loss=7.0, peak=9.0))
    for a, axes in enumerate(figure.axes):
        for b, activation in enumerate(("ReLU", "GELU")):
            expected = [[width, 0.1 * a + 0.01 * b + width / 1e4 + 0.001] for width in (10, 100)]
            np.testing.assert_allclose(named_lines(axes)[activation], expected)
        assert (axes.get_xscale(), axes.get_xlabel(), axes.get_ylabel()) == ("log", "width N", "accuracy")


def test_learning_curves_have_a_column_for_each_experiment():
    a, b = distinct(*CURVES), distinct(*reversed(CURVES))
    figure = drawn("learning_curves", together(run("a", **a), run("b", **b)))
    for column, c in enumerate((a, b)):
        accuracy, loss = figure.axes[column], figure.axes[2 + column]
        assert shows(accuracy, STEPS, train=c["train_accuracy"], test=c["test_accuracy"])
        assert shows(loss, STEPS, train=c["train_loss"], test=c["test_loss"])
        assert accuracy.get_title() == "ab"[column]
        assert accuracy.get_xscale() == loss.get_xscale() == "log"
    assert [axes.get_ylabel() for axes in figure.axes[::2]] == ["accuracy", "loss"]
    handles = {one.get_label(): one.get_color() for one in figure.legends[0].legend_handles}
    assert handles == {name: line(figure.axes[0], name).get_color() for name in ("train", "test")}


def test_closed_form_start_draws_each_column_once_and_where_it_belongs():
    c = distinct(*CURVES, "ipr", "moved")
    loss, accuracy, moved = drawn("closed_form_start", run(**c)).axes
    assert shows(loss, STEPS, train=c["train_loss"], test=c["test_loss"])
    assert shows(accuracy, STEPS, train=c["train_accuracy"], test=c["test_accuracy"], IPR=c["ipr"])
    assert shows(moved, STEPS, moved=c["moved"])
    assert [axes.get_yscale() for axes in (loss, accuracy, moved)] == ["log", "linear", "linear"]


def nets(dynamics="gradient_flow", experiment="s", **columns):
    """Nets of a sweep, a row each; no two numbers are alike."""
    table = pd.DataFrame(columns)
    fixed = {
        "evidence": "sweep",
        "experiment": experiment,
        "dynamics": dynamics,
        "momentum": np.nan,
        "beta1": np.nan,
        "memorised": 3.0,
        "train_accuracy": 0.77,
        "budget": 9000.0,
    }
    known = {"width": 256, "observed": 0.5, "seed": range(len(table)), "has_grokked": 1.0, "grokked": 50.0}
    known |= {"cost": 50.0, "test_accuracy": 1.0, "ipr": 0.3, "p": 97}
    return table.assign(**{name: value for name, value in {**fixed, **known}.items() if name not in table})


def test_grokking_times_are_the_median_of_the_nets_that_grok():
    grokked = [10.0, 20, 90, 5, np.nan, 7]
    data = nets(observed=[0.4] * 3 + [0.6] * 3, grokked=grokked, cost=np.nan_to_num(grokked, nan=9000))
    time, accuracy = drawn("fraction_and_width", data).axes
    np.testing.assert_allclose(named_lines(time)["GD"], [[0.4, 20], [0.6, 6]])
    dots, crosses = ([one.get_xydata().tolist() for one in time.get_lines() if one.get_marker() == m] for m in "ox")
    assert dots == [[[0.4, 10], [0.4, 20], [0.4, 90], [0.6, 5], [0.6, 7]]]
    assert crosses == [[[0.6, 9000]]]
    assert (time.get_xlabel(), time.get_ylabel()) == ("data fraction α", "epochs to test accuracy 99 %")
    assert (accuracy.get_xlabel(), accuracy.get_ylabel()) == ("width N", "test accuracy")


def test_accuracy_against_the_width_is_the_median_of_the_test_accuracy():
    data = nets("adamw", width=[8] * 3 + [64] * 3, test_accuracy=[0.1, 0.2, 0.6, 0.7, 0.9, 1.0])
    time, accuracy = drawn("fraction_and_width", data).axes
    np.testing.assert_allclose(named_lines(accuracy)["AdamW"], [[8, 0.2], [64, 0.9]])
    band = accuracy.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (0.1, 1.0)
    assert not time.get_lines()


def test_the_share_of_nets_that_grok_is_their_mean():
    data = nets(
        p=[23] * 8, observed=[0.2] * 4 + [0.4] * 4, has_grokked=[0, 0, 0, 1.0, 1, 1, 1, 1], seed=[0, 1, 2, 3] * 2
    )
    share, critical = drawn("critical_fraction", data).axes
    np.testing.assert_allclose(named_lines(share)["p = 23"], [[0.2, 0.25], [0.4, 1]])
    dots = next(one for one in critical.get_lines() if one.get_marker() == "o")
    assert dots.get_xydata().tolist() == [[23, 0.4]] * 3 + [[23, 0.2]]
    assert (share.get_ylabel(), critical.get_ylabel()) == ("share of nets that grok", "critical fraction")


def test_ipr_and_accuracy_stand_in_one_panel_and_the_ipr_by_what_was_reached_in_the_other():
    ipr, accuracy = [0.1, 0.3, 0.5, 0.6, 0.8], [0.2, 0.99, 0.1, 1.0, 0.995]
    figure = drawn("ipr_and_accuracy", nets("sgd", ipr=ipr, test_accuracy=accuracy))
    ends, strips = figure.axes
    (text,) = figure.legends[0].get_texts()
    assert text.get_text() == f"GD + momentum, ρ = {spearmanr(ipr, accuracy).statistic:.2f}"
    assert ends.collections[0].get_offsets().data.tolist() == np.stack([ipr, accuracy], 1).tolist()
    assert strips.collections[0].get_offsets().data.tolist() == [[0.1, 0], [0.3, 1], [0.5, 0], [0.6, 1], [0.8, 1]]
    assert [text.get_text() for text in strips.get_yticklabels()] == ["below\n99 %", "99 % or\nmore"]
    assert ends.get_xscale() == strips.get_xscale() == "log"


@pytest.mark.parametrize(
    ("setting", "values", "places", "name"),
    [
        ("width", [8, 64], [8, 64], "width N"),
        ("learning_rate", [0.1, 1, 30], [0.1, 1, 30], "learning rate η / median"),
        ("momentum", [0.9, 0.5], [0.1, 0.5], "1 - μ or 1 - β₁"),
        ("beta1", [0.9, 0.5], [0.1, 0.5], "1 - μ or 1 - β₁"),
        ("beta2", [0.999, 0.9], [0.001, 0.1], "1 - β₂"),
        ("weight_decay", [1e-3, 1e-1], [1e-3, 1e-1], "decay"),
        ("epsilon", [1e-15, 1e-8], [1e-15, 1e-8], "ε"),
        ("l2", [1e-9, 1e-8], [1e-9, 1e-8], "L2 coefficient"),
        ("init_scale", [0.5, 2], [0.5, 2], "scale of initialisation"),
        ("observed", [0.3, 0.6], [0.3, 0.6], "data fraction α"),
    ],
)
def test_sensitivity_has_each_setting_on_its_own_axis(setting, values, places, name):
    """Three nets of each value, one of which does not grok and lies at the budget."""
    rows = [(value, cost, cost < 9000) for number, value in enumerate(values) for cost in (10 + number, 40, 9000)]
    columns = dict(zip((setting, "cost", "has_grokked"), map(list, zip(*rows, strict=True)), strict=True))
    (axes,) = drawn("sensitivity", nets("adam", **columns)).axes
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_xscale()) == (name, "epochs to 99 %", "log")
    np.testing.assert_allclose(sorted(named_lines(axes)["Adam"].tolist()), sorted([place, 40] for place in places))
    dots, crosses = (next(one for one in axes.get_lines() if one.get_marker() == marker) for marker in "ox")
    expected = [[place, cost] for number, place in enumerate(places) for cost in (10 + number, 40)]
    np.testing.assert_allclose(dots.get_xydata(), expected)
    np.testing.assert_allclose(crosses.get_xydata(), [[place, 9000] for place in places])
