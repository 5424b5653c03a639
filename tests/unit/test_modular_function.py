"""Polynomials modulo p, and the tables they make, against Python's own integers."""

import numpy as np
import pytest
import torch

from grokking.specs.fields import ConfigError, build_part
from grokking.specs.tasks import TASKS, ModularFunction
from grokking.tasks import draw
from grokking.tasks.expression import evaluate, power

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
        "__import__('os').system('true')", "n.real", "n[0]", "f(n)", "n / m", "n // m", "n % 2", "n^-1", "n^m",
        "2^(9^9)", "n if m else n", "lambda: n", "x + 1", "n +", "", "1.5*n", "True*n", "'n'", "[n]",
        "n" + " + n" * 60, "n^10000",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text):
    with pytest.raises(ConfigError, match="task") as error:
        build_part(TASKS, {"name": "modular_function", "p": 11, "observed": 0.5, "function": text}, "task")
    assert str(error.value).count("\n") == 0


def test_the_training_set_is_the_asked_share_of_all_pairs():
    data = draw(ModularFunction(p=97, observed=0.49), 3)
    assert len(data.train.a) == int(0.49 * 97**2)
    assert len(data.train.a) + len(data.test.a) == 97**2
    assert torch.equal(data.train.c, (data.train.a + data.train.b) % 97)


def test_n_runs_down_the_table_and_m_across():
    data = draw(ModularFunction(p=7, observed=0.5, function="2*n + m^2"), 0)
    assert data.results.tolist() == [[(2 * n + m * m) % 7 for m in range(7)] for n in range(7)]
