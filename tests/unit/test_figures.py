"""Figures: the plotted data, labels and limits, not pixels; and the same bytes every time."""

import numpy as np
import pandas as pd
import pytest

from grokking.figures import FIGURES
from grokking.figures.data import MARK_COLUMNS, paper_marks, tidy
from grokking.figures.style import render
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
    return tidy(tables)


def drawn(kind, columns, marks=()):
    return FIGURES[kind](data(columns), pd.DataFrame(marks, columns=MARK_COLUMNS))


def test_tidy_data_name_their_run():
    table = data(COMPLETION)
    assert list(table)[:5] == ["experiment", "task", "dynamics", "seed", "step"]
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
    ]
    assert paper_marks(claims, ["e"]) == [
        {"column": "test_accuracy", "step": 30, "value": 0.7},
        {"column": "test_loss", "step": 10, "value": 0.4},
        {"column": "test_loss", "step": 77, "value": 0.2},
    ]
