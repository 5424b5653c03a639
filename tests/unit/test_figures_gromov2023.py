"""The figures of Gromov 2023: what is plotted, how it is called, where the axes end."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from grokking.figures.gromov2023 import regimes
from grokking.figures.gromov2023_sweeps import critical_fractions
from grokking.figures.keys import PAPER
from tests.unit.figure_tables import STEPS, diamonds, drawn, labels, line, marks, points, run, sweep, together

RISE = np.linspace(0.1, 0.9, 5)
CURVES = {name: RISE for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy")}
LAYERS = {"first_norm": 2 * RISE, "second_norm": 4 * RISE, "first_gradient": RISE, "second_gradient": RISE}


def test_figure_1_has_norms_relative_to_the_start_on_linear_axes():
    data = together(*(run(seed=seed, **CURVES, **LAYERS) for seed in (0, 1)))
    figure = drawn("quadratic_dynamics", data, marks(("test_accuracy", 100, 0.5)))
    loss, norm, accuracy, gradient = figure.axes
    assert [one.get_ylabel() for one in figure.axes] == [
        "loss", "norm ÷ norm at start", "accuracy", "norm of the gradient"
    ]  # fmt: skip
    np.testing.assert_allclose(line(norm, "$W^{(2)}$").get_ydata(), RISE[1:] / RISE[0])
    assert all((one.get_xscale(), one.get_xlim()) == ("linear", (0, 1000)) for one in figure.axes)
    assert all(one.get_ylim()[0] == 0 for one in figure.axes)
    assert labels(accuracy) == ["train", "test", PAPER]
    assert labels(loss) == ["train", "test"]
    assert labels(gradient) == [r"$\nabla_{W^{(1)}}$", r"$\nabla_{W^{(2)}}$"]
    assert line(norm, "$W^{(1)}$").get_linestyle() != line(norm, "$W^{(2)}$").get_linestyle()  # one hides the other


def test_figure_1_marks_the_papers_growth_of_all_weights_on_their_own_curve():
    data = run(**CURVES, **LAYERS, parameter_norm=5 * RISE)
    norm = drawn("quadratic_dynamics", data, marks(("parameter_norm_over_start", 1000, 3.7))).axes[1]
    np.testing.assert_allclose(points(norm, "all weights"), np.stack([STEPS[1:], RISE[1:] / RISE[0]], axis=1))
    assert diamonds(norm) == [[[1000, 3.7]]]


def test_small_gradients_are_in_units_of_a_power_of_ten():
    data = run(**CURVES, first_gradient=3.4e-6 * RISE / RISE[-1])
    gradient = next(axes for axes in drawn("quadratic_dynamics", data).axes if "gradient" in axes.get_ylabel())
    assert gradient.get_ylabel() == "norm of the gradient ($10^{-6}$)"
    assert line(gradient, r"$\nabla_{W^{(1)}}$").get_ydata()[-1] == pytest.approx(3.4)


def test_figure_1_of_another_net_has_what_it_records():
    assert [one.get_ylabel() for one in drawn("quadratic_dynamics", run(**CURVES)).axes] == ["loss", "accuracy"]


def grids(p=5, stages=("initial", "trained")):
    n, m = (index.ravel() for index in np.indices((p, p)))
    values = {"output": n + 10 * m, "spectrum": n, "hidden": m}
    tables = [pd.DataFrame({"stage": stage, "n": n, "m": m, "test_accuracy": 0.125, **values}) for stage in stages]
    return pd.concat([table.assign(experiment="g", seed=seed) for table in tables for seed in (0, 1)])


def test_figure_2_shows_each_quantity_for_all_pairs():
    figure = drawn("preactivations", grids())
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    assert len(panels) == 6
    np.testing.assert_array_equal(panels[0].images[0].get_array(), np.arange(5)[:, None] + 10 * np.arange(5))
    assert panels[0].images[0].origin == "lower"
    expected = [f"{stage}: output $h^{{(2)}}_q$\ntest accuracy 12.5 %" for stage in ("initial", "trained")]
    assert [axes.get_title() for axes in panels[:2]] == expected
    assert [axes.get_xlabel() for axes in panels[::2]] == ["m", "frequency in m", "m"]
    assert panels[0].get_ylabel() == "n"
    for panel, names in ((panels[0], ["0", "2", "4"]), (panels[2], ["-2", "0", "2"])):
        for axis in (panel.xaxis, panel.yaxis):
            assert list(axis.get_ticklocs()) == [0, 2, 4]
            assert [text.get_text() for text in axis.get_ticklabels()] == names


def test_stages_after_training_have_the_same_colours_and_the_initial_one_its_own():
    data = grids(stages=("initial", "trained", "closed form"))
    factor = data["stage"].map({"initial": 1e-3, "trained": 1.0, "closed form": 2.0})
    shown = drawn("preactivations", data.assign(output=factor * data["output"])).axes[:3]
    assert [axes.images[0].get_clim() for axes in shown] == [(0, 0.044), (0, 88), (0, 88)]


def test_figures_7_to_9_show_output_and_neuron_from_the_end_of_training_on():
    figure = drawn("outputs", grids(stages=("initial", "trained", "closed form")).assign(label="q = 6,"))
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    assert [axes.get_title().split(chr(10))[0] for axes in panels] == [
        f"{stage}: {name}"
        for stage in ("trained", "closed form")
        for name in ("output $h^{(2)}_q$", "neuron $h^{(1)}_k$")
    ]
    assert panels[0].get_title().split(chr(10))[1] == "q = 6, test accuracy 12.5 %"
    np.testing.assert_array_equal(panels[1].images[0].get_array(), np.tile(np.arange(5), (5, 1)))


def test_figure_3_counts_all_neurons():
    one = pd.DataFrame({"phase_sum": [0.0, 0.1], "phase_1": [-1.0, 2.0], "phase_error": [0.0, 0.1], "seed": 0})
    data = together(one.assign(experiment="a", dynamics="gradient_flow"), one.assign(experiment="b", dynamics="adamw"))
    sums, single = drawn("phase_sums", data).axes
    assert labels(sums) == ["GD, median |sum| 0.05", "AdamW, median |sum| 0.05"]
    p = kstest([-1.0, 2.0], "uniform", args=(-np.pi, 2 * np.pi)).pvalue
    assert set(labels(single)) == {"uniform", *(f"{name}, uniform: p = {p:.2g}" for name in ("GD", "AdamW"))}
    heights = np.diff(sums.patches[0].get_path().vertices[:, 1])
    assert heights.max() > 0


def path(**columns):
    steps = np.unique([0, *np.geomspace(1, 1000, 40).round()])
    accuracy = np.interp(steps, [0, 10, 100], [0, 0, 1])
    ipr = np.interp(steps, [0, 10, 100, 500, 1000], [0.04, 0.04, 0.2, 0.9, 0.9])
    return run(**{"steps": steps, "train_accuracy": 1.0, "test_accuracy": accuracy, "ipr": ipr, **columns})


VALUES = pd.DataFrame({
    "evidence": "ipr_values",
    "experiment": "v", "seed": 0, "transform": ["block_rfft", "joint_fft"], "exact": [1.0, 0.25], "random": 0.04
})  # fmt: skip


def test_figure_5_names_the_regimes():
    start, end, saturated = regimes(path())
    assert start == pytest.approx(19, rel=0.1)
    assert end == pytest.approx(99, rel=0.1)
    assert 400 < saturated <= 500
    (progress,) = drawn("participation", together(path(), VALUES)).axes
    assert [text.get_text() for text in progress.texts] == ["slow", "transition", "fast", "saturation"]
    assert labels(progress) == ["IPR", "train accuracy", "test accuracy", "IPR of the exact solution"]
    assert progress.get_lines()[-1].get_ydata() == [1, 1]
    assert progress.get_xlim() == (10, 1000)
    (readings,) = drawn("participation", VALUES).axes  # without runs
    assert [bar.get_width() for bar in readings.patches] == [1, 0.25, 0.04, 0.04]
    assert [tick.get_text() for tick in readings.get_yticklabels()] == ["block, rfft", "joint, fft"]


def test_figure_5_draws_what_it_is_given():
    assert [one.get_ylabel() for one in drawn("participation", path()).axes] == ["IPR, accuracy"]
    assert [one.get_xlabel() for one in drawn("participation", VALUES).axes] == ["IPR"]
    assert np.isnan(regimes(path(test_accuracy=0.0))).all()


def test_figure_6_has_a_panel_for_each_size_of_the_weights():
    rows = [
        {
            "experiment": "w",
            "seed": 0,
            "amplitude": amplitude,
            "activation": activation,
            "width": width,
            "accuracy": 0.5,
        }
        for amplitude in ("printed", "unit_peak")
        for activation in [f"a{i}" for i in range(12)]
        for width in (10, 100)
    ]
    printed, peak = drawn("wave_activations", pd.DataFrame(rows).assign(experiment="w", seed=0, accuracy=0.5)).axes
    assert (printed.get_title(), peak.get_title()) == ("weights as printed", "weights scaled to output peak 1")
    assert labels(printed) == [f"a{i}" for i in range(12)]
    assert points(peak, "a11") == [[10, 0.5], [100, 0.5]]
    assert len({one.get_color() for one in printed.get_lines()}) == 12


def test_learning_curves_say_what_is_learned_from_how_much():
    cubic = run("a", function="n^3 + n*m^2 + m", observed=0.9, **CURVES)
    figure = drawn("learning_curves", together(cubic, run("b_c", **CURVES), run("d", label="mine", **CURVES)))
    assert [axes.get_title() for axes in figure.axes[:3]] == ["n³ + nm² + m, α = 0.9", "b c", "mine"]
    assert len(figure.axes) == 6
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["train", "test"]
    assert points(figure.axes[5], "test") == np.stack([STEPS[1:], RISE[1:]], axis=1).tolist()
    assert [axes.get_ylim()[0] for axes in figure.axes] == [0] * 6


def test_learning_curves_share_their_losses_axis_and_begin_where_something_happens():
    still = {name: [0.1, 0.1, 0.1, 0.1, 0.9] for name in CURVES}
    high = run("b", **still | {"test_loss": [0.1, 0.1, 0.1, 0.1, 3.0]})
    figure = drawn("learning_curves", together(run("a", **still), high))
    assert figure.axes[2].get_ylim() == figure.axes[3].get_ylim()
    assert [axes.get_xlim() for axes in figure.axes] == [(100, 1000)] * 4
    figure = drawn("learning_curves", run("a", **dict.fromkeys(CURVES, 0.5)))
    assert figure.axes[0].get_xlim() == (1, 1000)


def test_learning_curves_name_the_papers_values_below():
    paper = marks(("test_accuracy", 1000, 0.97)).assign(experiment="b")
    figure = drawn("learning_curves", together(run("a", **CURVES), run("b", **CURVES)), paper)
    assert [diamonds(axes) for axes in figure.axes] == [[], [[[1000, 0.97]]], [], []]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["train", "test", PAPER]


def test_learning_curves_without_losses_have_one_row():
    accuracies = {name: RISE for name in ("train_accuracy", "test_accuracy")}
    (axes,) = drawn("learning_curves", run(**accuracies)).axes
    assert (axes.get_ylabel(), axes.get_ylim(), axes.get_xlabel()) == ("accuracy", (0, 1.03), "epoch")


def test_closed_form_start():
    loss, accuracy, moved = drawn("closed_form_start", run(**CURVES, ipr=RISE, moved=RISE / 2)).axes
    assert loss.get_yscale() == "log"
    assert labels(accuracy) == ["train", "test", "IPR"]
    assert moved.get_lines()[0].get_ydata().tolist() == (RISE[1:] / 2).tolist()
    assert moved.get_xlim() == (1, 1000)


WAVES = pd.DataFrame(
    {"evidence": "wave_accuracy", "experiment": "w", "seed": 0, "width": [10, 100], "accuracy": [0.5, 1.0]}
)


def test_figure_4_shows_nets_that_have_not_grokked_at_the_budget():
    data = together(sweep("f", observed=[0.2, 0.3, 0.4]), sweep("w", dynamics="adamw", width=[10, 20, 30]), WAVES)
    time, accuracy = drawn("fraction_and_width", data).axes
    assert points(time, "GD") == [[0.3, 100.5], [0.4, 200.5]]
    (crosses,) = [one for one in time.get_lines() if one.get_marker() == "x"]
    assert crosses.get_xydata().tolist() == [[0.2, 5000], [0.2, 5000]]
    assert labels(time) == ["GD", "not within the budget"]
    assert labels(accuracy) == ["AdamW", "closed form (all pairs)"]
    assert points(accuracy, "AdamW") == [[10, 0], [20, 1], [30, 1]]
    assert points(accuracy, "closed form (all pairs)") == [[10, 0.5], [100, 1]]
    assert (time.get_yscale(), accuracy.get_xscale()) == ("log", "log")


def test_figure_4_marks_the_papers_critical_fraction():
    time, _ = drawn("fraction_and_width", sweep("f", observed=[0.2, 0.3]), marks(("grokked", 0.29, 2500))).axes
    assert diamonds(time) == [[[0.29, 2500]]]
    assert PAPER in labels(time)


def test_figure_4_of_the_closed_form_alone():
    assert labels(drawn("fraction_and_width", WAVES).axes[1]) == ["closed form (all pairs)"]


def test_figure_4_tells_two_sweeps_of_one_dynamics_apart_by_their_labels():
    data = together(sweep("a", observed=[0.2, 0.3]), sweep("b", observed=[0.2, 0.3]).assign(label="other"))
    time, _ = drawn("fraction_and_width", data).axes
    assert labels(time) == ["GD", "other", "not within the budget"]
    assert line(time, "GD").get_color() != line(time, "other").get_color()


def test_critical_fraction_is_the_smallest_from_which_on_every_net_groks():
    small, large = sweep("a", p=[23]), sweep("b", p=[97])
    data = together(
        *(small.assign(observed=x, has_grokked=float(x in (0.1, 0.3, 0.4))) for x in (0.1, 0.2, 0.3, 0.4)),
        *(large.assign(observed=x, has_grokked=float(x > 0.15)) for x in (0.1, 0.2)),
        sweep("never", p=[11]).assign(has_grokked=0.0),
    )
    assert critical_fractions(data).groupby("p")["fraction"].median().to_dict() == {23: 0.3, 97: 0.2}
    share, critical = drawn("critical_fraction", data).axes
    assert labels(share) == ["p = 23", "p = 97", "p = 11"]
    assert points(share, "p = 97") == [[0.1, 0], [0.2, 1]]
    assert points(critical, "GD") == [[23, 0.3], [97, 0.2]]
    bars = sorted({tuple(map(tuple, bar)) for bar in critical.collections[0].get_segments()})
    assert bars == [((23, 0.2), (23, 0.3)), ((97, 0.1), (97, 0.2))]  # down to the fraction that was too small
    assert critical.get_ylim()[0] == 0


def test_ipr_and_accuracy_of_all_nets_of_a_dynamics():
    data = together(sweep("a", width=[1, 2, 3]), sweep("b", dynamics="sgd", observed=[0.1, 0.2]))
    figure = drawn("ipr_and_accuracy", data)
    ends, strips = figure.axes
    below = [text.get_text() for text in figure.legends[0].get_texts()]
    assert below[0].startswith("GD, ρ = 0.8")
    assert below[1:] == ["GD + momentum, ρ = 1.00", "n + m"]
    gd, momentum = (one.get_offsets().data.tolist() for one in ends.collections)
    assert sorted(set(map(tuple, momentum))) == [(0.1, 0), (0.2, 1)]
    assert len(gd) == 6
    for strip, dots in zip(strips.collections, (gd, momentum), strict=True):
        assert [x for x, _ in strip.get_offsets()] == [x for x, _ in dots]
        assert [round(y) for _, y in strip.get_offsets()] == [round(y) for _, y in dots]  # the row of those at 99 %


def test_functions_have_their_own_markers_and_wide_nets_larger_ones():
    data = together(sweep("a", width=[10, 500]), sweep("b", width=[10, 500]).assign(function="n^2 + m^2"))
    figure = drawn("ipr_and_accuracy", data)
    assert [text.get_text() for text in figure.legends[0].get_texts()][1:] == ["n + m", "n² + m²"]
    first, second = figure.axes[0].collections
    assert not np.array_equal(first.get_paths()[0].vertices, second.get_paths()[0].vertices)
    assert sorted(first.get_sizes()) == pytest.approx([6, 6, 40, 40], abs=0.1)


def test_sensitivity_has_a_panel_for_each_setting_that_is_varied():
    data = together(
        sweep("w", width=[128, 256, 512]),
        sweep("m", dynamics="sgd", momentum=[0.8, 0.9]),
        sweep("b", dynamics="adamw", beta1=[0.8, 0.95]),
        sweep("l", dynamics="sgd", l2=[1e-9, 1e-8]),
        sweep("r", dynamics="adamw", learning_rate=[0.01, 0.03, 0.1]),
    )
    figure = drawn("sensitivity", data)
    shown = {axes.get_xlabel(): axes for axes in figure.axes if axes.axison}
    assert list(shown) == ["width N", "learning rate η / median", "1 - μ or 1 - β₁", "L2 coefficient"]
    assert points(shown["width N"], "GD") == [[256, 100.5], [512, 200.5]]  # most nets of 128 do not grok
    np.testing.assert_allclose(points(shown["1 - μ or 1 - β₁"], "AdamW"), [[0.05, 100.5]])
    np.testing.assert_allclose(line(shown["learning rate η / median"], "AdamW").get_xdata(), [1, 10 / 3])
    assert len({axes.get_ylim() for axes in shown.values()}) == 1
    crosses = [one for one in shown["width N"].get_lines() if one.get_marker() == "x"]
    assert crosses[0].get_xydata().tolist() == [[128, 5000], [128, 5000]]


def test_the_value_that_the_other_panels_have_is_ringed():
    data = together(sweep("w", width=[128, 256, 512]), sweep("r", learning_rate=[0.5, 1.0]))
    figure = drawn("sensitivity", data)
    width, rate = (axes for axes in figure.axes if axes.axison)
    assert points(width, "in all other panels") == [[256, 100], [256, 101]]
    assert {x for x, _ in points(rate, "in all other panels")} == {1 / 0.75}
    below = [text.get_text() for text in figure.legends[0].get_texts()]
    assert below == ["GD", "in all other panels", "not within the budget"]


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        ([256, 512], ["300", "400", "500"]),
        ([600, 900], ["600", "700", "800", "900"]),
        ([128, 256, 512], ["200", "300", "500"]),
        ([8, 256], []),  # 10 and 100 are labelled
    ],
)
def test_a_setting_has_numbers_on_its_axis_between_powers_of_ten_too(width, shown):
    (panel,) = drawn("sensitivity", sweep("w", width=width)).axes
    low, high = panel.get_xlim()
    ticks = panel.xaxis.get_minorticklocs()
    texts = panel.xaxis.get_minor_formatter().format_ticks(ticks)
    assert [text for tick, text in zip(ticks, texts, strict=True) if text and low <= tick <= high] == shown
