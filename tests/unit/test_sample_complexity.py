"""Appendix E: Rademacher complexities by enumeration, the bounds from their parts, and the table."""

import itertools
import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from grokking.analyses.sample_complexity import SampleComplexity
from grokking.analyses.tables.sample_complexity import passage
from grokking.analyses.tables.sample_complexity import test_error as share_of_errors
from grokking.tasks.sparse_classification import SparseClassification
from grokking.theory.generalisation_bounds import error_bound, rademacher, rademacher_bound, sample_scale
from grokking.theory.hard_margin import hard_margin


def points(n, d, seed=0):
    return np.random.default_rng(seed).choice([-1.0, 1.0], (n, d))


def enumerated(X, norm):
    """The complexity by all 2^n signs; the inner maximum over the L1 ball is at one of its 2d corners."""
    z = np.array(list(itertools.product([-1, 1], repeat=len(X)))) @ X / len(X)
    return np.mean(np.abs(z).max(1) if norm == 1 else np.sqrt(np.square(z).sum(1)))


@pytest.mark.parametrize("norm", [1, 2])
def test_rademacher_complexity_against_all_signs(norm):
    X = points(8, 5)
    found = rademacher(X, norm, seed=0)
    assert found["rademacher"] == pytest.approx(enumerated(X, norm), abs=4 * found["rademacher_error"])
    assert 0 < found["rademacher_error"] < 0.02
    assert enumerated(X, norm) <= found["rademacher_bound"] == rademacher_bound(X, norm)


@pytest.mark.parametrize("norm", [1, 2])
def test_rademacher_complexity_of_one_point_is_its_dual_norm(norm):
    X = points(1, 5)
    found = rademacher(X, norm, seed=0)
    assert found["rademacher"] == pytest.approx(enumerated(X, norm), rel=1e-12)
    assert found["rademacher_error"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("norm", [1, 2])
def test_standard_error_is_the_spread_over_draws_of_the_signs(norm):
    X = points(9, 6)
    found = [rademacher(X, norm, seed) for seed in range(150)]
    errors = [one["rademacher"] - enumerated(X, norm) for one in found]
    stated = np.mean([one["rademacher_error"] for one in found])
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(stated, rel=0.2)


@pytest.mark.parametrize("d", [1, 5, 40])
def test_bound_for_l1_is_the_least_that_massarts_lemma_gives(d):
    """E max_j z_j ≤ log(2d)/λ + λ Σ_i |x_i|²/(2n²) for every λ > 0, as E e^(λz_j) ≤ e^(λ² Σ_i |x_i|²/(2n²))."""
    X = 3 * points(8, d)
    best = minimize_scalar(
        lambda log_rate: math.log(2 * d) / math.exp(log_rate) + math.exp(log_rate) * 9 / (2 * 8),
        bounds=(-20, 20),
        method="bounded",
        options={"xatol": 1e-10},
    )
    assert rademacher_bound(X, 1) == pytest.approx(best.fun, rel=1e-9)
    assert enumerated(X, 1) <= best.fun


def test_bound_for_l2_is_the_root_of_the_mean_square():
    """Jensen: E‖z‖ ≤ √(E‖z‖²), which is enumerated here."""
    X = np.random.default_rng(1).standard_normal((8, 5))
    z = np.array(list(itertools.product([-1, 1], repeat=8))) @ X / 8
    assert rademacher_bound(X, 2) == pytest.approx(math.sqrt(np.square(z).sum(1).mean()))


@pytest.mark.parametrize("norm", [1, 2])
def test_error_bound_is_four_teacher_norms_times_the_complexity_bound(norm):
    """E.2 with the teacher's norm, a vector of k ones, as the least norm with margins of at least 1; and the tail."""
    n, d, k, failure = 50, 12, 3, 0.05
    teacher = np.linalg.norm(np.ones(k), norm)
    tail = 3 * math.sqrt(math.log(2 / failure) / (2 * n))
    expected = 4 * teacher * rademacher_bound(points(n, d), norm) + tail
    assert error_bound(norm, n, d, k, failure) == pytest.approx(expected)


def test_error_bounds_are_those_of_the_appendix():
    """E.4 and E.5 for n = 5000, d = 100, k = 3, δ = 0.05, worked out by hand."""
    assert error_bound(1, 5000, 100, 3, 0.05) == pytest.approx(
        12 * math.sqrt(2 * math.log(200) / 5000) + 0.0576, abs=1e-4
    )
    assert error_bound(2, 5000, 100, 3, 0.05) == pytest.approx(4 * math.sqrt(300 / 5000) + 0.0576, abs=1e-4)


@pytest.mark.parametrize("norm", [1, 2])
def test_sample_scale_is_the_order_of_what_the_bound_needs(norm):
    """The n at which the bound without its tail (failure 2) is 1, over the scale: a constant, as d → ∞ for L1."""
    cells = list(itertools.product((1e60, 1e90, 1e120), (3, 5, 9)))
    needed = [error_bound(norm, 1, d, k, failure=2.0) ** 2 / sample_scale(norm, d, k) for d, k in cells]
    assert max(needed) / min(needed) < 1.01
    assert sample_scale(1, 100, 3) == pytest.approx(41.4, abs=0.1)  # 9 log 100
    assert sample_scale(2, 100, 3) == 300


def test_passage_of_a_level():
    n, error = np.array([10, 20, 40]), np.array([0.3, 0.1, 0.0])
    assert passage(n, error, 0.2) == pytest.approx(10 * math.sqrt(2))
    assert passage(n, error, 0.5) == 10
    assert math.isnan(passage(n, np.array([0.3, 0.1, 0.2]), 0.1))


@pytest.mark.parametrize("norm", [1, 2])
def test_table_is_about_one_growing_sample(norm):
    analysis = SampleComplexity(norm, (16,), (3,), (0.5, 1.0, 3.0), n_test=2000)
    found = analysis.table(0)
    assert found["n"].tolist() == [round(m * sample_scale(norm, 16, 3)) for m in (0.5, 1.0, 3.0)]
    n = found["n"].tolist()
    data = SparseClassification(n=n[-1], d=16, k=3, n_test=2000).draw(0)
    w = hard_margin(data.X[: n[0]].numpy(), data.y[: n[0]].numpy(), norm)
    wrong = sum(int(y * (x @ w) <= 0) for X, Y in data.test_set() for x, y in zip(X.numpy(), Y.tolist(), strict=True))
    assert found["test_error"][0] == wrong / 2000
    assert found["test_error"].iloc[-1] < found["test_error"][0]
    promised = found["n_promised_0.1"][0]
    assert error_bound(norm, round(promised), 16, 3, 0.05) == pytest.approx(0.1, rel=1e-3)


@pytest.mark.parametrize("norm", [1, 2])
def test_columns_of_the_table_from_their_parts(norm):
    multiples = (0.3, 0.6, 1.0, 2.0, 6.0)
    found = SampleComplexity(norm, (9, 13), (1, 3), multiples, n_test=1500, failure=0.2).table(3)
    assert len(found) == 20
    for (d, k), cell in found.groupby(["d", "k"]):
        scale = 9 * math.log(d) if (norm, k) == (1, 3) else math.log(d) if norm == 1 else k * d
        sizes = [max(2, round(multiple * scale)) for multiple in multiples]
        assert cell["n"].tolist() == sizes
        assert cell["multiple"].tolist() == list(multiples)
        assert cell["scale"].tolist() == pytest.approx([scale] * 5)
        data = SparseClassification(n=sizes[-1], d=int(d), k=int(k), n_test=1500).draw(3)
        X, y = data.X.numpy(), data.y.numpy()
        for n, row in zip(sizes, cell.to_dict("records"), strict=True):
            w = hard_margin(X[:n], y[:n], norm)
            wrong = np.concatenate([Y.numpy() * (Z.numpy() @ w) <= 0 for Z, Y in data.test_set()])
            tail = 3 * math.sqrt(math.log(10) / (2 * n))
            bound = tail + 4 * (k * math.sqrt(2 * math.log(2 * d) / n) if norm == 1 else math.sqrt(k * d / n))
            assert row["test_error"] == wrong.mean()
            assert row["error_bound"] == pytest.approx(bound)
            assert row["error_over_bound"] == pytest.approx(wrong.mean() / bound)
            massart = (math.sqrt(2 * math.log(2 * d)) if norm == 1 else math.sqrt(d)) / math.sqrt(n)
            assert row["rademacher_over_bound"] == pytest.approx(row["rademacher"] / massart)
            if n <= 10:
                margin = 5 * row["rademacher_error"] + 1e-9
                assert row["rademacher"] == pytest.approx(enumerated(X[:n], norm), abs=margin)
            for level in (0.1, 0.01):
                promised = row[f"n_promised_{level}"]
                assert error_bound(norm, promised, d, k, 0.2) == pytest.approx(level)
        above = [i for i, error in enumerate(cell["test_error"]) if error > 0.1]
        passed = cell["n_at_0.1"].iloc[0]
        if above and above[-1] == 4:
            assert math.isnan(passed)
        elif above:
            ends = cell.iloc[above[-1] : above[-1] + 2]
            shares = (ends["test_error"].iloc[0] - 0.1) / -np.diff(ends["test_error"])[0]
            assert math.log(passed) == pytest.approx(np.interp(shares, [0, 1], np.log(ends["n"])))
        else:
            assert passed == sizes[0]


def test_an_output_of_zero_is_an_error():
    """k = 1 and L1: w is the first unit vector; of w = 0 in its place every output is 0."""
    data = SparseClassification(n=4, d=3, k=1, n_test=100).draw(0)
    assert share_of_errors(data, np.array([1.0, 0, 0])) == 0
    assert share_of_errors(data, np.zeros(3)) == 1
    assert share_of_errors(data, np.array([-1.0, 0, 0])) == 1
