"""The integrators against closed forms, their own theory and SciPy; gradient descent against the flow."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from grokking.dynamics.flow.adaptive_descent import EulerIntegrator
from grokking.dynamics.flow.gradient_flow import FlowIntegrator, FlowState
from grokking.dynamics.flow.motion import FlowMotion
from grokking.dynamics.flow.rkl2 import coefficients, rkl2_step, stages_for
from grokking.dynamics.flow.spectral_radius import spectral_radius
from grokking.dynamics.gradient_descent import GradientDescent
from grokking.dynamics.steps.descent import Descent
from grokking.failures import Divergence
from grokking.models.diagonal_net import DiagonalNet
from grokking.models.factorization import Factorization
from grokking.models.two_layer_net import TwoLayerNet
from grokking.runs.checkpoint import Checkpoint
from grokking.store.observations import observation_steps
from grokking.tasks.modular_addition import ModularAddition
from grokking.tasks.multiplication_table import MultiplicationTable
from grokking.tasks.sparse_classification import SparseClassification


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

    def rounding(self, y, dy):
        return 0.0


def vector(*values):
    return torch.tensor(values, dtype=torch.float64)


def last(integrator, system, end, state=None):
    return list(integrator.advance(system, state or integrator.start(system), end))[-1]


def flow_of(model, data, weight_decay, seed=0):
    return model.objective(data, seed).flow(weight_decay)


def descended(model, data, weight_decay, steps, learning_rate):
    """The last state of gradient descent."""
    descent = Descent(GradientDescent(), model.objective(data, 0), learning_rate, weight_decay, steps, 0)
    return list(descent.advance(descent.start(), steps))[-1]


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


def stability_limit(stages):
    """The largest stable hρ (Meyer, Balsara, Aslam 2014, eq. (18))."""
    return (stages**2 + stages - 2) / 2


@pytest.mark.parametrize("stages", [3, 5, 9, 21, 99])
def test_rkl2_is_stable_up_to_its_limit_and_not_far_beyond(stages):
    def amplification(z):
        return abs(rkl2_step(lambda t, y: -z * y, 0.0, vector(1.0), vector(-z), 1.0, stages).item())

    limit = stability_limit(stages)
    assert max(amplification(z) for z in np.linspace(1e-6, limit, 400)) <= 1 + 1e-12
    assert amplification(1.2 * limit) > 1


@given(st.floats(0, 1e5, allow_subnormal=False))
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
    state = last(FlowIntegrator(tolerance), system, 20)

    def rhs(t, y):
        return (-rates * (torch.from_numpy(y) - math.cos(0.1 * t))).numpy()

    exact = solve_ivp(rhs, (0, 20), system.initial.numpy(), "Radau", rtol=1e-11, atol=1e-12).y[:, -1]
    assert np.linalg.norm(state.y.numpy() - exact) <= 30 * tolerance * np.linalg.norm(exact)
    assert state.evaluations < 20 * 1e5 / 2 / 20  # steps of 2/ρ would need 20 times as many
    assert state.time == 20


def test_flow_counts_its_evaluations():
    system = Problem(lambda t, y: -y, vector(1.0))
    state = last(FlowIntegrator(), system, 5)
    assert state.evaluations == system.calls


@pytest.mark.parametrize("tolerances", [(1e-2, 1e-3), (1e-3, 1e-5)])
def test_tighter_tolerance_is_more_accurate(tolerances):
    def system():
        return Problem(lambda t, y: -(y**3), vector(1.0, 2.0))

    exact = 1 / torch.sqrt(1 / system().initial ** 2 + 2 * 10)
    errors = [float((last(FlowIntegrator(tol), system(), 10).y - exact).norm()) for tol in tolerances]
    assert errors[1] < errors[0] / 2


def test_flow_agrees_with_scipy_on_a_matrix_completion():
    data = MultiplicationTable(d=5, observed=0.6).draw(0)
    system = flow_of(Factorization(2.0), data, 0.01)

    def rhs(t, y):
        return system.velocity(t, torch.from_numpy(y).reshape(2, 5, 5)).flatten().numpy()

    exact = solve_ivp(rhs, (0, 300), system.initial.flatten().numpy(), "Radau", rtol=1e-10, atol=1e-12).y[:, -1]
    found = last(FlowIntegrator(1e-5), system, 300)
    np.testing.assert_allclose(found.y.flatten().numpy(), exact, atol=2e-4)


FLOWS = [
    (FlowIntegrator(), SparseClassification(n=8, d=40, k=3), DiagonalNet(2.0)),
    (FlowIntegrator(1e-2), ModularAddition(p=5, observed=0.8), TwoLayerNet(width=16)),
    (EulerIntegrator(1e-2), MultiplicationTable(d=5, observed=0.6), Factorization(2.0)),
]


def observed(integrator, task, model, points_per_decade):
    """Every state that was looked at by its step, and the last state of the integrator."""
    motion = FlowMotion(integrator, flow_of(model, task.draw(0), 1e-2), 0.5, 200)
    state, seen = motion.start(), {}
    for step in observation_steps(200, points_per_decade):
        for following in motion.advance(state, step):
            state = following
        seen[step] = motion.at(state, step)[1]
    return seen, state


@pytest.mark.parametrize(("dynamics", "task", "model"), FLOWS)
def test_a_flow_resumes_from_a_checkpoint_with_the_same_bytes(dynamics, task, model, tmp_path):
    system = flow_of(model, task.draw(0), 1e-2)
    states = list(dynamics.advance(system, dynamics.start(system), 100.0))
    for kept in (dynamics.start(system), states[0], states[1], states[len(states) // 2]):
        Checkpoint(kept, [], []).save(tmp_path / "state", "here")
        resumed = Checkpoint.load(tmp_path / "state", "here", dynamics.state_type, torch.device("cpu")).state
        *_, end = dynamics.advance(system, resumed, 100.0)
        assert torch.equal(end.y, states[-1].y)
        assert end.evaluations == states[-1].evaluations
        middle = (resumed.time_before + resumed.time) / 2
        assert torch.equal(dynamics.at(resumed, middle), dynamics.at(kept, middle))


@pytest.mark.parametrize(("dynamics", "task", "model"), FLOWS)
def test_looking_changes_neither_cost_nor_result(dynamics, task, model):
    (few, one), (many, other) = (observed(dynamics, task, model, points) for points in (2, 24))
    assert len(many) > 5 * len(few)
    assert one.evaluations == other.evaluations
    assert torch.equal(one.y, other.y)
    common = few.keys() & many.keys()
    assert len(common) >= 3
    assert all(torch.equal(few[step], many[step]) for step in common)


@pytest.mark.parametrize(("dynamics", "share"), [(FlowIntegrator(1e-4), 3), (EulerIntegrator(1e-4), 30)])
def test_dense_output_is_as_exact_as_the_steps(dynamics, share):
    """y' = cos(t) y: y = exp(sin t)."""
    state = dynamics.start(Problem(lambda t, y: math.cos(t) * y, vector(1.0)))
    errors = {"ends": 0.0, "between": 0.0}
    for following in dynamics.advance(Problem(lambda t, y: math.cos(t) * y, vector(1.0)), state, 6.0):
        before, state = state, following
        if state.time > before.time:
            assert torch.equal(dynamics.at(state, state.time), state.y)
            assert torch.equal(dynamics.at(state, state.time_before), before.y)
        for name, part in (("ends", 1.0), ("between", 0.3), ("between", 0.5), ("between", 0.8)):
            t = state.time_before + part * (state.time - state.time_before)
            errors[name] = max(errors[name], abs(float(dynamics.at(state, t)) - math.exp(math.sin(t))))
    assert errors["ends"] > 1e-6
    assert errors["between"] <= errors["ends"] + share * 1e-4


def test_dense_output_is_of_third_order():
    def error(h):
        y = {t: vector(math.exp(t)) for t in (0.0, 0.7 * h, 1.7 * h)}
        state = FlowState(1.7 * h, y[1.7 * h], y[0.0], 0.7 * h, y[0.7 * h], 0.0, y[0.0], y[0.0], 1.0, 1.0)
        return abs(float(FlowIntegrator().at(state, 1.2 * h)) - math.exp(1.2 * h))

    assert math.log2(error(0.02) / error(0.01)) == pytest.approx(3, abs=0.05)


def sizes(dynamics, system, end):
    """(time, step) of every accepted step, and how many were rejected."""
    state, steps, rejected = dynamics.start(system), [], 0
    for following in dynamics.advance(system, state, end):
        accepted = following.time > state.time
        if accepted:
            steps.append((following.time, following.time - state.time))
        rejected += not accepted
        state = following
    return np.array(steps), rejected, state


def test_steps_are_short_where_the_flow_bends_and_long_elsewhere():
    """y = atan(3 (t - 30)): a bend of width 1/3 on a long way."""
    system = Problem(lambda t, y: torch.full_like(y, 3 / (1 + 9 * (t - 30) ** 2)), vector(math.atan(-90)))
    steps, rejected, state = sizes(FlowIntegrator(1e-3), system, 300.0)
    assert steps[np.abs(steps[:, 0] - 30) < 0.5, 1].max() < 0.2
    assert steps[:, 1].max() > 10
    assert rejected < len(steps) / 3
    assert state.y.item() == pytest.approx(math.atan(810), abs=30 * 1e-3 * 1.57)


def test_steps_see_through_chatter():
    """On the plateau of a ReLU net RKC's estimate is many times the tolerance at steps that follow the flow."""
    system = flow_of(TwoLayerNet(width=64), ModularAddition(p=11, observed=0.7).draw(0), 1e-3)
    flow, estimates = FlowIntegrator(1e-2), []
    state = flow.start(system)
    for following in flow.advance(system, state, 1500.0):
        if following.time > max(state.time, 1000):
            slopes = (state.dy + following.dy) * (0.4 * (following.time - state.time))
            estimates.append(float((0.8 * (state.y - following.y) + slopes).norm() / state.y.norm()))
        state = following
    assert np.median(estimates) > 5 * flow.tolerance
    tight = last(FlowIntegrator(1e-3), system, 1500)
    assert state.evaluations < tight.evaluations / 3
    found, exact = (system.observe(0.0, y)[0] for y in (state.y, tight.y))
    assert found["train_loss"] == pytest.approx(exact["train_loss"], rel=0.05)
    assert found["parameter_norm"] == pytest.approx(exact["parameter_norm"], rel=0.01)


def test_stage_factor_takes_more_stages():
    assert [stages_for(100.0, factor) for factor in (1.0, 1.5, 2.0)] == [15, 21, 29]


def test_a_jump_in_a_short_step_is_seen():
    """After steps of 10 a third difference divides a jump within a step of 1 by their length."""

    def jump(t, y):
        return y * (t > 20) * 10

    one = vector(1.0)
    state = FlowState(20.0, one, 0 * one, 10.0, one, 0.0, one, one, radius=1.0, step=1.0)
    following = next(FlowIntegrator(1e-2).advance(Problem(jump, one), state, 100.0))
    assert following.time == 20
    assert following.step < 1


def test_a_stiffness_that_grows_is_met_in_time():
    """y' = -e^(t/5) (y - cos t): a ρ twenty steps old is several times too low, and the steps unstable."""
    system = Problem(lambda t, y: -math.exp(t / 5) * (y - math.cos(t)), vector(1.0, 0.0))
    state = FlowIntegrator(1e-2).start(system)
    for following in FlowIntegrator(1e-2).advance(system, state, 60.0):
        if following.radius_age > 1:  # it was not estimated just before the step
            assert state.expected_radius >= math.exp(following.time / 5)
        state = following
    torch.testing.assert_close(state.y, torch.full_like(state.y, math.cos(60)), rtol=0, atol=3e-2)


@pytest.mark.parametrize(("dtype", "ends"), [("float32", False), ("float64", True)])
def test_a_flow_beyond_the_digits_of_its_floats_ends_with_the_cure(dtype, ends, monkeypatch):
    """Without weight decay the loss falls without end, and float32 loses it first."""
    monkeypatch.setattr("grokking.dynamics.flow.gradient_flow.MOST_TRIES", 150)
    system = flow_of(TwoLayerNet(width=64, dtype=dtype), ModularAddition(p=11, observed=0.7).draw(0), 0.0)
    if ends:
        assert last(FlowIntegrator(1e-2), system, 1e60).time == 1e60
    else:
        with pytest.raises(Divergence, match=r"(stalls|lost to rounding) at time .*e\+\d\d: .*float64.* log_loss_flow"):
            last(FlowIntegrator(1e-2), system, 1e60)


def test_a_gradient_that_is_rounding_error_is_named():
    @dataclass
    class Noisy(Problem):
        def rounding(self, y, dy):
            return 0.6

    with pytest.raises(Divergence, match="rounding errors of float64 make 60% of it; choose dtype: float64"):
        last(FlowIntegrator(), Noisy(lambda t, y: -y, vector(1.0)), 100)


def test_residuals_keep_their_digits_in_float32():
    """Formed as softmax - 1 the gradient was rounding error from L = 1e-7 on, and ‖θ‖ ran away."""
    data = ModularAddition(p=11, observed=0.7).draw(0)
    norms = [
        float(last(FlowIntegrator(1e-2), flow_of(TwoLayerNet(width=64, dtype=dtype), data, 0.0), 1e13).y.norm())
        for dtype in ("float32", "float64")
    ]
    assert norms[0] == pytest.approx(norms[1], rel=0.01)


def test_flow_names_a_divergence():
    system = Problem(lambda t, y: y**3, vector(1.0))  # blows up at t = 1/2
    with pytest.raises(Divergence, match=r"diverged at time 0\.(4|5)"):
        last(FlowIntegrator(), system, 10)


def test_a_layer_at_zero_is_followed_as_closely_as_one_that_is_large():
    """An error small beside the whole state would be free to ruin a part of it that starts from 0."""

    @dataclass
    class TwoParts(Problem):
        def error_scale(self, y):
            return y.abs()

    def f(t, y):
        return torch.stack([0 * y[0], 1.0 - 1e3 * y[1]])

    system = TwoParts(f, vector(1e6, 0.0))
    assert last(FlowIntegrator(1e-2), system, 1).y[1].item() == pytest.approx(1e-3, rel=1e-3)


def test_flow_stays_at_a_fixed_point():
    system = Problem(lambda t, y: torch.zeros_like(y), vector(1.0, 2.0))
    torch.testing.assert_close(last(FlowIntegrator(), system, 1000).y, system.initial)


def test_descent_is_torch_sgd_with_weight_decay():
    data = MultiplicationTable(d=6, observed=0.5).draw(1)
    theta = Factorization(1.0).objective(data, 0).initial.clone().requires_grad_()
    optimizer = torch.optim.SGD([theta], lr=0.1, weight_decay=0.05)
    for _ in range(2500):
        optimizer.zero_grad()
        W = theta[0] @ theta[0].T - theta[1] @ theta[1].T
        (W - data.target)[data.observed].square().mean().backward()
        optimizer.step()
    state = descended(Factorization(1.0), data, 0.05, 2500, 0.1)
    torch.testing.assert_close(state.y, theta.detach(), rtol=1e-9, atol=1e-12)
    assert state.evaluations == 2500
    assert state.time == pytest.approx(250)


def test_descent_tends_to_the_flow():
    """The difference between the two is of first order in the step."""
    data = MultiplicationTable(d=5, observed=0.6).draw(0)
    flow = last(FlowIntegrator(1e-6), flow_of(Factorization(1.0), data, 0.01), 20).y
    ends = [descended(Factorization(1.0), data, 0.01, int(20 / eta), eta).y for eta in (0.02, 0.01)]
    errors = [float((end - flow).norm()) for end in ends]
    assert errors[0] / errors[1] == pytest.approx(2, abs=0.2)


def test_dual_flow_agrees_with_descent_on_a_diagonal_net():
    """The paper's algorithm on θ = (u, v) against the reduced flow, past the escape from the kernel regime."""
    data = SparseClassification(n=10, d=60, k=1).draw(0)
    net, eta, steps = DiagonalNet(4.0), 0.02, 40_000
    primal, dual = net.objective(data, 0), flow_of(net, data, 1e-2)
    theta, s = descended(net, data, 1e-2, steps, eta), last(FlowIntegrator(1e-3), dual, steps * eta)
    assert dual.observe(s.time, s.y)[0] == pytest.approx(primal.observe(theta.y)[0], rel=1e-3)
    w = dual.predictors(vector(s.time), s.y[None])[0]
    torch.testing.assert_close(w, primal.observe(theta.y)[1], rtol=0.01, atol=1e-4)


def test_descent_names_a_divergence():
    data = MultiplicationTable(d=6, observed=0.5).draw(0)
    with pytest.raises(Divergence, match="learning_rate 5: the parameters are no longer finite"):
        descended(Factorization(10.0), data, 0.0, 5000, 5.0)


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
