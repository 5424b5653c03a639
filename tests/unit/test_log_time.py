"""The clock of the flow down log L against quadrature and against losses whose time is known."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from grokking.dynamics.flow.log_time import log10_time


def test_time_is_the_integral_of_one_over_the_loss():
    """With log L linear between observations, rising and falling."""
    tau, log_loss = np.array([0.0, 0.5, 2.0, 2.5]), np.array([-1.0, -0.2, -3.0, -3.0])
    integral, _ = quad(lambda x: math.exp(-np.interp(x, tau, log_loss)), 0, 2.5, points=tau.tolist())
    found = log10_time(tau, log_loss)
    assert found[0] == 0
    assert found[-1] == pytest.approx(math.log10(1 + integral))


def test_time_of_an_exponentially_falling_loss():
    """L = e^(-aτ) gives t = (e^(aτ) - 1)/a exactly, however sparse the observations, and beyond every float."""
    a, tau = 2.0, np.array([0.0, 0.1, 1.0, 30.0, 5000.0])
    found = log10_time(tau, -a * tau)
    exact = [math.log10(1 + math.expm1(a * x) / a) for x in tau[:4]]
    assert found[:4] == pytest.approx(exact)
    assert found[4] == pytest.approx((a * tau[4] - math.log(a)) / math.log(10))


def test_time_of_a_constant_loss():
    assert log10_time(np.array([0.0, 3.0]), np.log([0.5, 0.5])) == pytest.approx([0, math.log10(7)])
