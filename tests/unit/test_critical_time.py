"""The initialisation scale against the initial weights themselves, and the critical time."""

import math

import pytest

from grokking.models.diagonal_net import DiagonalNet
from grokking.models.factorization import Factorization
from grokking.models.two_layer_net import TwoLayerNet
from grokking.tasks.modular_addition import ModularAddition
from grokking.tasks.multiplication_table import MultiplicationTable
from grokking.tasks.sparse_classification import SparseClassification
from grokking.tasks.sparse_regression import SparseRegression
from grokking.theory.critical_time import critical_time

CASES = [
    (SparseClassification(n=12, d=30, k=3), DiagonalNet(2.0)),
    (MultiplicationTable(d=7, observed=0.4), Factorization(3.0)),
    (SparseRegression(n=6, d=15, kappa=2), DiagonalNet(4.0, loss="squared")),
]
ADDITION = ModularAddition(p=5, observed=0.7)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].name)
def test_initial_scale_is_the_size_of_the_first_weights(case):
    task, model = case
    data = task.draw(0)
    assert model.alpha(data) == pytest.approx(float(model.objective(data, 0).initial.max()))


def test_initial_scale_of_a_two_layer_net_multiplies_all_its_weights():
    data = ADDITION.draw(0)
    plain, scaled = (TwoLayerNet(width=8, init_scale=alpha).objective(data, 0).initial for alpha in (1.0, 3.0))
    assert TwoLayerNet(width=8, init_scale=3.0).alpha(data) == pytest.approx(float(scaled.norm() / plain.norm()))


def test_critical_time_of_figure_3():
    assert critical_time(10, 1e-4) / 0.1 == pytest.approx(2.3026e5, rel=1e-4)
    assert critical_time(math.e, 1) == 1
    assert critical_time(1, 1e-3) == critical_time(10, 0) == math.inf


@pytest.mark.parametrize(("alpha", "weight_decay"), [(1.5, 0.3), (10, 1e-4), (1e12, 1e-6)])
def test_at_the_critical_time_decay_alone_has_brought_the_weights_to_size_one(alpha, weight_decay):
    t = critical_time(alpha, weight_decay)
    steps = 10_000
    assert math.log(alpha) + steps * math.log1p(-weight_decay * t / steps) == pytest.approx(
        0, abs=math.log(alpha) ** 2 / steps
    )
