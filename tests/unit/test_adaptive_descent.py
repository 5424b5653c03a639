"""Adaptive descent on problems with a closed form, and its failures."""

import math

import pytest
import torch

from grokking.dynamics.adaptive_descent import AdaptiveDescent
from grokking.dynamics.flow.adaptive_descent import EulerIntegrator
from grokking.dynamics.gradient_flow import GradientFlow
from grokking.failures import Divergence
from grokking.models.diagonal_net import DiagonalNet
from grokking.specs.run import RunSpec
from grokking.tasks.sparse_classification import SparseClassification
from tests.unit.test_dynamics import Problem, last, vector


def error_at(tolerance):
    system = Problem(lambda t, y: -(y**3), vector(1.0, 2.0))
    state = last(EulerIntegrator(tolerance), system, 10)
    assert state.evaluations == system.calls
    assert state.time == 10
    exact = 1 / torch.sqrt(1 / system.initial**2 + 2 * 10)
    return float((state.y - exact).norm()), state.evaluations


def test_error_follows_the_tolerance():
    """A first-order method with local error ~ h²: ten times the accuracy asks for √10 times the steps or more."""
    loose, few = error_at(1e-3)
    tight, many = error_at(1e-5)
    assert tight < loose / 5
    assert many > 5 * few


def test_steps_grow_to_the_limit_of_stability_and_no_further():
    system = Problem(lambda t, y: -vector(100.0, 0.1) * y, vector(1.0, 1.0))
    state = last(EulerIntegrator(1e-2), system, 50)
    assert float(state.y[1]) == pytest.approx(math.exp(-5), rel=0.05)
    assert 50 * 100 / 2 / 2 < state.evaluations < 3 * 50 * 100 / 2


def test_divergence_is_named():
    system = Problem(lambda t, y: y**3, vector(1.0))  # blows up at t = 1/2
    with pytest.raises(Divergence, match=r"adaptive descent diverged at time 0\.(4|5)"):
        last(EulerIntegrator(1e-3), system, 10)


def test_fixed_point():
    system = Problem(lambda t, y: torch.zeros_like(y), vector(1.0, 2.0))
    torch.testing.assert_close(last(EulerIntegrator(1e-3), system, 1000).y, system.initial)


def test_a_diagonal_net_is_followed_in_its_own_coordinates():
    """The dual unknowns start at 0, where a step relative to their size cannot begin."""
    task, model = SparseClassification(n=8, d=20, k=3), DiagonalNet(2.0)
    ends = []
    for dynamics in (AdaptiveDescent(1e-5), GradientFlow(1e-6)):
        spec = RunSpec(
            task=task, model=model, dynamics=dynamics, learning_rate=1.0, steps=20, seed=0, weight_decay=1e-2
        )
        following = spec.dynamics.motion(model.objective(task.draw(0), 0), spec)
        *_, state = following.advance(following.start(), 20)
        ends.append(following.system.observe(*following.at(state, 20))[0])
    assert ends[0] == pytest.approx(ends[1], rel=1e-2)
