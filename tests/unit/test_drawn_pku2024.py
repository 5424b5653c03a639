"""Every number on the figures of the course report: the right column, unit, panel, axis and name."""

import numpy as np
import pandas as pd
import pytest

from grokking.figures.curves import Line
from grokking.figures.keys import END, PAPER
from grokking.figures.pku2024_slow_part import smoothed
from grokking.figures.pku2024_sweeps import mirror_share
from grokking.figures.pku2024_times import with_headings
from grokking.figures.seed_lines import line_per_seed
from grokking.figures.style import new_figure
from tests.unit.figure_tables import STEPS, distinct, drawn, labels, line, marks, named_lines, run, together, vertical

NAMES = {
    "train_accuracy": "training",
    "test_accuracy": "validation",
    "mirrored_accuracy": "validation: another order trained on",
    "unmirrored_accuracy": "validation: no order trained on",
}


def labels_below(figure):
    """The texts of the legend below a figure."""
    (legend,) = figure.legends
    return [text.get_text() for text in legend.get_texts()]


def curves(experiment, label, factor, scale=1.0):
    columns = distinct(*NAMES)
    return run(experiment, label=label, epoch=STEPS / factor, **{name: scale * x for name, x in columns.items()})


def shown(table, part=slice(1, None)):
    return {NAMES[name]: table[name].to_numpy()[part] for name in NAMES}


def ends(axes):
    """The (x, y) of the marks at the ends of runs."""
    return [one.get_xydata()[0].tolist() for one in axes.get_lines() if one.get_marker() == END["marker"]]


def test_each_seed_is_a_line_to_the_end_of_its_run():
    """The third seed goes on alone: no curve falls to it."""
    seeds = [run(seed=0, accuracy=STEPS), run(seed=1, accuracy=2 * STEPS), run(seed=2, accuracy=STEPS / 2)]
    seeds[:2] = [rows[rows["step"] <= 10] for rows in seeds[:2]]
    _, (axes,) = new_figure(1)
    line_per_seed(axes, together(*seeds), Line("accuracy", "its name", "red"))
    line_per_seed(axes, together(*seeds), Line("elsewhere", "no such column", "red"))
    lines = [one.get_xydata().tolist() for one in axes.get_lines() if one.get_marker() != END["marker"]]
    assert lines == [[[1, 1], [10, 10]], [[1, 2], [10, 20]], [[1, 0.5], [10, 5], [100, 50], [1000, 500]]]
    assert ends(axes) == [[10, 10], [10, 20], [1000, 500]]
    assert list(named_lines(axes)) == ["its name"]


def test_accuracies_against_epochs_with_a_panel_for_each_experiment():
    tables = [curves("a", "α = 0.3", 10), curves("b", "α = 0.5", 20, 0.5)]
    figure = drawn("sums_by_epoch", together(*tables), marks(("test_accuracy", 4, 0.3)))
    axes = figure.axes
    assert [own.get_title() for own in axes] == ["α = 0.3, 1 seed", "α = 0.5, 1 seed"]
    for own, table in zip(axes, tables, strict=True):
        for name, y in shown(table).items():
            np.testing.assert_allclose(line(own, name).get_xydata().T, [table["epoch"][1:], y])
        assert own.get_ylabel() == "accuracy"
        assert own.get_xlabel() == "epoch"
        assert own.get_xlim() == pytest.approx((1, 110))
        assert line(own, "validation").get_linestyle() == "-"
    styles = {str(line(axes[0], name)._dash_pattern) for name in NAMES.values()}
    assert len(styles) == 3  # the parts of the validation set differ from it and from each other
    assert sorted(labels_below(figure)) == sorted([*NAMES.values(), PAPER, "a run ends"])
    assert all(own.get_legend() is None for own in axes)


def test_a_panel_says_when_validation_accuracy_rises_as_the_median_over_seeds():
    late, early = [0, 0, 0, 0.2, 0.95], [0, 0, 0.2, 0.5, 0.95]
    seeds = [run(seed=n, test_accuracy=one) for n, one in enumerate((late, early, [0, 0, 0, 0.1, 0.1]))]
    (axes,) = drawn("sums_by_epoch", together(*seeds)).axes
    assert [text.get_text() for text in axes.texts] == ["validation\n20 % at 100\n95 % at 1000"]
    (axes,) = drawn("sums_by_epoch", seeds[2]).axes
    assert [text.get_text() for text in axes.texts] == ["validation\n20 % not reached\n95 % not reached"]


def test_the_parts_of_the_validation_set_are_shown_of_sums_of_two_only():
    pairs, triples = (curves(name, name, 10).assign(operands=K) for name, K in (("a", 2), ("b", 3)))
    of_pairs, of_triples = drawn("sums_by_epoch", together(pairs, triples)).axes
    assert list(named_lines(of_pairs)) == list(NAMES.values())
    assert list(named_lines(of_triples)) == ["training", "validation"]


def test_experiments_are_compared_on_a_panel_for_training_and_one_for_validation():
    tables = [curves("a", "K = 4", 10), curves("b", "K = 5", 20, 0.5)]
    figure = drawn("sums_compared", together(*tables))
    assert [axes.get_title() for axes in figure.axes] == ["training, 1 seed", "validation, 1 seed"]
    for axes, column in zip(figure.axes, ("train_accuracy", "test_accuracy"), strict=True):
        for table, label in zip(tables, ("K = 4", "K = 5"), strict=True):
            expected = np.stack([table["epoch"], table[column]], axis=1)[1:]
            np.testing.assert_allclose(line(axes, label).get_xydata(), expected)
    assert labels_below(figure) == ["K = 4", "K = 5", "a run ends"]


def nets(experiment, label, dynamics, rates=(1.0,), operands=2):
    rows = [
        {"experiment": experiment, "label": label, "dynamics": dynamics, "learning_rate": rate, "seed": seed,
         "observed": fraction, "operands": operands, "largest_test_accuracy": fraction * rate + 0.01 * seed,
         "largest_unmirrored_accuracy": fraction * rate / 2}
        for rate in rates for fraction in (0.3, 0.6) for seed in (0, 1, 2)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_the_best_learning_rate_counts_at_each_fraction_and_all_are_dots():
    data = together(nets("a", "Adam", "adam"), nets("s", "SGD", "sgd", (0.2,)), nets("r", "SGD", "sgd", (0.1,)))
    figure = drawn("sums_by_fraction", data)
    every, unmirrored = figure.axes
    for axes, label, low, high, step in ((every, "Adam", 0.3, 0.6, 0.01), (every, "SGD", 0.06, 0.12, 0.01),
                                         (unmirrored, "SGD", 0.03, 0.06, 0)):  # fmt: skip
        seeds = [[[0.3, low + step * seed] for seed in range(3)], [[0.6, high + step * seed] for seed in range(3)]]
        assert np.allclose(line(axes, label).get_xydata(), np.concatenate(seeds))
    others = [one.get_xydata() for one in every.get_lines() if one.get_markersize() == 2.5]
    assert sorted(map(len, others)) == [0, 6]  # SGD at its worse rate
    assert labels_below(figure) == ["Adam", "SGD", "commutativity alone", "another learning rate"]
    assert line(every, "Adam").get_marker() != line(every, "SGD").get_marker()
    places = [line(every, name).get_transform().transform((0.3, 0.5))[0] for name in ("Adam", "SGD")]
    assert places[1] - places[0] == pytest.approx(6 * figure.dpi / 72)  # side by side, no matter how alike
    x, y = line(every, "commutativity alone").get_xydata().T
    np.testing.assert_allclose(x, y)
    assert (every.get_title(), unmirrored.get_title()) == (
        "all validation pairs, 3 seeds",
        "pairs without a mirror, 3 seeds",
    )
    assert every.get_ylabel() == "largest validation accuracy"
    assert [text.get_text() for text in every.get_xticklabels()] == ["0.3", "0.6"]


def test_without_another_learning_rate_none_is_named():
    figure = drawn("sums_by_fraction", nets("a", "Adam", "adam"))
    assert labels_below(figure) == ["Adam", "commutativity alone"]


def test_the_largest_accuracy_by_sample_size_has_a_line_for_each_number_of_operands():
    data = together(nets("a", "after pairs", "adamw", operands=3), nets("b", "after pairs", "adamw", operands=4),
                    nets("c", "from scratch", "adamw", operands=4))  # fmt: skip
    figure = drawn("sums_by_sample_size", data)
    after, scratch = figure.axes
    assert labels_below(figure) == ["K = 3", "K = 4"]
    assert [axes.get_title() for axes in (after, scratch)] == ["after pairs", "from scratch"]
    assert np.allclose(line(after, "K = 4").get_xydata(), [[0.3, 0.31], [0.6, 0.61]])
    assert line(scratch, "K = 4").get_color() == line(after, "K = 4").get_color() != line(after, "K = 3").get_color()
    assert after.get_xlim() == scratch.get_xlim()
    dots = [one.get_xydata() for one in after.get_lines() if one.get_markersize() == 2]
    assert sorted(map(len, dots)) == [6, 6]
    assert after.get_xscale() == "log"


def test_the_share_of_mirrors():
    rng = np.random.default_rng(0)
    observed = rng.random((100_000, 6)) < 0.1  # the six orders of three different operands
    share = observed[~observed[:, 0], 1:].any(1).mean()
    assert mirror_share(np.array([0.1]), 3)[0] == pytest.approx(share, abs=0.005)


def accuracies(experiment, label, values, seed=0):
    return run(experiment, seed=seed, label=label, epoch=STEPS / 10, test_accuracy=np.array(values))


def test_epochs_to_20_and_to_95_percent_first_and_sustained_and_never():
    data = together(
        accuracies("a", "quick", [0.5, 0.96, 0.5, 0.95, 1.0]),
        accuracies("a", "quick", [0, 0.2, 0.95, 0.97, 0.98], seed=1),
        accuracies("b", "slow", [0, 0, 0, 0.2, 0.95]),
        accuracies("c", "never", [0, 0, 0, 0.2, 0.94]),
    )
    figure = drawn("times_to_generalise", data)
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_yticklabels()] == ["quick", "slow", "never"]
    found = [(one.get_marker(), one.get_markersize(), *one.get_xydata()[0].round(9)) for one in axes.get_lines()]
    second, slow, never = found[3:6], found[6:9], found[9:]
    start, first, kept, late = ("|", 8), ("o", 4), ("o", 7), (">", 7)
    assert second == [(*start, 0.1, 0.125), (*first, 1, 0.125), (*kept, 1, 0.125)]
    assert slow == [(*start, 10, 1), (*first, 100, 1), (*late, 100, 1)]  # reached, but not kept
    assert never[0] == (*start, 10, 2)
    assert np.isnan(never[1][2])
    assert never[2] == (">", 6, 100, 2)
    (band,) = axes.patches
    assert band.get_x() + band.get_width() == pytest.approx(1)  # the first experiment alone
    assert axes.get_xlabel() == "epoch at which validation accuracy …"
    assert len(labels_below(figure)) == 6


def test_rows_with_the_same_text_before_a_colon_are_a_group():
    found = with_headings(["AdamW", "Grokfast: w = 100", "Grokfast: slow part", "Adam: no decay"])
    assert found == [("AdamW", False), ("Grokfast", True), ("w = 100", False), ("slow part", False),
                     ("Adam", True), ("no decay", False)]  # fmt: skip


def test_kernels_against_time_in_units_of_memorisation():
    train, test = np.array([0, 0.5, 0.99, 1, 1]), np.array([0, 0, 0.1, 0.9, 1.0])
    distance = np.array([0, 0.1, 0.3, 0.5, 0.8])
    columns = {"kernel_distance": distance, "kernel_alignment": distance / 4, "kernel_change": 10 * distance}
    net = run("k", label="net", train_accuracy=train, test_accuracy=test, **columns)
    other = run("l", label="other", train_accuracy=train, test_accuracy=test, **{k: x / 2 for k, x in columns.items()})
    figure = drawn("kernel_drift", together(net, other))
    turn, alignment, change = figure.axes
    for axes, unit, scale in ((turn, 1, "log"), (alignment, 1 / 4, "linear"), (change, 10, "log")):
        for label, factor in (("net", unit), ("other", unit / 2)):
            expected = np.stack([STEPS[1:] / 10, factor * distance[1:]], axis=1)
            assert np.allclose(line(axes, label).get_xydata(), expected)
        rings = [one.get_xydata()[0] for one in axes.get_lines() if one.get_markersize() == 9]
        assert np.allclose(rings, [[10**0.5, 0.4 * unit], [10**0.5, 0.2 * unit]])
        assert vertical(axes) == [1]
        assert axes.get_yscale() == scale
        assert axes.get_xlabel() == "step ÷ step of memorisation"
    assert labels_below(figure) == ["net", "other", "test accuracy 50 %", "memorised: 99 % training accuracy"]


def test_kernels_are_shown_from_a_thousandth_of_the_time_of_memorisation_on():
    train = np.array([0, 0, 0, 0, 1])
    columns = {name: STEPS for name in ("kernel_distance", "kernel_alignment", "kernel_change", "test_accuracy")}
    late = run("k", label="net", steps=np.array([0, 1, 100, 1e4, 1e6]), train_accuracy=train, **columns)
    turn, *_ = drawn("kernel_drift", late).axes
    np.testing.assert_allclose(line(turn, "net").get_xdata(), [1e4 / 10**5.98, 1e6 / 10**5.98])


def test_seeds_that_memorise_at_different_steps_are_lines_of_their_own():
    train = np.array([0, 0.5, 0.99, 1, 1])
    later = np.array([0, 0.2, 0.5, 0.99, 1])
    names = ("test_accuracy", "kernel_distance", "kernel_alignment", "kernel_change")
    columns = {"label": "net", **dict.fromkeys(names, STEPS)}
    seeds = [run("k", seed=n, train_accuracy=one, **columns) for n, one in enumerate((train, later))]
    turn, *_ = drawn("kernel_drift", together(*seeds)).axes
    own = [one.get_xydata() for one in turn.get_lines() if one.get_markersize() == 3]
    expected = [np.stack([STEPS[1:] / unit, STEPS[1:]], axis=1) for unit in (10, 100)]
    np.testing.assert_allclose(own, expected)


def test_what_is_learned_has_each_measure_in_its_panel_and_the_first_seeds_spectrum():
    measures = {
        "restricted_loss": "key frequencies alone (all pairs)",
        "excluded_loss": "without the key frequencies (training set)",
        "share_of_sum": "outputs: share in a + b",
        "embedding_key_share": "embedding: share in key frequencies",
        "embedding_gini": "embedding: Gini coefficient",
        "gradient_symmetricity": "gradient symmetricity",
        "distance_irrelevance": "distance irrelevance",
    }
    columns = distinct(*measures)
    spectra = [
        pd.DataFrame({"evidence": "fourier_spectrum", "experiment": "s", "seed": seed, "frequency": [1, 2],
                      "embedding_share": [x, 1 - x], "outputs_share": [0.1, 0.9]}) for seed, x in ((1, 0.5), (0, 0.3))
    ]  # fmt: skip
    losses, shares, circuit, spectrum = drawn(
        "what_is_learned", together(run(evidence="fourier_progress", **columns), *spectra)
    ).axes
    for axes, names in ((losses, 2), (shares, 3), (circuit, 2)):
        own, measures_here = list(measures.items())[:names], axes
        for name, label in own:
            assert np.allclose(line(measures_here, label).get_xydata().T, [STEPS[1:], columns[name][1:]])
        for name, _ in own:
            del measures[name]
    bars = [(round(bar.get_x() + bar.get_width() / 2, 6), bar.get_height()) for bar in spectrum.patches]
    assert bars == [(0.8, 0.3), (1.8, 0.7), (1.2, 0.1), (2.2, 0.9)]
    assert labels(spectrum) == ["embedding", "outputs"]
    assert labels(losses)[-1] == "a run ends"


def test_samples_against_the_modulus_with_their_exponents():
    p = np.array([10.0, 20, 40])
    tables = [
        pd.DataFrame({"experiment": name, "label": label, "seed": seed, "p": p, "samples": factor * p**exponent})
        for name, label, exponent in (("a", "decay", 1.5), ("b", "none", 2.0)) for seed, factor in ((0, 1), (1, 1))
    ]  # fmt: skip
    (axes,) = drawn("critical_samples", together(*tables)).axes
    assert np.allclose(line(axes, "decay, exponent 1.50").get_xydata(), [[10, 10**1.5], [40, 40**1.5]])
    assert np.allclose(line(axes, "none, exponent 2.00").get_xydata(), [[10, 100], [40, 1600]])
    for label, slope in (("slope of $p^2$", 2), ("slope of $p^{5/3}$", 5 / 3)):  # through the middle of the first
        expected = [[10, 20**1.5 / 2**slope], [40, 20**1.5 * 2**slope]]
        assert np.allclose(line(axes, label).get_xydata(), expected)
    assert [text.get_text() for text in axes.get_xticklabels()] == ["40", "20", "10"]
    dots = [one.get_xydata() for one in axes.get_lines() if one.get_marker() == "o"]
    assert [len(one) for one in dots] == [6, 6]
    assert (axes.get_xscale(), axes.get_yscale(), axes.get_xlabel()) == ("log", "log", "modulus p")


def test_the_power_of_an_embedding_before_and_after_by_frequency():
    tables = [
        pd.DataFrame({"experiment": name, "label": label, "seed": seed, "frequency": [1, 2], "start_share": [x, 1 - x],
                      "end_share": [x / 2, 1 - x / 2], "correlation": kept})
        for name, label, seed, x, kept in (("a", "K = 3", 1, 0.5, 0.25), ("a", "K = 3", 0, 0.3, 0.5),
                                           ("b", None, 0, 0.4, -1.0))
    ]  # fmt: skip
    figure = drawn("embedding_spectra", together(*tables))
    first, second = figure.axes
    assert [axes.get_title() for axes in figure.axes] == ["K = 3", "b"]
    assert [text.get_text() for axes in figure.axes for text in axes.texts] == [
        "2 seeds\ncorrelation 0.38",
        "1 seed\ncorrelation -1.00",
    ]
    dots = [[0.5, 0.25], [0.5, 0.75], [0.3, 0.15], [0.7, 0.85]]
    np.testing.assert_allclose(line(first, "a frequency k").get_xydata(), dots)
    assert first.get_xlim() == first.get_ylim() == second.get_xlim() == second.get_ylim()
    assert labels_below(figure) == ["unchanged", "a frequency k"]


def test_spectra_by_window_and_what_each_band_of_the_updates_gains_beside_the_fall_of_the_loss():
    frequency, names = np.array([0, 0.01, 0.1]), ("s, before", "s, at", "Grokfast, at")
    windows = [("s", None, "before"), ("s", None, "at"), ("g", "Grokfast", "at")]
    spectra = [
        pd.DataFrame({"experiment": experiment, "label": label, "seed": seed, "window": name, "frequency": frequency,
                      "share": [0.5, 0.1 * k, 0.01], "share_below": [0.5, 0.6, 0.9 + 0.01 * k],
                      "weight_share": [0, 0.2 * k, 0.02], "weight_share_below": [0, 0.7, 0.8 + 0.01 * k]})
        for k, (experiment, label, name) in enumerate(windows, 1) for seed in (0, 1, 2)
    ]  # fmt: skip
    bands = [
        pd.DataFrame({"experiment": experiment, "label": label, "seed": seed, "window": window,
                      "band": ["< 10", "10 - 100", "> 100", "slow"],
                      "gain": [sign * 0.1, 0.2, -0.5, -0.5], "gain_per_norm": [sign * 0.1, 0.1, -0.1, 9.0],
                      "total_gain": sign * 0.1 - 0.3, "fall": sign * 0.1 - 0.4, "validation_fall": sign * 0.1 + seed})
        for (experiment, label, window), sign in zip(windows, (1, -1, 3), strict=True) for seed in (0, 1, 2)
    ]  # fmt: skip
    figure = drawn("slow_part", together(*spectra, *bands))
    power, below, gain, per_norm = figure.axes
    for k, name in enumerate(names, 1):
        label = f"{name} generalisation"
        assert np.allclose(line(power, label).get_xydata(), [[0.01, 0.1 * k], [0.1, 0.01]])
        assert np.allclose(line(below, label).get_xydata(), [[0.01, 0.6], [0.1, 0.9 + 0.01 * k]])
        assert np.allclose(line(power, f"{label}, parameters").get_xydata(), [[0.01, 0.2 * k], [0.1, 0.02]])
        assert np.allclose(line(below, f"{label}, parameters").get_xydata(), [[0.01, 0.7], [0.1, 0.8 + 0.01 * k]])
    assert labels(below) == ["gradient", "parameters", "Grokfast's window"]
    assert vertical(power) == vertical(below) == [0.01]
    assert (power.get_yscale(), below.get_yscale()) == ("log", "linear")
    for axes, ticks, *expected in (
        (gain, ["< 10", "10 - 100", "> 100", "all"],
         [0.125, 0.25, -0.625, -0.25], [-0.125, 0.25, -0.625, -0.5], [0.3, 0.2, -0.5, 0]),
        (per_norm, ["< 10", "10 - 100", "> 100"], [0.1, 0.1, -0.1], [-0.1, 0.1, -0.1], [0.3, 0.1, -0.1]),
    ):  # fmt: skip
        heights = [[bar.get_height() for bar in container] for container in axes.containers if len(container) > 1]
        assert heights == [pytest.approx(one) for one in expected]
        assert [text.get_text() for text in axes.get_xticklabels()] == ticks
    places = [container[3].get_x() + container[3].get_width() / 2 for container in gain.containers]
    fall, everything = (line(gain, f"measured, {of} pairs").get_xydata() for of in ("same", "all validation"))
    np.testing.assert_allclose(fall, np.transpose([places, [-0.375, -0.625, -0.1]]))
    np.testing.assert_allclose(everything, np.transpose([places, [1.375, 1.125, 1.3]]))  # the median over seeds
    marks = ["measured, same pairs", "measured, all validation pairs"]
    assert sorted(labels_below(figure)) == sorted([*marks, *(f"{name} generalisation" for name in names)])


def test_a_spectrum_is_smoothed_over_bands_of_frequencies():
    frequency = np.array([0.010, 0.0101, 0.1])
    rows = pd.DataFrame({"seed": [0, 0, 0, 1], "frequency": [*frequency, 0.1], "share": [1.0, 3.0, 5.0, 7.0]})
    found = smoothed(rows, "share")
    assert found["frequency"].tolist() == pytest.approx([0.01005, 0.1, 0.1])
    assert found["share"].tolist() == [2, 5, 7]


def test_losses_beside_the_bounds_of_kernels_and_linearised_nets():
    train = np.array([0, 0.5, 0.99, 1, 1])
    loss, bound = np.array([1, 0.9, 0.8, 0.4, 0.1]), 0.25
    columns = {"train_accuracy": train, "population_loss": loss, "bound": bound}
    net = run("n", label="net", evidence="population_loss", **columns)
    linearised = pd.DataFrame(
        {"evidence": "linearised_net", "experiment": "l", "label": "net", "seed": 0, "observed": [0.3, 0.5],
         "residual": 0.1,
         "mirrored_accuracy": [0.1, 0.2], "unmirrored_accuracy": [0.0, 0.01],
         "trained_mirrored_accuracy": [0.5, 1.0], "trained_unmirrored_accuracy": [0.3, 0.9]}
    )  # fmt: skip
    other = net.assign(experiment="o", label="other", bound=0.5)
    losses, accuracies = drawn("kernel_regime", together(net, other, linearised)).axes
    assert np.allclose(line(losses, "net").get_xydata(), np.stack([STEPS[1:] / 10, loss[1:]], axis=1))
    bounds = [one for one in losses.get_lines() if list(one.get_xdata()) == [0, 1]]
    assert len({one._dash_pattern[0] for one in bounds}) == 2  # equal bounds show both colours
    assert labels(losses) == ["net", "other", "least loss of a kernel", "memorised: 99 % training accuracy"]
    assert [one.get_ydata()[0] for one in bounds] == [bound, 0.5]
    nets = [line(losses, name) for name in ("net", "other")]
    assert [one.get_color() for one in bounds] == [one.get_color() for one in nets]
    assert vertical(losses) == [1]
    named = [text.get_text() for text in accuracies.get_legend().get_texts()]
    assert named == ["net", "pairs with a mirror", "pairs without a mirror", "trained", "linearised"]
    assert line(accuracies, "net, mirrored: linearised").get_xydata().tolist() == [[0.3, 0.1], [0.5, 0.2]]
    assert line(accuracies, "net, mirrored: trained").get_xydata().tolist() == [[0.3, 0.5], [0.5, 1.0]]
    assert line(accuracies, "net, unmirrored: linearised").get_xydata().tolist() == [[0.3, 0], [0.5, 0.01]]
    assert line(accuracies, "net, unmirrored: trained").get_xydata().tolist() == [[0.3, 0.3], [0.5, 0.9]]


def test_every_linearised_net_has_a_marker_and_a_name():
    columns = ("mirrored_accuracy", "unmirrored_accuracy", "trained_mirrored_accuracy", "trained_unmirrored_accuracy")
    nets = [
        pd.DataFrame({"experiment": f"l{number}", "seed": 0, "evidence": "linearised_net", "observed": [0.3, 0.5],
                      **dict.fromkeys(columns, 0.1 * number)}) for number in range(12)
    ]  # fmt: skip
    _, accuracies = drawn("kernel_regime", together(*nets)).axes
    assert labels(accuracies)[:12] == [f"l{number}" for number in range(12)]
    assert len({line(accuracies, f"l{number}, mirrored: trained").get_marker() for number in range(10)}) == 10
