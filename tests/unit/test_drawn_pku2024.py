"""Every number on the figures of the course report: the right column, unit, panel, axis and name."""

import numpy as np
import pandas as pd
import pytest

from grokking.figures.pku2024 import mirror_share
from tests.unit.figure_tables import STEPS, distinct, drawn, labels, line, marks, run, together, vertical

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
        assert own.get_xlim() == (1, 100)
        assert line(own, "validation").get_linestyle() == "-"
    assert labels_below(figure) == [*NAMES.values(), "paper's value"]
    assert all(own.get_legend() is None for own in axes)


def test_parts_follow_each_other_and_the_last_is_shown_alone():
    tables = [curves("a", "scratch", 10), curves("b", "then", 20, 0.5), curves("c", "then", 40, 0.25)]
    first, second, last = drawn("sums_in_sequence", together(*tables)).axes
    titles = [own.get_title() for own in (first, second, last)]
    assert titles == ["scratch, 1 seed", "then, 1 seed", "then: the last part"]
    assert [own.get_xlabel() for own in (first, second, last)] == ["epoch", "epoch", "epoch of the last part"]
    training = [one for one in second.get_lines() if one.get_label() == "training"]
    for found, table, start in zip(training, tables[1:], (0, 50), strict=True):
        expected = [table["epoch"][1:] + start, table["train_accuracy"][1:]]
        np.testing.assert_allclose(found.get_xydata().T, expected)
    assert vertical(second) == [50]
    assert vertical(first) == vertical(last) == []
    np.testing.assert_allclose(line(last, "validation").get_xdata(), tables[2]["epoch"][1:])


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
    assert np.allclose(line(every, "Adam").get_xydata(), [[0.3, 0.31], [0.6, 0.61]])
    assert np.allclose(line(every, "SGD").get_xydata(), [[0.3, 0.07], [0.6, 0.13]])
    assert np.allclose(line(unmirrored, "SGD").get_xydata(), [[0.3, 0.03], [0.6, 0.06]])
    dots = [one.get_xydata() for one in every.get_lines() if one.get_marker() == "o" and one.get_markersize() == 2]
    assert sorted(map(len, dots)) == [6, 12]
    assert labels_below(figure) == ["Adam", "SGD", "mirrors"]
    assert line(every, "Adam").get_color() != line(every, "SGD").get_color()
    assert line(every, "mirrors").get_xydata()[[0, -1]] == pytest.approx(np.array([[0.3, 0.3], [0.6, 0.6]]))
    assert (every.get_title(), unmirrored.get_title()) == (
        "all validation pairs, 3 seeds",
        "pairs without a mirror, 3 seeds",
    )
    assert every.get_ylabel() == "largest accuracy"


def test_the_largest_accuracy_by_sample_size_has_a_line_for_each_number_of_operands():
    data = together(nets("a", "after pairs", "adamw", operands=3), nets("b", "after pairs", "adamw", operands=4),
                    nets("c", "from scratch", "adamw", operands=3))  # fmt: skip
    figure = drawn("sums_by_sample_size", data)
    after, scratch = figure.axes
    assert labels_below(figure) == ["K = 3", "K = 4"]
    assert [axes.get_title() for axes in (after, scratch)] == ["after pairs, 3 seeds", "from scratch, 3 seeds"]
    assert np.allclose(line(after, "K = 4").get_xydata(), [[0.3, 0.31], [0.6, 0.61]])
    assert [one.get_label() for one in scratch.get_lines() if one.get_label()[0] == "K"] == ["K = 3"]
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


def test_epochs_to_95_percent_first_and_sustained_and_never():
    data = together(
        accuracies("a", "quick", [0, 0.96, 0.5, 0.95, 1.0]),
        accuracies("a", "quick", [0, 0.0, 0.96, 0.97, 0.98], seed=1),
        accuracies("b", "never", [0, 0, 0, 0, 0.94]),
    )
    (axes,) = drawn("times_to_generalise", data).axes
    assert [text.get_text() for text in axes.get_yticklabels()] == ["quick, 2 seeds", "never, 1 seed"]
    found = [(one.get_marker(), one.get_markersize(), *one.get_xydata()[0]) for one in axes.get_lines()]
    before = np.exp(np.log(0.1) - 1)  # step 0 on the axis
    first = np.exp(np.log(before) + 0.95 / 0.96)
    second = np.exp(np.log(0.1) + 0.95 / 0.96 * np.log(10))
    expected = [("o", 5, first, 0), ("o", 8, np.nan, 0), ("o", 5, second, 0), ("o", 8, 1, 0)]
    for got, wanted in zip(found, expected, strict=False):
        assert got[:2] == wanted[:2]
        assert got[2:] == pytest.approx(wanted[2:], nan_ok=True)
    assert found[-1] == ("x", 6, 100, 1)
    assert axes.get_xlabel() == "epochs to validation accuracy 95 %"


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
        assert axes.get_xlabel() == "step / step of 99 % training accuracy"
    assert labels_below(figure) == ["net", "other"]


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
        "excluded_loss": "without them (training set)",
        "share_of_sum": "outputs: share in a + b",
        "embedding_key_share": "embedding: share in key frequencies",
        "embedding_gini": "embedding: Gini",
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


def test_samples_against_the_modulus_with_their_exponents():
    p = np.array([10.0, 20, 40])
    tables = [
        pd.DataFrame({"experiment": name, "label": label, "seed": seed, "p": p, "samples": factor * p**exponent})
        for name, label, exponent in (("a", "decay", 1.5), ("b", "none", 2.0)) for seed, factor in ((0, 1), (1, 1))
    ]  # fmt: skip
    (axes,) = drawn("critical_samples", together(*tables)).axes
    assert np.allclose(line(axes, "decay, exponent 1.50").get_xydata(), [[10, 10**1.5], [40, 40**1.5]])
    assert np.allclose(line(axes, "none, exponent 2.00").get_xydata(), [[10, 100], [40, 1600]])
    assert np.allclose(line(axes, "$p^2$").get_xydata(), [[10, 40**1.5 / 16], [40, 40**1.5]])
    assert np.allclose(line(axes, "$p^{5/3}$").get_xydata(), [[10, 40**1.5 / 4 ** (5 / 3)], [40, 40**1.5]])
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
    assert first.get_title() == "K = 3, 2 seeds: correlation 0.38"
    assert second.get_title() == "b, 1 seed: correlation -1.00"
    bars = [(round(bar.get_x() + bar.get_width() / 2, 6), bar.get_height()) for bar in first.patches]
    assert bars == [(1, 0.3), (2, 0.7)]
    assert line(first, "after").get_xydata().tolist() == [[1, 0.15], [2, 0.85]]
    assert labels_below(figure) == ["before", "after"]


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
    assert [text.get_text() for text in below.get_legend().get_texts()] == ["gradient", "parameters"]
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
    fall, everything = (line(gain, f"measured fall, {of} pairs").get_xydata() for of in ("same", "all validation"))
    np.testing.assert_allclose(fall, np.transpose([places, [-0.375, -0.625, -0.1]]))
    np.testing.assert_allclose(everything, np.transpose([places, [1.375, 1.125, 1.3]]))  # the median over seeds
    marks = ["measured fall, same pairs", "measured fall, all validation pairs"]
    assert sorted(labels_below(figure)) == sorted([*marks, *(f"{name} generalisation" for name in names)])


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
    bounds = [one for one in losses.get_lines() if one.get_linestyle() == "--"]
    assert [one.get_ydata()[0] for one in bounds] == [bound, 0.5]
    nets = [line(losses, name) for name in ("net", "other")]
    assert [one.get_color() for one in bounds] == [one.get_color() for one in nets]
    assert vertical(losses) == [1]
    named = [text.get_text() for text in accuracies.get_legend().get_texts()]
    assert named == ["net", "mirrored", "unmirrored", "trained", "linearised"]
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
