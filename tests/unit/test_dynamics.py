"""The integrator against closed forms, its own theory and SciPy; gradient descent against torch's."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from grokking.dynamics import Divergence, GradientDescent, GradientFlow, observation_steps
from grokking.dynamics.flow.rkl2 import coefficients, rkl2_step, stability_limit, stages_for
from grokking.dynamics.flow.spectral_radius import spectral_radius
from grokking.models import DiagonalNet, Factorization
from grokking.tasks import MultiplicationTable, SparseClassification


@dataclass
class Problem:
    """y' = f(t, y) as a system that is only integrated."""

    f: object
    initial: torch.Tensor
    calls: int = 0

    def velocity(self, t, y):
        self.calls += 1
        return self.f(t, y)

    def error_scale(self, y):
        return y.norm()


def vector(*values):
    return torch.tensor(values, dtype=torch.float64)


def last(dynamics, system, step, learning_rate=1.0, state=None):
    return list(dynamics.advance(system, state or dynamics.start(system), step, learning_rate))[-1]


def fixed_steps(f, y, h, stages, end):
    t = 0.0
    while t < end - h / 2:
        y = rkl2_step(f, t, y, f(t, y), h, stages)
        t += h
    return y


@pytest.mark.parametrize("stages", [3, 5, 9, 21])
def test_rkl2_is_of_second_order(stages):
    """y' = -y² + cos t has no closed form; y' = cos(t) y has: y = exp(sin t)."""

    def f(t, y):
        return math.cos(t) * y

    errors = [abs(fixed_steps(f, vector(1.0), h, stages, 2.0).item() - math.exp(math.sin(2.0))) for h in (0.1, 0.05)]
    assert math.log2(errors[0] / errors[1]) == pytest.approx(2, abs=0.25)


@pytest.mark.parametrize("stages", [3, 5, 9, 21, 99])
def test_rkl2_nodes_integrate_time_exactly(stages):
    y = rkl2_step(lambda t, y: torch.full_like(y, t), 1.0, vector(0.0), vector(1.0), 0.5, stages)
    assert y.item() == pytest.approx((1.5**2 - 1) / 2, abs=1e-12)
    assert coefficients(stages)[-1][4] == pytest.approx(1)


@pytest.mark.parametrize("stages", [3, 5, 9, 21, 99])
def test_rkl2_is_stable_up_to_its_limit_and_not_far_beyond(stages):
    def amplification(z):
        return abs(rkl2_step(lambda t, y: -z * y, 0.0, vector(1.0), vector(-z), 1.0, stages).item())

    limit = stability_limit(stages)
    assert max(amplification(z) for z in np.linspace(1e-6, limit, 400)) <= 1 + 1e-12
    assert amplification(1.2 * limit) > 1


@given(st.floats(0, 1e5))
def test_stage_count_is_enough_and_not_wasteful(h_rho):
    stages = stages_for(h_rho)
    assert stages % 2 == 1
    assert stability_limit(stages) >= h_rho * (1 - 1e-12)
    assert stages == 3 or stability_limit(stages - 2) < h_rho


@pytest.mark.parametrize("block", range(5))
def test_spectral_radius_is_close_and_seldom_low(block):
    ratios = [estimated_over_true_radius(seed) for seed in range(200 * block, 200 * (block + 1))]
    assert max(ratios) <= 1.2 + 1e-9
    assert min(ratios) > 0.8
    assert sum(ratio < 1 for ratio in ratios) < 10


def estimated_over_true_radius(seed):
    rng = np.random.default_rng(seed)
    Q, _ = np.linalg.qr(rng.standard_normal((12, 12)))
    eigenvalues = -rng.uniform(0.1, 50, 12)
    A = torch.from_numpy(Q * eigenvalues @ Q.T)
    y = torch.from_numpy(rng.standard_normal(12))
    radius, _, evaluations = spectral_radius(lambda y: A @ y, y, A @ y, A @ y)
    assert evaluations <= 50
    return radius / -eigenvalues.min()


def test_spectral_radius_of_a_constant_velocity_is_zero():
    zero, one = vector(0.0, 0.0), vector(1.0, 1.0)
    radius, direction, _ = spectral_radius(torch.ones_like, zero, one, one)
    assert radius == 0
    assert torch.equal(direction, one)


def test_spectral_radius_finds_a_mode_absent_from_the_start():
    rates = vector(1e5, 1.0, 0.1)
    y = vector(0.0, 1.0, 1.0)
    radius, _, _ = spectral_radius(lambda y: -rates * y, y, -rates * y, -rates * y)
    assert 1e5 <= radius <= 1.3e5


@pytest.mark.parametrize("tolerance", [1e-2, 1e-4, 1e-6])
def test_flow_follows_a_stiff_linear_problem(tolerance):
    rates = vector(1e5, 1e2, 1.0, 0.01)
    system = Problem(lambda t, y: -rates * (y - math.cos(0.1 * t)), vector(1.0, 2.0, 3.0, 4.0))
    state = last(GradientFlow(tolerance), system, 20)

    def rhs(t, y):
        return (-rates * (torch.from_numpy(y) - math.cos(0.1 * t))).numpy()

    exact = solve_ivp(rhs, (0, 20), system.initial.numpy(), "Radau", rtol=1e-11, atol=1e-12).y[:, -1]
    assert np.linalg.norm(state.y.numpy() - exact) <= 30 * tolerance * np.linalg.norm(exact)
    assert state.evaluations < 20 * 1e5 / 2 / 20  # steps of 2/ρ would need 20 times as many
    assert state.time == 20


def test_flow_counts_its_evaluations():
    system = Problem(lambda t, y: -y, vector(1.0))
    state = last(GradientFlow(), system, 5)
    assert state.evaluations == system.calls


@pytest.mark.parametrize("tolerances", [(1e-2, 1e-3), (1e-3, 1e-5)])
def test_tighter_tolerance_is_more_accurate(tolerances):
    def system():
        return Problem(lambda t, y: -(y**3), vector(1.0, 2.0))

    exact = 1 / torch.sqrt(1 / system().initial ** 2 + 2 * 10)
    errors = [float((last(GradientFlow(tol), system(), 10).y - exact).norm()) for tol in tolerances]
    assert errors[1] < errors[0] / 2


def test_flow_agrees_with_scipy_on_a_matrix_completion():
    data = MultiplicationTable(d=5, observed=0.6).draw(0)
    system = Factorization(2.0).flow_system(data, 0.01, seed=0)

    def rhs(t, y):
        return system.velocity(t, torch.from_numpy(y).reshape(2, 5, 5)).flatten().numpy()

    exact = solve_ivp(rhs, (0, 300), system.initial.flatten().numpy(), "Radau", rtol=1e-10, atol=1e-12).y[:, -1]
    found = last(GradientFlow(1e-5), system, 300)
    np.testing.assert_allclose(found.y.flatten().numpy(), exact, atol=2e-4)


def test_flow_resumes_with_the_same_bytes():
    data = SparseClassification(n=8, d=40, k=3).draw(0)
    system = DiagonalNet(2.0).flow_system(data, 1e-2, seed=0)
    flow = GradientFlow()
    states = list(flow.advance(system, flow.start(system), 500, 0.5))
    middle = states[len(states) // 2]
    assert 0 < middle.time < 250
    assert torch.equal(last(flow, system, 500, 0.5, middle).y, states[-1].y)


def test_flow_names_a_divergence():
    system = Problem(lambda t, y: y**3, vector(1.0))  # blows up at t = 1/2
    with pytest.raises(Divergence, match=r"diverged at time 0\.(4|5)"):
        last(GradientFlow(), system, 10)


def test_largest_step_bounds_every_step_by_the_elapsed_time():
    system = Problem(lambda t, y: -y, vector(1.0))
    flow = GradientFlow(1.0, largest_step=0.1)
    times = [state.time for state in flow.advance(system, flow.start(system), 100, 1.0)]
    assert all(now - before <= 0.1 * max(before, 1) * (1 + 1e-12) for before, now in pairwise(times))


def test_steps_to_a_target_are_even():
    """A short last step would cost as many evaluations as a long one."""
    system = Problem(lambda t, y: -y, vector(1.0))
    flow = GradientFlow(1.0, largest_step=0.3)
    start = last(flow, system, 10)
    steps = np.diff([10.0, *(state.time for state in flow.advance(system, start, 14, 1.0))])
    assert 2 <= len(steps) <= 4
    np.testing.assert_allclose(steps, steps[0])


def test_stage_factor_takes_more_stages():
    assert [stages_for(100.0, factor) for factor in (1.0, 1.5, 2.0)] == [15, 21, 29]


def test_flow_slides_along_a_kink():
    """y' = -sign(x) (1, 0.1) + (0, 1): x reaches 0 and stays, chattering; y then moves by the mean velocity."""

    def f(t, y):
        side = torch.sign(y[0])
        return torch.stack([-side, 1.0 - 0.1 * side])

    state = last(GradientFlow(1.0, largest_step=0.1, stage_factor=1.5), Problem(f, vector(1.0, 0.0)), 50)
    assert abs(state.y[0].item()) < 0.1 * 50  # no more than one step
    assert state.y[1].item() == pytest.approx(0.9 + 49, rel=0.02)


def test_a_layer_at_zero_is_followed_as_closely_as_one_that_is_large():
    """An error small beside the whole state would be free to ruin a part of it that starts from 0."""

    @dataclass
    class TwoParts(Problem):
        def error_scale(self, y):
            return y.abs()

    def f(t, y):
        return torch.stack([0 * y[0], 1.0 - 1e3 * y[1]])

    system = TwoParts(f, vector(1e6, 0.0))
    assert last(GradientFlow(1e-2), system, 1).y[1].item() == pytest.approx(1e-3, rel=1e-3)


def test_flow_stays_at_a_fixed_point():
    system = Problem(lambda t, y: torch.zeros_like(y), vector(1.0, 2.0))
    torch.testing.assert_close(last(GradientFlow(), system, 1000).y, system.initial)


def test_descent_is_torch_sgd_with_weight_decay():
    data = MultiplicationTable(d=6, observed=0.5).draw(1)
    system = Factorization(1.0).descent_system(data, 0.05, seed=0)
    theta = system.initial.clone().requires_grad_()
    optimizer = torch.optim.SGD([theta], lr=0.1, weight_decay=0.05)
    for _ in range(2500):
        optimizer.zero_grad()
        W = theta[0] @ theta[0].T - theta[1] @ theta[1].T
        (W - data.target)[data.observed].square().mean().backward()
        optimizer.step()
    state = last(GradientDescent(), system, 2500, 0.1)
    torch.testing.assert_close(state.y, theta.detach(), rtol=1e-9, atol=1e-12)
    assert state.evaluations == 2500
    assert state.time == pytest.approx(250)


def test_descent_tends_to_the_flow():
    """The difference between the two is of first order in the step."""
    data = MultiplicationTable(d=5, observed=0.6).draw(0)
    system = Factorization(1.0).descent_system(data, 0.01, seed=0)
    flow = last(GradientFlow(1e-6), system, 20).y
    errors = [float((last(GradientDescent(), system, int(20 / eta), eta).y - flow).norm()) for eta in (0.02, 0.01)]
    assert errors[0] / errors[1] == pytest.approx(2, abs=0.2)


def test_dual_flow_agrees_with_descent_on_a_diagonal_net():
    """The paper's algorithm on θ = (u, v) against the reduced flow, past the escape from the kernel regime."""
    data = SparseClassification(n=10, d=60, k=1).draw(0)
    net, eta, steps = DiagonalNet(4.0), 0.02, 40_000
    descent, flow = net.descent_system(data, 1e-2, seed=0), net.flow_system(data, 1e-2, seed=0)
    theta, s = last(GradientDescent(), descent, steps, eta), last(GradientFlow(1e-3), flow, steps, eta)
    assert flow.observe(s.time, s.y)[0] == pytest.approx(descent.observe(theta.time, theta.y)[0], rel=1e-3)
    w = flow.predictors(vector(s.time), s.y[None])[0]
    torch.testing.assert_close(w, descent.observe(0.0, theta.y)[1], rtol=0.01, atol=1e-4)


def test_descent_names_a_divergence():
    system = Factorization(10.0).descent_system(MultiplicationTable(d=6, observed=0.5).draw(0), 0.0, seed=0)
    with pytest.raises(Divergence, match="learning_rate 5: the parameters are no longer finite"):
        last(GradientDescent(), system, 5000, 5.0)


@given(st.integers(1, 10**9), st.integers(1, 40), st.integers(1, 200))
def test_further_observations_are_evenly_spaced(total, per_decade, even):
    steps = observation_steps(total, per_decade, even)
    assert steps == sorted(set(steps))
    assert set(observation_steps(total, per_decade)) <= set(steps)
    assert max(np.diff(steps)) <= total / even + 1


@given(st.integers(1, 10**9), st.integers(1, 40))
def test_observations_are_spread_over_the_log_axis(total, per_decade):
    steps = observation_steps(total, per_decade)
    assert steps[:2] == [0, 1]
    assert steps[-1] == total
    assert steps == sorted(set(steps))
    assert len(steps) <= per_decade * math.log10(max(total, 10)) + 3
