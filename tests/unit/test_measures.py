"""Measures against sums written out, tabulated quantiles, dense curves and weights whose waves are planted."""

import cmath
import math

import numpy as np
import pandas as pd
import pytest
import torch

from grokking.measures.curves import (
    Crossing,
    Final,
    LargestFall,
    LargestRise,
    Maximum,
    Minimum,
    StepOfMaximum,
    Sustained,
    ValueAt,
    ValueWhen,
)
from grokking.measures.events import compare_events, events
from grokking.measures.evidence import Evidence, NothingObserved
from grokking.measures.ipr import TRANSFORMS, inverse_participation_ratio
from grokking.measures.kkt import complementarity, cosine
from grokking.measures.line import fitted_line, fitted_plane
from grokking.measures.regimes import Knee, Straightness
from grokking.measures.tables import Mean, Onset, Reference, Rows, Slope

E = math.e


def evidence(**columns):
    return Evidence(pd.DataFrame(columns), {"kernel": {"norm": 5.0}})


# One unit of log step between neighbours, step 0 included: the curve is linear in the row's number.
CURVE = evidence(
    step=[0, 1, E, E**2, E**3, E**4],
    accuracy=[0.0, 0.2, 0.6, 0.4, 0.8, 0.7],
    loss=[3.0, 4.0, 1.0, 5.0, 0.5, 2.0],
    norm=[10.0, 20.0, 40.0, 80.0, 160.0, 320.0],
)


def at(row):
    """The step at a fractional row of CURVE; row 0 stands a unit before step 1."""
    return math.exp(row - 1)


@pytest.mark.parametrize("row", [1.0, 1.25, 2.5, 3.9])
def test_values_lie_on_straight_lines_over_the_log_axis(row):
    expected = np.interp(row, range(6), CURVE.table["loss"])
    assert ValueAt("loss", at(row)).read(CURVE) == pytest.approx(expected)


def test_before_the_first_step_the_axis_ends_one_unit_below():
    assert ValueAt("loss", 0).read(CURVE) == 3
    assert ValueAt("loss", at(0.5)).read(CURVE) == pytest.approx(3.5)
    assert ValueAt("loss", at(-1)).read(CURVE) == 3


@pytest.mark.parametrize(
    ("column", "level", "direction", "row"),
    [
        ("accuracy", 0.1, "up", 0.5),
        ("accuracy", 0.5, "up", 1.75),  # and again at 3.25
        ("accuracy", 0.5, "down", 2.5),
        ("accuracy", 0.7, "up", 3.75),
        ("accuracy", 0.75, "down", 4.5),
        ("loss", 2.0, "down", 1 + 2 / 3),
        ("loss", 2.0, "up", 2.25),
    ],
)
def test_a_crossing_is_the_first_passage(column, level, direction, row):
    crossing = Crossing(column, level, direction)
    assert crossing.read(CURVE) == pytest.approx(at(row))
    dense = np.interp(np.linspace(0, 5, 50_001), range(6), CURVE.table[column])
    beyond = dense >= level if direction == "up" else dense <= level
    first = np.nonzero(beyond[1:] & ~beyond[:-1])[0][0] + 1
    assert row == pytest.approx(first / 10_000, abs=2e-4)
    expected = np.interp(row, range(6), CURVE.table["norm"])
    assert ValueWhen("norm", crossing).read(CURVE) == pytest.approx(expected)


@pytest.mark.parametrize(("row", "level"), [(1, 4.0), (0, 3.0), (1.5, 2.5)])
def test_a_relative_level_is_a_share_of_the_value_then(row, level):
    step = at(row) if row else 1e-9
    found = Crossing("loss", 0.25, "down", of_value_at=step).read(CURVE)
    assert found == pytest.approx(Crossing("loss", 0.25 * level, "down").read(CURVE))


def test_extremes_of_a_window_include_its_ends():
    assert Maximum("loss").read(CURVE) == 5
    assert Minimum("loss").read(CURVE) == 0.5
    assert Maximum("loss", start=1, end=E).read(CURVE) == 4
    assert Minimum("loss", start=1, end=E).read(CURVE) == 1
    assert Minimum("loss", start=2, end=E**2).read(CURVE) == 1
    assert Maximum("loss", start=E**3).read(CURVE) == 2
    assert Final("loss").read(CURVE) == 2


def test_the_largest_fall_is_below_an_earlier_value():
    assert LargestFall("loss").read(CURVE) == 4.5
    assert LargestFall("accuracy").read(CURVE) == pytest.approx(0.2)
    assert LargestFall("norm").read(CURVE) == 0
    gap = evidence(step=[0, 1, 2, 3], loss=[math.nan, 3.0, math.nan, 1.0])
    assert LargestFall("loss").read(gap) == 2


def test_the_largest_rise_is_above_an_earlier_value():
    assert LargestRise("loss").read(CURVE) == 4
    assert LargestRise("accuracy").read(CURVE) == pytest.approx(0.8)
    assert LargestRise("step").read(evidence(step=[3, 2, 1])) == 0


def test_a_column_that_is_measured_more_seldom_is_read_where_it_was():
    full = evidence(step=[1, 2, 4, 8, 16], accuracy=[0.1, 0.3, 0.7, 0.9, 0.8])
    steps, values = [1, 2, 3, 4, 5, 8, 12, 16, 17], [0.1, 0.3, math.nan, 0.7, math.nan, 0.9, math.nan, 0.8, math.nan]
    seldom = evidence(step=steps, accuracy=values)
    for measure in (
        Crossing("accuracy", 0.5),
        Crossing("accuracy", 0.8),
        Sustained("accuracy", 0.7),
        ValueAt("accuracy", 5),
        ValueWhen("accuracy", Crossing("accuracy", 0.6)),
        Maximum("accuracy"),
        Minimum("accuracy", start=3),
        StepOfMaximum("accuracy"),
        LargestFall("accuracy"),
        Final("accuracy"),
    ):
        assert measure.read(seldom) == measure.read(full), measure
    with pytest.raises(NothingObserved):
        ValueAt("accuracy", 17).read(seldom)


def test_a_column_that_is_never_measured_has_nothing_to_read():
    never = evidence(step=[1, 2], accuracy=[math.nan, math.nan])
    for measure in (ValueAt("accuracy", 1), Maximum("accuracy"), StepOfMaximum("accuracy"), Final("accuracy")):
        with pytest.raises(NothingObserved):
            measure.read(never)


def test_a_column_that_is_measured_at_step_0_alone_is_read_there():
    start = evidence(step=[0, 1], accuracy=[0.5, math.nan])
    assert ValueAt("accuracy", 0).read(start) == 0.5
    assert math.isnan(Crossing("accuracy", 0.3).read(start))
    assert StepOfMaximum("accuracy").read(start) == 0


def test_a_sustained_level_is_held_for_as_many_observations():
    table = evidence(step=[0, 1, 2, 3, 4, 5, 6], accuracy=[0.9, 0.2, 0.9, 0.95, 0.1, 0.9, 0.9])
    assert [Sustained("accuracy", 0.9, n).read(table) for n in (1, 2)] == [0, 2]
    assert math.isnan(Sustained("accuracy", 0.9).read(table))
    assert Sustained("accuracy", 0.9).observations == 3
    assert math.isnan(Sustained("accuracy", 0.1, 8).read(table))


@pytest.mark.parametrize("peak", [1.4, 2.0, 2.9])
def test_the_peak_of_a_parabola_is_found_between_uneven_steps(peak):
    logs = np.array([0.0, 1.3, 1.9, 3.1, 3.4])
    table = evidence(step=np.exp(logs), loss=7 - (logs - peak) ** 2)
    assert StepOfMaximum("loss").read(table) == pytest.approx(math.exp(peak))


def test_events_follow_each_curve_its_own_way():
    run = pd.DataFrame(
        {
            "step": [0, 1, E, E**2, E**3],
            "train_accuracy": [0.0, 0.5, 1.0, 1.0, 1.0],
            "test_accuracy": [0.0, 1.0, 1.0, 0.8, 0.6],  # misgrokking
            "train_loss": [9.0, 2.0, 1.5, 0.5, 0.1],
            "parameter_norm": [1.0, 4.0, 8.0, 4.0, 3.0],
            "init_norm": [4.0] * 5,
            "time": [0.0, 1.0, 2.0, 3.0, 4.0],
        }
    )
    expected = {
        "train_accuracy up to 75%": at(1.5),
        "train_accuracy up to 99%": at(1.98),
        "train_accuracy at the end": 1.0,
        "test_accuracy down to 75%": at(3.25),
        "test_accuracy down to 99%": at(2.05),
        "test_accuracy at the end": 0.6,
        "train_loss down to 50% of its start": at(2.5),  # of the 2 at step 1
        "train_loss down to 10% of its start": at(3.75),
        "train_loss at the end": 0.1,
        "parameter_norm at the end": 3.0,
    }
    assert events(run) == pytest.approx(expected)


def test_events_are_compared_as_new_over_old():
    rows = compare_events({"a": 2.0, "b": 0.0, "c": 0.0, "d": 3.0}, {"a": 5.0, "b": 0.0, "c": 1.0, "e": 4.0})
    assert rows["event"].tolist() == ["a", "b", "c", "d", "e"]
    assert rows["ratio"].tolist() == pytest.approx([2.5, 1.0, math.nan, math.nan, math.nan], nan_ok=True)
    assert rows["old"].tolist() == pytest.approx([2, 0, 0, 3, math.nan], nan_ok=True)
    assert rows["new"].tolist() == pytest.approx([5, 0, 1, math.nan, 4], nan_ok=True)


@pytest.mark.parametrize(("n", "quantile"), [(3, 12.7062), (5, 3.18245), (12, 2.22814)])
def test_line_and_interval_are_those_of_the_textbook(n, quantile):
    """Slope Sxy/Sxx, its variance the residual one over Sxx, and Student's t from a printed table, n - 2 degrees."""
    rng = np.random.default_rng(n)
    x, noise = rng.uniform(3, 9, n), rng.standard_normal(n)
    y = 4 - 0.5 * x + noise
    sxx, sxy = np.sum((x - x.mean()) ** 2), np.sum((x - x.mean()) * (y - y.mean()))
    slope = sxy / sxx
    intercept = y.mean() - slope * x.mean()
    half_width = quantile * math.sqrt(np.sum((y - slope * x - intercept) ** 2) / (n - 2) / sxx)
    line = fitted_line(x, y)
    assert (line.slope, line.intercept) == pytest.approx((slope, intercept))
    assert line.half_width == pytest.approx(half_width, rel=1e-5)
    assert line.interval == pytest.approx((slope - half_width, slope + half_width), rel=1e-5)


def test_two_points_have_a_line_and_no_interval():
    line = fitted_line([1, 3], [2, 8])
    assert (line.slope, line.intercept) == pytest.approx((3, -1))
    assert math.isnan(line.half_width)
    assert math.isnan(line.intercept_half_width)


def test_the_interval_covers_the_slope_as_often_as_it_says():
    rng = np.random.default_rng(0)
    x = np.arange(6.0)
    lines = [fitted_line(x, 2 * x + rng.standard_normal(6)) for _ in range(1000)]
    covered = np.mean([line.interval[0] <= 2 <= line.interval[1] for line in lines])
    assert covered == pytest.approx(0.95, abs=0.025)


def test_exponents_of_power_laws():
    """y = 7 x^-1.5, exact; a point that is listed twice counts once, one without a value not at all."""
    x = np.array([1.0, 2, 10, 50])
    assert Slope("y", "x").read(evidence(x=x, y=7 * x**-1.5)) == pytest.approx(-1.5)
    bent = evidence(x=[1.0, E, E**2, E**2, 3], y=[1.0, E**3, E**3, E**3, math.nan])
    assert Slope("y", "x").read(bent) == pytest.approx(1.5)  # of (0, 0), (1, 3), (2, 3)


def test_exponents_of_several_variables_are_fitted_together():
    """The columns a and b are correlated: each alone would take part of the other's exponent."""
    a, b = np.array([1.0, 2, 4, 8, 8]), np.array([3.0, 5, 3, 7, 9])
    exact = evidence(a=a, b=b, n=2 * a * b**0.5)
    assert Slope("n", "a", ("b",)).read(exact) == pytest.approx(1)
    assert Slope("n", "b", ("a",)).read(exact) == pytest.approx(0.5)
    assert Slope("n", "a").read(exact) > 1.1
    with pytest.raises(NothingObserved):
        Slope("n", "a", ("b",)).read(evidence(a=a, b=a, n=a))


def test_the_intervals_of_a_plane_cover_as_often_as_they_say():
    rng = np.random.default_rng(0)
    X, truth = rng.standard_normal((9, 2)), np.array([1.0, 2.0, -0.5])
    fits = [fitted_plane(X, truth[0] + X @ truth[1:] + rng.standard_normal(9)) for _ in range(1000)]
    covered = np.mean([abs(found - truth) <= half for found, half in fits], axis=0)
    assert covered == pytest.approx(0.95, abs=0.025)


def test_the_critical_fraction_within_a_budget_needs_no_other_runs():
    nets = evidence(observed=[0.1, 0.2, 0.3, 0.4], grokked=[math.nan, 900.0, 400.0, 500.0])
    assert Onset("grokked", "observed", within=1000).read(nets) == 0.2
    assert Onset("grokked", "observed", within=500).read(nets) == 0.3
    assert math.isnan(Onset("grokked", "observed", within=450).read(nets))


def test_regimes_are_straight_or_not_and_meet_at_a_knee():
    """Slope 1 to step 40, slope 10 to step 100, then level; test accuracy from 10 % to 99 % about step 40."""
    step = np.arange(201.0)
    bent = np.interp(step, [0, 40, 100, 200], [0, 40, 640, 640])
    accuracy = np.interp(step, [0, 30, 35, 45, 200], [0, 0.05, 0.1, 0.99, 1])
    run = evidence(step=step, test_accuracy=accuracy, ipr=bent, square=step**2)
    assert [Straightness("ipr", regime).read(run) for regime in ("slow", "fast")] == pytest.approx([1, 1])
    assert Straightness("square", "slow").read(run) == pytest.approx(15 / 16, abs=0.01)
    assert Knee("ipr").read(run) == pytest.approx(40, abs=1)
    assert math.isnan(Knee("ipr").read(evidence(step=step, ipr=0 * step)))
    assert [Straightness("ipr", regime).bounds(run) for regime in ("slow", "fast")] == [None, (0, 1)]
    assert Knee("ipr").bounds(run) == (0, math.inf)
    assert math.isnan(Straightness("ipr", "fast").read(evidence(step=step, test_accuracy=0 * step, ipr=bent)))


def test_onset_mean_and_reference():
    nets = evidence(observed=[0.4, 0.1, 0.2, 0.3, 0.5], grokked=[1, 1, 0, 1, 1], cost=[2.0, 4, 6, 8, 30])
    assert Onset("grokked", "observed").read(nets) == 0.3
    assert Onset("grokked", "observed").read(evidence(observed=[4, 1, 2, 3, 5], grokked=[1, 0, 1, 0, 1])) == 4
    assert Mean("cost").read(nets) == 10
    assert Reference("kernel", "norm").read(nets) == 5


def test_rows_are_put_in_the_order_of_their_axis():
    table = evidence(
        alpha=[10.0, 2.0, 10.0, 10.0], kind=["a", "a", "a", "b"], time=[9.0, 1.0, 3.0, 1.0], error=[5.0, 6.0, 7.0, 8.0]
    )
    both = Rows((("alpha", 10.0), ("kind", "a")), "time", Final("error"))
    assert both.read(table) == 5
    assert Rows((("alpha", 10.0),), "time", Crossing("error", 7.5, "down")).read(table) == pytest.approx(math.sqrt(3))


def coefficients(w, numbers):
    """Σ_v w_v e^(-2πi νv/p) for each ν of `numbers`."""
    p = len(w)
    return [sum(w[v] * cmath.exp(-2j * math.pi * nu * v / p) for v in range(p)) for nu in numbers]


@pytest.mark.parametrize("p", [5, 6])
def test_participation_by_sums_over_the_waves(p):
    """Eq. (20) with r = 2 for each reading: half of the frequencies or all, a block of p at a time or both."""
    W = np.random.default_rng(p).standard_normal((2 * p, 3))
    for name in TRANSFORMS:
        numbers = range(p // 2 + 1) if name.endswith("rfft") else range(p)
        values = []
        for k in range(3):
            blocks = [coefficients(W[:p, k], numbers), coefficients(W[p:, k], numbers)]
            for waves in [blocks[0] + blocks[1]] if name.startswith("joint") else blocks:
                size = math.sqrt(sum(abs(c) ** 2 for c in waves))
                values.append(sum(abs(c / size) ** 4 for c in waves))
        assert inverse_participation_ratio(torch.from_numpy(W), name) == pytest.approx(sum(values) / len(values))


def test_participation_of_two_planted_waves():
    """Amplitudes a and b: (a⁴ + b⁴)/(a² + b²)², in each block of its own; a neuron of one wave has 1."""
    p, v = 11, np.arange(11)
    two = 3 * np.cos(2 * np.pi * 2 * v / p + 0.3) + 1 * np.cos(2 * np.pi * 4 * v / p - 1)
    even = np.cos(2 * np.pi * 1 * v / p) + np.cos(2 * np.pi * 5 * v / p + 2)
    one = np.cos(2 * np.pi * 3 * v / p + 1.7)
    W = torch.from_numpy(np.stack([np.concatenate([two, even]), np.concatenate([one, one])], axis=1))
    assert inverse_participation_ratio(W) == pytest.approx((82 / 100 + 1 / 2 + 1 + 1) / 4)


def test_cosine_is_between_whole_arrays():
    x, y = torch.tensor([[3.0, 0.0], [4.0, 0.0]]), torch.tensor([[1.0, 1.0], [0.0, 1.0]])
    assert cosine(x, y) == pytest.approx(3 / (5 * math.sqrt(3)))
    assert cosine(x, -2 * x) == pytest.approx(-1)


def test_complementarity_is_the_mean_excess_over_the_least_margin():
    margins, multipliers = [2.0, 3.0, 8.0], [0.5, 0.25, 0.25]
    expected = sum(mu * (q / 2 - 1) for mu, q in zip(multipliers, margins, strict=True)) / sum(multipliers)
    mean = sum(mu * q for mu, q in zip(multipliers, margins, strict=True))
    assert complementarity(mean, 2.0) == pytest.approx(expected)
    assert math.isnan(complementarity(mean, -0.1))
