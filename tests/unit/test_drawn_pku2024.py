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


def curves(experiment, label, factor, scale=1.0):
    columns = distinct(*NAMES)
    return run(experiment, label=label, epoch=STEPS / factor, **{name: scale * x for name, x in columns.items()})


def shown(table, part=slice(1, None)):
    return {NAMES[name]: 100 * table[name].to_numpy()[part] for name in NAMES}


def test_accuracies_in_percent_against_epochs_with_a_panel_for_each_experiment():
    tables = [curves("a", "α = 0.3", 10), curves("b", "α = 0.5", 20, 0.5)]
    axes = drawn("sums_by_epoch", together(*tables), marks(("test_accuracy", 4, 0.3))).axes
    assert [own.get_title() for own in axes] == ["α = 0.3", "α = 0.5"]
    for own, table in zip(axes, tables, strict=True):
        for name, y in shown(table).items():
            np.testing.assert_allclose(line(own, name).get_xydata().T, [table["epoch"][1:], y])
        assert own.get_ylabel() == "accuracy (%)"
        assert own.get_xlabel() == "epoch"
        assert own.get_xlim() == (1, 100)
    assert set(labels(axes[0])) >= set(NAMES.values())


def test_parts_follow_each_other_and_the_last_is_shown_alone():
    tables = [curves("a", "scratch", 10), curves("b", "then", 20, 0.5), curves("c", "then", 40, 0.25)]
    first, second, last = drawn("sums_in_sequence", together(*tables)).axes
    assert [own.get_title() for own in (first, second, last)] == ["scratch", "then", "then: the last part"]
    assert [own.get_xlabel() for own in (first, second, last)] == ["epoch", "epoch", "epoch of the last part"]
    training = [one for one in second.get_lines() if one.get_label() == "training"]
    for found, table, start in zip(training, tables[1:], (0, 50), strict=True):
        expected = [table["epoch"][1:] + start, 100 * table["train_accuracy"][1:]]
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
    data = together(nets("a", "Adam", "adam"), nets("s", "SGD", "sgd", rates=(0.2, 0.1)))
    every, unmirrored = drawn("sums_by_fraction", data).axes
    assert np.allclose(line(every, "Adam").get_xydata(), [[0.3, 31], [0.6, 61]])
    assert np.allclose(line(every, "SGD").get_xydata(), [[0.3, 7], [0.6, 13]])
    assert np.allclose(line(unmirrored, "SGD").get_xydata(), [[0.3, 3], [0.6, 6]])
    dots = [one.get_xydata() for one in every.get_lines() if one.get_marker() == "o" and one.get_markersize() == 2]
    assert sorted(map(len, dots)) == [6, 12]
    assert line(every, "mirrors").get_xydata()[[0, -1]] == pytest.approx(np.array([[0.3, 30], [0.6, 60]]))
    assert (every.get_title(), unmirrored.get_title()) == ("all validation pairs", "pairs without a mirror")
    assert every.get_ylabel() == "largest accuracy (%)"


def test_the_share_of_mirrors():
    rng = np.random.default_rng(0)
    observed = rng.random((100_000, 6)) < 0.1  # the six orders of three different operands
    share = observed[~observed[:, 0], 1:].any(1).mean()
    assert mirror_share(np.array([0.1]), 3)[0] == pytest.approx(share, abs=0.005)
