"""The data of every task that can be declared, against an evaluation in plain Python."""

import math
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from grokking.parts.registry import parts
from grokking.tasks.function_table import FunctionTable
from grokking.tasks.margin_classification import MarginClassification
from grokking.tasks.modular_addition import ModularAddition
from grokking.tasks.modular_function import ModularFunction
from grokking.tasks.modular_sum import ModularSum
from grokking.tasks.multiplication_table import MultiplicationTable
from grokking.tasks.sparse_classification import SparseClassification
from grokking.tasks.sparse_regression import SparseRegression
from grokking.tasks.table import Table
from grokking.tasks.task import Task
from tests.unit.declared import part

FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
SEEDS = st.integers(0, 3)
SPLIT = (ModularAddition, ModularFunction, ModularSum, MultiplicationTable, Table, FunctionTable)  # of a finite set
POINTS = (SparseClassification, MarginClassification, SparseRegression)


def quotient(n, m, p):
    """The q with q m = n modulo p if m has an inverse, else -1."""
    return next((n * x % p for x in range(p) if m * x % p == 1 % p), -1)


FUNCTIONS = {
    "n + m": lambda n, m, p: (n + m) % p,
    "m+n": lambda n, m, p: (n + m) % p,
    "n*m": lambda n, m, p: n * m % p,
    "n^2 + n*m": lambda n, m, p: (n**2 + n * m) % p,
    "n - m": lambda n, m, p: (n - m) % p,
    "3": lambda n, m, p: 3 % p,
    "n^0": lambda n, m, p: 1 % p,
    "n/m": quotient,
    "m/n": lambda n, m, p: quotient(m, n, p),
}


def size_of_share(share, total):
    """The count that a share of `total` is, as far as its digits or floats tell, or the share rounded down."""
    last_digit = 10 ** Decimal(repr(share)).as_tuple().exponent
    share = Fraction(repr(share))
    told = [one for one in (Fraction(last_digit), share / 2**23, Fraction(1, 2**51)) if one * total <= Fraction(1, 10)]
    counts = [k for k in range(total) for one in told if abs(Fraction(k, total) - share) <= one]
    return counts[0] if counts else math.floor(share * total)


def size_of_training_set(task, total):
    """A count, or a share of `total`."""
    return int(task.observed) if task.observed >= 2 else size_of_share(task.observed, total)


def number_of_flips(task):
    """A count, or a share of the training set."""
    return int(task.flipped) if task.flipped >= 1 else size_of_share(task.flipped, task.train_samples)


def test_every_task_is_drawn_here():
    assert set(parts(Task).values()) == {*SPLIT, *POINTS}


@FEW
@given(part(ModularFunction, function=st.sampled_from(list(FUNCTIONS))) | part(ModularAddition), SEEDS)
def test_the_table_of_an_operation(task, seed):
    function = FUNCTIONS[getattr(task, "function", "n + m")]
    data, cells = task.draw(seed), list(product(range(task.p), repeat=2))
    expected = {(n, m): function(n, m, task.p) for n, m in cells}
    assert {(n, m): int(data.results[n, m]) for n, m in cells} == expected
    train, test = (list(zip(*map(Tensor.tolist, part), strict=True)) for part in (data.train, data.test))
    defined = sorted((n, m) for (n, m), c in expected.items() if c >= 0)
    assert sorted((n, m) for n, m, _ in train + test) == defined  # disjoint and complete
    assert all(c == expected[n, m] for n, m, c in test)
    assert sum(c != expected[n, m] for n, m, c in train) == number_of_flips(task)
    assert all(0 <= c < task.p for *_, c in train)
    assert len(train) == task.train_samples == size_of_training_set(task, len(defined))
    assert task.sizes == tuple(data.results.shape[:1])


@FEW
@given(part(ModularSum), SEEDS)
def test_the_sums(task, seed):
    assume(task.samples or task.p**task.operands <= 5000)
    data = task.draw(seed)
    drawn = [tuple(row) for row in data.operands.tolist()]
    assert drawn == sorted(set(drawn))
    assert data.results.tolist() == [sum(operands) % task.p for operands in drawn]
    if not task.samples:
        every = product(range(task.p), repeat=task.operands)
        assert drawn == [one for one in every if not task.ascending or list(one) == sorted(one)]
    assert all(len(one) == task.operands and set(one) <= set(range(task.p)) for one in drawn)
    assert len(drawn) == task.available == (task.samples or len(drawn))
    trained = {one for one, seen in zip(drawn, data.observed.tolist(), strict=True) if seen}
    assert len(trained) == task.train_samples == size_of_training_set(task, len(drawn))
    flipped = {drawn[row] for row in (data.labels != data.results).nonzero().flatten().tolist()}
    assert len(flipped) == number_of_flips(task)
    assert flipped <= trained
    orders = {tuple(sorted(one)) for one in trained}
    mirrored = [one not in trained and tuple(sorted(one)) in orders for one in drawn]
    assert data.mirrored.tolist() == mirrored


@FEW
@given(part(MultiplicationTable), SEEDS)
def test_the_entries_of_the_table(task, seed):
    data, entries = task.draw(seed), list(product(range(task.d), repeat=2))
    assert data.target.flatten().tolist() == [i / task.d * (j / task.d) for i, j in entries]
    trained = set(zip(*(part.tolist() for part in data.entries), strict=True))
    assert trained == {(i, j) for i, j in entries if data.observed[i, j]}
    assert len(trained) == task.train_samples == size_of_training_set(task, len(entries))


@FEW
@given(part(SparseClassification), SEEDS)
def test_the_votes_of_signs(task, seed):
    data = task.draw(seed)
    assert tuple(data.X.shape) == (task.train_samples, *task.sizes) == (task.n, task.d)
    chunks = [*data.test_set(), (data.X, data.y)]
    assert sum(len(y) for _, y in chunks) == task.n_test + task.n
    for X, y in chunks:
        for x, label in zip(X.tolist(), y.tolist(), strict=True):
            assert set(x) <= {-1, 1}
            assert label == (1 if x[: task.k].count(1) > task.k / 2 else -1)


@FEW
@given(part(MarginClassification), SEEDS)
def test_the_classes_with_a_margin(task, seed):
    data, w = task.draw(seed), task.teacher(seed).tolist()
    assert tuple(data.X.shape) == (task.train_samples, *task.sizes) == (task.n, task.d)
    assert math.hypot(*w) == pytest.approx(1)
    chunks = [*data.test_set(), (data.X, data.y)]
    assert sum(len(y) for _, y in chunks) == task.n_test + task.n
    for X, y in chunks:
        for x, label in zip(X.tolist(), y.tolist(), strict=True):
            assert label in (-1, 1)
            assert label * sum(a * b for a, b in zip(w, x, strict=True)) >= task.gamma / 2 - 1e-5


@FEW
@given(part(SparseRegression), SEEDS)
def test_the_values_of_a_sparse_teacher(task, seed):
    data = task.draw(seed)
    assert tuple(data.X.shape) == (task.train_samples, *task.sizes) == (task.n, task.d)
    expected = [sum(x[: task.kappa]) / math.sqrt(task.kappa) for x in data.X.tolist()]
    assert data.y.tolist() == pytest.approx(expected, abs=1e-12)
    teacher = [task.kappa**-0.5] * task.kappa + [0] * (task.d - task.kappa)
    assert data.teacher.tolist() == pytest.approx(teacher)


def split(task, seed):
    """The samples and which of them are the training set, as lists."""
    data = task.draw(seed)
    return [getattr(data, "operands", data.observed).tolist(), data.observed.tolist()]


@pytest.mark.parametrize("kind", SPLIT, ids=lambda kind: kind.name)
def test_another_seed_splits_otherwise(kind):
    """Where there are so many training sets of a size that drawing one of them twice is no accident."""

    @FEW
    @given(part(kind))
    def differs(task):
        total = task.d**2 if kind is MultiplicationTable else int((task.draw(0).results >= 0).sum())
        assume(math.comb(total, task.train_samples) > 10**6)
        assert split(task, 0) == split(task, 0)
        assert split(task, 0) != split(task, 1)

    differs()


@pytest.mark.parametrize("kind", POINTS, ids=lambda kind: kind.name)
def test_another_seed_draws_other_points(kind):
    @FEW
    @given(part(kind))
    def differs(task):
        assume(task.n * task.d >= 20)
        assert torch.equal(task.draw(0).X, task.draw(0).X)
        assert not torch.equal(task.draw(0).X, task.draw(1).X)

    differs()
