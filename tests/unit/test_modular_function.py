"""Polynomials modulo p, and the tables they make, against Python's own integers."""

import numpy as np
import pytest
import torch

from grokking.models.quadratic_net import QuadraticNet
from grokking.parts.errors import ConfigError
from grokking.parts.fields import build_part
from grokking.parts.registry import parts
from grokking.tasks.expression import evaluate, power
from grokking.tasks.modular_function import ModularFunction
from grokking.tasks.task import Task

FUNCTIONS = {
    "n + m": lambda n, m: n + m,
    "n - m": lambda n, m: n - m,
    "n^2 + m^2": lambda n, m: n**2 + m**2,
    "(n + m)^2": lambda n, m: (n + m) ** 2,
    "n*m": lambda n, m: n * m,
    "n**2 + m**2 + n*m": lambda n, m: n**2 + m**2 + n * m,
    "n^3 + n*m^2 + m": lambda n, m: n**3 + n * m**2 + m,
    "-(3 - n)*m^17 + 123456789123": lambda n, m: -(3 - n) * m**17 + 123456789123,
    "n^0 + 7": lambda n, m: n**0 + 7,
}


@pytest.mark.parametrize("p", [2, 12, 97])
@pytest.mark.parametrize("text", FUNCTIONS)
def test_expressions_agree_with_integers(text, p):
    table = evaluate(text, p, ("n", "m"))
    assert (table.dtype, table.shape) == (np.int64, (p, p))
    for n, m in ((0, 0), (1, 0), (p // 2, p - 1), (p - 1, p - 1)):
        assert int(table[n, m]) == FUNCTIONS[text](n, m) % p


def test_one_variable_gives_a_line():
    assert evaluate("x^3 - x", 7, ("x",)).tolist() == [(x**3 - x) % 7 for x in range(7)]


def test_large_moduli_do_not_overflow():
    assert power(np.array([10**9]), 100, 10**9 + 7).tolist() == [pow(10**9, 100, 10**9 + 7)]


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')", "n.real", "n[0]", "f(n)", "n // m", "n % 2", "n^-1", "n^m",
        "2^(9^9)", "n if m else n", "lambda: n", "x + 1", "n +", "", "1.5*n", "True*n", "'n'", "[n]",
        "n" + " + n" * 60, "n^10000",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text):
    with pytest.raises(ConfigError, match="task") as error:
        build_part(parts(Task), {"name": "modular_function", "p": 11, "observed": 0.5, "function": text}, "task")
    assert str(error.value).count("\n") == 0


@pytest.mark.parametrize(
    ("p", "text"), [(97, "n/m"), (12, "n / m"), (12, "(n + 1)/(n - m) + 2/5"), (11, "1/(1/n + m)")]
)
def test_quotients_are_what_times_the_divisor_gives_the_dividend(p, text):
    """By hand with Python's inverses; -1 where one of them does not exist."""

    def inverse(x):
        return pow(x % p, -1, p)

    def by_hand(n, m):
        if "(n - m)" in text:
            return (n + 1) * inverse(n - m) + 2 * inverse(5)
        return inverse(inverse(n) + m) if "1/n" in text else n * inverse(m)

    table = evaluate(text, p, ("n", "m"), division=True)
    for n in range(p):
        for m in range(p):
            try:
                expected = by_hand(n, m) % p
            except ValueError:
                expected = -1
            assert table[n, m] == expected
    assert (table < 0).any()


def test_without_division_a_quotient_is_refused():
    with pytest.raises(ValueError, match="allowed: n, m, whole numbers, \\+ - \\* \\( \\)"):
        evaluate("n / m", 7, ("n", "m"))


def test_pairs_without_a_quotient_are_on_neither_side():
    task = ModularFunction(p=12, observed=0.5, function="n/m")
    data = task.draw(0)
    assert set(data.train.b.tolist()) | set(data.test.b.tolist()) == {1, 5, 7, 11}
    assert len(data.train.a) == task.train_samples == 24
    assert len(data.train.a) + len(data.test.a) == task.available == 48
    assert torch.equal(data.train.c * data.train.b % 12, data.train.a)
    right = data.results.clone()
    assert {name: values for name, values in data.evaluate(right[None]).items()} == {
        "train_accuracy": [1.0], "test_accuracy": [1.0]
    }  # fmt: skip
    outputs = [torch.nn.functional.one_hot(part.c, 12) for part in (data.train, data.test)]
    assert torch.equal(data.answers(*outputs).long(), data.results)


def test_a_net_learns_division():
    task = ModularFunction(p=5, observed=10, function="n/m")
    ours = QuadraticNet(width=20).objective(task.draw(0), 0)
    columns, table = ours.observe(ours.initial)
    assert int((table < 0).sum()) == 5
    assert columns["train_loss"] > 0


def test_the_training_set_is_the_asked_share_of_all_pairs():
    data = ModularFunction(p=97, observed=0.49).draw(3)
    assert len(data.train.a) == int(0.49 * 97**2)
    assert len(data.train.a) + len(data.test.a) == 97**2
    assert torch.equal(data.train.c, (data.train.a + data.train.b) % 97)


def test_n_runs_down_the_table_and_m_across():
    data = ModularFunction(p=7, observed=0.5, function="2*n + m^2").draw(0)
    assert data.results.tolist() == [[(2 * n + m * m) % 7 for m in range(7)] for n in range(7)]
