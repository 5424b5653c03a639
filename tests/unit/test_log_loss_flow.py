"""The flow down log L is the flow down L in another time; and the time itself."""

import math

import numpy as np
import pytest
import torch

from grokking.dynamics import GradientFlow, LogLossFlow, observation_steps
from grokking.models import TwoLayerNet
from grokking.tasks import ModularAddition
from grokking.theory import log10_time
from tests.unit.test_dynamics import last

DATA = ModularAddition(p=5, observed=0.8).draw(0)
NET = TwoLayerNet(width=16, activation="gelu", dtype="float64")


def test_flow_down_the_logarithm_passes_through_the_same_nets():
    """dθ/dτ = -∇ log L and dt = dτ/L: after τ the net is where the flow down L is at t = ∫ dτ/L."""
    logarithmic = NET.log_loss_system(DATA, 0.0, seed=1)
    flow, state = LogLossFlow(tolerance=1e-4), None
    taus, losses = [0.0], [logarithmic.observe(0.0, logarithmic.initial)[0]["log_train_loss"]]
    while losses[-1] > -2:
        state = last(flow, logarithmic, len(taus), 0.5, state)
        taus.append(state.time)
        losses.append(logarithmic.observe(0.0, state.y)[0]["log_train_loss"])
    t = 10 ** log10_time(np.array(taus), np.array(losses))[-1] - 1
    plain = NET.descent_system(DATA, 0.0, seed=1)
    same = last(GradientFlow(tolerance=1e-4), plain, 1, t)
    torch.testing.assert_close(same.y, state.y, rtol=0, atol=1e-2 * float(state.y.abs().max()))


def test_time_of_an_exponentially_falling_loss():
    """L = e^(-aτ) gives t = (e^(aτ) - 1)/a exactly, however sparse the observations, and beyond every float."""
    a, tau = 2.0, np.array([0.0, 0.1, 1.0, 30.0, 5000.0])
    found = log10_time(tau, -a * tau)
    exact = [math.log10(1 + math.expm1(a * x) / a) for x in tau[:4]]
    assert found[:4] == pytest.approx(exact)
    assert found[4] == pytest.approx((a * tau[4] - math.log(a)) / math.log(10))


def test_time_of_a_constant_loss():
    assert log10_time(np.array([0.0, 3.0]), np.log([0.5, 0.5])) == pytest.approx([0, math.log10(7)])


def test_late_observations_are_also_even_in_step():
    steps = observation_steps(9000, 12, even=120)
    assert steps[0] == 0
    assert steps[-1] == 9000
    assert steps == sorted(set(steps))
    assert max(np.diff(steps)) <= 9000 / 120 + 1
