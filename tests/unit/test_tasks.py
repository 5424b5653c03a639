"""The data: exact on every platform, and with the properties the papers state."""

import hashlib
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grokking.analyses.analysis import Analysis
from grokking.parts.errors import ConfigError
from grokking.parts.fields import build_part
from grokking.parts.registry import parts
from grokking.rng import signs, stream
from grokking.tasks.margin_classification import MarginClassification
from grokking.tasks.modular_addition import ModularAddition
from grokking.tasks.modular_function import ModularFunction
from grokking.tasks.modular_sum import ModularSum
from grokking.tasks.multiplication_table import MultiplicationTable
from grokking.tasks.sparse_classification import SparseClassification
from grokking.tasks.sparse_regression import SparseRegression
from grokking.tasks.task import Task
from grokking.tasks.training_set import number_observed
from grokking.theory.planted_completion import PlantedCompletion

seeds = st.integers(0, 2**31)


def digest(*tensors: torch.Tensor) -> str:
    found = hashlib.sha256()
    for tensor in tensors:
        found.update(tensor.contiguous().numpy().tobytes())
    return found.hexdigest()[:16]


@pytest.mark.parametrize(
    ("task", "parts", "expected"),
    [
        (SparseClassification(n=16, d=50, k=3, n_test=10), ("X", "y"), "0039e07ce211eb3b"),
        (SparseRegression(n=30, d=80, kappa=3), ("X", "teacher"), "55a4667f3d6b77e7"),
        (MultiplicationTable(d=97, observed=0.05), ("target", "observed"), "eee4c0e867a5da1f"),
        (ModularAddition(p=97, observed=0.4), ("results", "observed"), "e7ab2d4fba72dd38"),
        (ModularFunction(p=31, observed=0.6, function="n^2 + 3*m*n - 5"), ("results", "observed"), "836ea0200fda0d34"),
        (ModularSum(p=97, observed=0.3, operands=3, samples=9, sample=2), ("operands", "observed"), "452ee84c6caff6b4"),
    ],
)
def test_data_are_the_same_bytes_everywhere(task, parts, expected):
    data = task.draw(7)
    assert digest(*(getattr(data, part) for part in parts)) == expected


def test_test_sets_are_the_same_everywhere():
    ((X, y),) = SparseClassification(n=16, d=50, k=3, n_test=10).draw(7).test_set()
    assert digest(X, y) == "1b5a7189b24d0668"
    chunks = MarginClassification(n=4, d=30, gamma=2.0, n_test=600).draw(7).test_set()
    assert [X.double().sum().item() for X, _ in chunks] == pytest.approx([130.2905401, 20.7629433], abs=1e-4)


def test_gaussian_data_are_the_same_numbers_everywhere():
    data = MarginClassification(n=4, d=30, gamma=2.0).draw(7)
    assert data.X.sum().item() == pytest.approx(10.176322310527643, rel=1e-12)
    assert SparseRegression(n=30, d=80, kappa=3).draw(7).y.sum().item() == pytest.approx(10.2154671344106, rel=1e-12)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_signs_are_fair_coins(seed):
    values = signs(stream(seed, "train"), 40, 501)
    assert set(np.unique(values)) == {-1, 1}
    assert abs(values.mean()) < 5 / np.sqrt(values.size)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_streams_of_a_seed_are_independent(seed):
    draws = [stream(seed, *key).standard_normal(400) for key in (("train",), ("test",), ("test", 1))]
    correlations = np.corrcoef(draws)[np.triu_indices(3, 1)]
    assert np.abs(correlations).max() < 0.3


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_sparse_teacher_labels_train_and_test(seed):
    data = SparseClassification(n=20, d=30, k=3, n_test=1100).draw(seed)
    assert torch.equal(data.y, data.X[:, :3].sum(1).sign())
    assert not (data.y == 0).any()
    chunks = list(data.test_set())
    assert [len(y) for _, y in chunks] == [500, 500, 100]
    assert not torch.equal(chunks[0][0], chunks[1][0])
    truth = torch.zeros(30)
    truth[:3] = 1
    assert data.evaluate(truth[None])["test_accuracy"] == [1.0]
    assert data.evaluate(torch.stack([truth, -truth]))["test_accuracy"] == [1.0, 0.0]


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_gaussian_classes_are_gamma_apart(seed):
    task = MarginClassification(n=20, d=15, gamma=4.0, n_test=50)
    data = task.draw(seed)
    w = task.teacher(seed)
    assert w.norm().item() == pytest.approx(1)
    assert (data.y * (data.X @ w)).min().item() >= task.gamma / 2
    assert data.evaluate(w[None])["test_accuracy"] == [1.0]


def test_test_loss_is_the_logistic_loss_of_the_whole_test_set():
    data = SparseClassification(n=5, d=12, k=3, n_test=700).draw(0)
    W = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 12)))
    X, y = (torch.cat(parts).double() for parts in zip(*data.test_set(), strict=True))
    expected = [torch.log(1 + torch.exp(-y * (X @ w))).mean().item() for w in W]
    assert data.evaluate(W)["test_loss"] == pytest.approx(expected, rel=1e-5)


def test_sampled_accuracy_agrees_with_the_closed_form():
    """w at angle φ to w*: wrong where the part of z along w but across w* outweighs |⟨z, w*⟩| + γ/2."""
    task = MarginClassification(n=5, d=20, gamma=1.0, n_test=10_000)
    data, direction = task.draw(3), task.teacher(3).numpy()
    across = np.random.default_rng(0).standard_normal(20)
    across -= (across @ direction) * direction
    across /= np.linalg.norm(across)
    phi = 1.2
    w = np.cos(phi) * direction + np.sin(phi) * across
    rng = np.random.default_rng(1)
    a, b = np.abs(rng.standard_normal(10**6)), rng.standard_normal(10**6)
    expected = np.mean(np.cos(phi) * (a + task.gamma / 2) + np.sin(phi) * b > 0)
    found = data.evaluate(torch.from_numpy(w)[None])["test_accuracy"][0]
    assert found == pytest.approx(expected, abs=5 * np.sqrt(0.25 / 10_000))


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_table_is_the_multiplication_table(seed):
    data = MultiplicationTable(d=13, observed=0.3).draw(seed)
    assert data.n == int(0.3 * 13**2)
    assert data.target[3, 5].item() == pytest.approx(15 / 169)
    assert torch.linalg.matrix_rank(data.target) == 1
    assert data.evaluate(data.target[None])["test_loss"] == [0.0]


def test_loss_of_a_completion_is_its_mean_squared_error_outside_of_the_training_set():
    data = MultiplicationTable(d=5, observed=0.4).draw(0)
    W = torch.from_numpy(np.random.default_rng(0).standard_normal((3, 5, 5)))
    unseen = [(i, j) for i in range(5) for j in range(5) if not data.observed[i, j]]
    assert len(unseen) == 15
    expected = [np.mean([(float(one[i, j]) - i * j / 25) ** 2 for i, j in unseen]) for one in W]
    assert data.evaluate(W)["test_loss"] == pytest.approx(expected)
    only_seen = torch.where(data.observed, data.target + 7, data.target)
    assert data.evaluate(only_seen[None])["test_loss"] == [0.0]
    seen = [(i, j) for i in range(5) for j in range(5) if data.observed[i, j]]
    assert list(zip(*(index.tolist() for index in data.entries), strict=True)) == seen


def test_answers_are_the_largest_outputs_in_their_places():
    data = ModularAddition(p=5, observed=0.4).draw(0)
    outputs = torch.from_numpy(np.random.default_rng(0).standard_normal((5, 5, 5)))
    table = data.answers(outputs[data.observed], outputs[~data.observed])
    assert table.tolist() == [[max(range(5), key=row.__getitem__) for row in rows] for rows in outputs.tolist()]


def test_accuracies_of_a_table_count_each_part():
    data = ModularAddition(p=5, observed=0.4).draw(0)
    tables = torch.from_numpy(np.random.default_rng(0).integers(0, 5, (3, 5, 5)))
    found = data.evaluate(tables)
    for column, pairs in (("train_accuracy", data.train), ("test_accuracy", data.test)):
        cells = [(int(a), int(b)) for a, b in zip(pairs.a, pairs.b, strict=True)]
        expected = [np.mean([int(table[a, b]) == (a + b) % 5 for a, b in cells]) for table in tables]
        assert found[column] == pytest.approx(expected)


def test_training_pairs_are_spread_over_the_table():
    """Of 9 409 places 3 763 drawn without order: every row and column has about 40 % of its 97."""
    observed = ModularAddition(p=97, observed=0.4).draw(0).observed.double()
    for along in (0, 1):
        counts = observed.sum(along)
        assert abs(float(counts.mean()) - 38.8) < 0.01
        assert 15 <= float(counts.min()) < float(counts.max()) <= 63  # five standard deviations


def test_an_output_of_zero_is_wrong():
    data = SparseClassification(n=5, d=8, k=3, n_test=20).draw(0)
    assert data.evaluate(torch.zeros(1, 8))["test_accuracy"] == [0.0]
    assert data.evaluate(torch.zeros(1, 8))["test_loss"] == pytest.approx([np.log(2)])


def test_accuracy_of_one_coordinate_is_that_of_a_vote():
    """Of k = 3 signs one agrees with the majority in 3 of 4 cases, in 2 of 2 with k = 1, and of the others in half."""
    for k, expected in ((1, 1.0), (3, 3 / 4), (5, 11 / 16)):
        data = SparseClassification(n=5, d=8, k=k, n_test=20_000).draw(1)
        first, last = data.evaluate(torch.eye(8)[[0, 7]])["test_accuracy"]
        assert first == pytest.approx(expected, abs=0.015)
        assert last == pytest.approx(0.5, abs=0.015)


def test_gaussian_classes_are_moved_by_half_of_gamma_along_the_teacher():
    """Along w* margins are γ/2 + |z|, across it nothing is moved: moments of a half-normal and of a normal."""
    task = MarginClassification(n=20_000, d=3, gamma=4.0, n_test=20_000)
    data, w = task.draw(0), task.teacher(0)
    test_X, test_y = (torch.cat(parts).double() for parts in zip(*data.test_set(), strict=True))
    for X, y in ((data.X, data.y), (test_X, test_y)):
        margins = y * (X @ w)
        assert margins.min().item() == pytest.approx(2, abs=2e-3)
        assert margins.mean().item() == pytest.approx(2 + np.sqrt(2 / np.pi), abs=0.025)
        across = X - (X @ w)[:, None] * w
        assert across.square().sum(1).mean().item() == pytest.approx(2, abs=0.08)
        assert y.mean().item() == pytest.approx(0, abs=0.035)
    first, second, *_ = (X for X, _ in data.test_set())
    assert not torch.equal(first, second)


def test_different_seeds_differ():
    task = SparseClassification(n=8, d=20, k=1)
    assert not torch.equal(task.draw(0).X, task.draw(1).X)


@pytest.mark.parametrize("k", [2, 31])
def test_teacher_must_not_tie_or_overflow(k):
    with pytest.raises(ValueError, match="k must be odd and at most"):
        SparseClassification(n=5, d=30, k=k)


@pytest.mark.parametrize(("total", "observed", "expected"), [
    (10_000, 0.57, 5700),  # as binary floats 0.57 · 10 000 is 5 699.999…
    (9409, 0.4, 3763),
    (9409, 0.05, 470),
    (9409, 3763, 3763),
    (9409, 2.0, 2),
    (9409, 45 / 97**2, 45),
    (9409, 0.0047826549, 45),
    (9409, 0.00468, 44),  # 44.03 samples, 0.09 to the unit of the last digit
    (9409, 0.2167, 2038),  # 2038.93 samples, 0.94 to the unit: its digits do not say which count is meant
    (9, 0.6666, 6),  # cut off
    (9, 0.667, 6),
    (9, 0.99, 8),  # a share below 1 is never all of them
    (529, 0.355, 187),  # a share: 187.8
    (961, 0.9, 864),
])  # fmt: skip
def test_observed_is_an_exact_share_or_a_count(total, observed, expected):
    assert number_observed(total, observed) == expected


def written(k, n):
    """The share of k of n samples as people write it or as programs pass it on."""
    share = k / n
    return [share, f"{k}/{n}", f"{k} / {n}", Fraction(k, n), float(f"{share:.10g}"), k * (1 / n), np.float32(share)]


@pytest.mark.parametrize(("settings", "total"), [
    ({"name": "modular_addition", "p": 97}, 97**2),
    ({"name": "modular_function", "p": 31, "function": "n*m"}, 31**2),
    ({"name": "modular_function", "p": 12, "function": "n/m"}, 12 * 4),  # 1, 5, 7 and 11 have an inverse
    ({"name": "modular_sum", "p": 7, "operands": 3}, 7**3),
    ({"name": "modular_sum", "p": 97, "operands": 4, "samples": 5000}, 5000),
    ({"name": "modular_sum", "p": 11, "ascending": True}, 66),
    ({"name": "multiplication_table", "d": 13}, 169),
], ids=str)  # fmt: skip
def test_a_share_that_stands_for_a_count_is_this_count(settings, total):
    for k in {*range(2, total, max(1, total // 60)), total - 1}:
        found = [build_part(parts(Task), {**settings, "observed": x}, "task").train_samples for x in written(k, total)]
        assert found == [k] * len(found)


@pytest.mark.parametrize("settings", [
    {"name": "recovery", "d": 16, "ranks": [1]},
    {"name": "decay_error", "d": 16, "rank": 1, "weight_decays": [0.1]},
    {"name": "regression_transition", "d": 16, "rank": 1, "decay_exponent": 1, "scales": [10]},
], ids=lambda settings: settings["name"])  # fmt: skip
def test_a_share_of_an_analysis_that_stands_for_a_count_is_this_count(settings):
    def observed(share):
        found = build_part(parts(Analysis), {**settings, "observed": share}, "analysis").observed
        return found[0] if isinstance(found, tuple) else found

    for k in range(1, 137):
        for share in written(k, 136):
            fraction = observed([share] if settings["name"] == "recovery" else share)
            assert PlantedCompletion.draw(16, 1, fraction, 0).observed.sum() == k


@pytest.mark.parametrize("observed", ["9410/9409", "45/0", "-45/9409", "45/", "4.5/10", "0.4", "a/b", Fraction(3, 2)])
def test_a_text_that_is_no_share_is_refused(observed):
    with pytest.raises(ConfigError, match="fraction below 1 or a count of at least 2"):
        build_part(parts(Task), {"name": "modular_addition", "p": 97, "observed": observed}, "task")


@pytest.mark.parametrize("observed", [1.0, 25, 26, 0.01, 2.5])
def test_table_must_leave_something_to_train_and_to_test_on(observed):
    with pytest.raises(ValueError, match="at least one of 25"):
        MultiplicationTable(d=5, observed=observed)


def test_counts_and_shares_of_a_table_are_drawn_alike():
    share, count = (ModularAddition(p=97, observed=observed).draw(3) for observed in (0.4, 3763))
    assert torch.equal(share.observed, count.observed)


@pytest.mark.parametrize("observed", [-0.1, 0, 1, 1.5, "half"])
def test_observed_out_of_range_is_refused_in_a_config(observed):
    with pytest.raises(ConfigError, match="fraction below 1 or a count of at least 2"):
        build_part(parts(Task), {"name": "modular_addition", "p": 11, "observed": observed}, "task")


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_modular_addition_splits_its_table(seed):
    data = ModularAddition(p=7, observed=0.4).draw(seed)
    assert len(data.train.a) == int(0.4 * 49)
    assert len(data.test.a) == 49 - len(data.train.a)
    for pairs in (data.train, data.test):
        assert torch.equal((pairs.a + pairs.b) % 7, pairs.c)
    everything = torch.cat([7 * pairs.a + pairs.b for pairs in (data.train, data.test)])
    assert torch.equal(everything.sort().values, torch.arange(49))
    assert data.evaluate(data.results[None]) == {"train_accuracy": [1.0], "test_accuracy": [1.0]}
    wrong = torch.where(data.observed, data.results, data.results + 1)
    assert data.evaluate(wrong[None]) == {"train_accuracy": [1.0], "test_accuracy": [0.0]}


def test_modular_addition_has_the_papers_sizes():
    data = ModularAddition(p=97, observed=0.4).draw(0)
    assert (len(data.train.a), len(data.test.a)) == (3763, 5646)


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_regression_teacher_is_sparse_and_of_norm_one(seed):
    data = SparseRegression(n=9, d=12, kappa=4).draw(seed)
    assert data.teacher.norm().item() == pytest.approx(1)
    assert data.teacher.count_nonzero() == 4
    torch.testing.assert_close(data.y, data.X[:, :4].sum(1) / 2)


def test_population_loss_is_the_mean_over_fresh_inputs():
    data = SparseRegression(n=5, d=6, kappa=2).draw(0)
    W = torch.from_numpy(np.random.default_rng(0).standard_normal((3, 6)))
    X = torch.from_numpy(np.random.default_rng(1).standard_normal((400_000, 6)))
    sampled = (X @ (W - data.teacher).T).square().mean(0)
    assert data.evaluate(W)["population_loss"] == pytest.approx(sampled.tolist(), rel=0.01)
    assert data.evaluate(data.teacher[None]) == {"population_loss": [0.0]}


def test_teacher_has_no_more_entries_than_there_are():
    with pytest.raises(ValueError, match="kappa must be at most d"):
        SparseRegression(n=5, d=3, kappa=4)
