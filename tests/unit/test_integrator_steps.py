"""Steps are as long as the tolerance allows, by the error that was really made; where a run is looked at; how long."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from grokking.dynamics.flow.adaptive_descent import EulerIntegrator
from grokking.dynamics.flow.gradient_flow import FlowIntegrator, FlowState
from grokking.dynamics.flow.local_error import local_error
from grokking.dynamics.flow.motion import FlowMotion
from grokking.dynamics.flow.polynomial import divided_difference, interpolated
from grokking.dynamics.flow.rounding import require_gradient
from grokking.dynamics.gradient_flow import GradientFlow
from grokking.dynamics.steps.batches import Batches
from grokking.failures import Divergence
from grokking.logs import Report
from grokking.models.factorization import Factorization
from grokking.nets.system import relative_size
from grokking.runs.progress import Progress, work
from grokking.specs.run import RunSpec
from grokking.tasks.multiplication_table import MultiplicationTable
from tests.unit.small_runs import KINDS, RELU, TOKENS, spec
from tests.unit.test_dynamics import Problem, last, vector


def local_errors(integrator, rate, end):
    """The errors of the accepted steps after the first few on y' = rate · y, in units of the tolerance times |y|."""
    system = Problem(lambda t, y: rate * y, vector(1.0))
    state, found = integrator.start(system), []
    for following in integrator.advance(system, state, end):
        if following.time > state.time:
            exact = state.y.item() * math.exp(rate * (following.time - state.time))
            found.append(abs(following.y.item() - exact) / integrator.tolerance / max(following.y.abs(), state.y.abs()))
        state = following
    assert len(found) > 20
    return np.array(found[10:-3])


@pytest.mark.parametrize("tolerance", [1e-3, 1e-5])
def test_steps_of_euler_make_the_error_that_is_allowed(tolerance):
    """h²y''/2 is what Euler's step misses; the step aims at 0.81 of the tolerance."""
    found = local_errors(EulerIntegrator(tolerance), rate=0.1, end=30)
    assert 0.7 < np.median(found) < 0.9
    assert found.max() < 1.05


@pytest.mark.parametrize("rate", [0.1, -0.1])
@pytest.mark.parametrize("tolerance", [1e-4, 1e-6])
def test_steps_of_the_flow_make_the_error_that_is_allowed(tolerance, rate):
    """The estimate h³y'''/15 is what a step of many stages misses, and that is to be 0.8³; few miss a bit more."""
    few, many = (local_errors(FlowIntegrator(tolerance, factor), rate, end=60) for factor in (1.0, 8.0))
    assert 0.4 < np.median(many) < 0.55
    assert 0.6 < np.median(few) < 0.9
    assert few.max() < 1


def test_a_polynomial_goes_through_its_values_and_has_their_leading_coefficient():
    times = (0.0, 0.3, 1.1, 1.6)
    values = [vector(2 - t + 3 * t**2 - 0.7 * t**3) for t in times]
    assert divided_difference(times, values).item() == pytest.approx(-0.7)
    assert interpolated(times, values, 0.8).item() == pytest.approx(2 - 0.8 + 3 * 0.8**2 - 0.7 * 0.8**3)


def test_dense_output_of_the_first_step_is_of_third_order_too():
    """From y at both ends and the slope at the later one."""

    def error(h):
        start, end = vector(1.0), vector(math.exp(h))
        state = FlowState(h, end, end, 0.0, start, 0.0, start, end, 1.0, 1.0)
        assert FlowIntegrator().at(state, 0.0).item() == 1
        assert torch.equal(FlowIntegrator().at(state, h), end)
        return abs(FlowIntegrator().at(state, 0.4 * h).item() - math.exp(0.4 * h))

    assert math.log2(error(0.02) / error(0.01)) == pytest.approx(3, abs=0.05)


def test_error_is_relative_to_the_scale_of_each_part():
    assert relative_size(vector(3.0, 0.0, 8.0), vector(1.0, 0.0, 2.0)) == pytest.approx(5)


@pytest.mark.parametrize("scale", [math.inf, math.nan])
def test_beside_a_scale_that_overflows_no_error_is_small(scale):
    assert local_error(vector(1.0, 0.0), vector(1.0, scale)) == math.inf
    assert local_error(vector(3.0, 4.0), vector(1.0)) == 5


@pytest.mark.parametrize(("integrator", "step", "stiffness"), [
    (EulerIntegrator(), 1e25, {}), (FlowIntegrator(), 1e7, {"radius": 1e-9}),
])  # fmt: skip
def test_an_unstable_step_to_values_whose_norm_overflows_is_taken_back(integrator, step, stiffness):
    """y' = -y in float32, with a step that is far too long: y and y' stay finite, ‖y‖ does not."""
    system = Problem(lambda t, y: -y, torch.ones(3))
    state = replace(integrator.start(system), step=step, **stiffness)
    following = next(iter(integrator.advance(system, state, 1e30)))
    assert following.time == 0
    assert following.step < step / 2


def test_a_velocity_may_be_half_rounding_and_no_more():
    class Noisy(Problem):
        def rounding(self, y, dy):
            return float(y)

    require_gradient(Noisy(None, None), 0.0, vector(0.5), vector(1.0))
    with pytest.raises(Divergence, match="make 51% of it"):
        require_gradient(Noisy(None, None), 0.0, vector(0.51), vector(1.0))


def test_a_flow_is_looked_at_where_it_is_at_the_step():
    """y = exp(t/10) at t = η · step, whatever steps the integrator takes."""
    following = FlowMotion(FlowIntegrator(1e-5), Problem(lambda t, y: 0.1 * y, vector(1.0)), 0.25, 100)
    state = following.start()
    for step in (1, 2, 7, 40, 41, 100):
        for now in following.advance(state, step):
            state = now
        assert state.time >= 0.25 * step
        time, y = following.at(state, step)
        assert time == 0.25 * step
        assert y.item() == pytest.approx(math.exp(0.025 * step), rel=1e-3)
    assert state.time == 25


def test_settings_of_a_flow_reach_its_integrator():
    """Another tolerance, stage factor, weight decay and rate, seen in what is integrated."""
    run = RunSpec(task=MultiplicationTable(4, 0.5), model=Factorization(1.0), learning_rate=0.5, steps=10, seed=0,
                  dynamics=GradientFlow(tolerance=1e-2, stage_factor=2.0), weight_decay=0.3)  # fmt: skip
    ours = run.model.objective(run.task.draw(0), 0)
    found = run.dynamics.motion(ours, run)
    assert found.integrator == FlowIntegrator(1e-2, 2.0)
    theta = ours.initial + 0.1
    torch.testing.assert_close(found.system.velocity(0.0, theta), -ours.gradient(theta) - 0.3 * theta)
    assert (found.learning_rate, found.last_step) == (0.5, 10)


def test_a_stiff_flow_takes_more_stages_with_a_factor():
    system = Problem(lambda t, y: -vector(1e3, 1.0) * y, vector(1.0, 1.0))
    plain, more = (last(FlowIntegrator(1e-3, factor), system, 5.0) for factor in (1.0, 2.0))
    assert more.stages > 1.5 * plain.stages


def test_batches_leave_out_what_does_not_fill_one():
    """Of 7 samples in batches of 3 the third step begins a new pass."""
    batches = Batches(7, 3, False, 0)
    first, second, third = (set(batches.rows(step).tolist()) for step in (1, 2, 3))
    assert len(first | second) == 6
    assert len(third) == 3
    assert Batches(7, 3, True, 0).rows(1).shape == (3,)


def test_every_decade_of_a_flow_is_as_much_work_and_every_step_of_descent():
    flow, descent = KINDS["relu"], KINDS["gradient_descent"]
    assert work(flow, 10**6) - work(flow, 10**5) == pytest.approx(math.log(10), rel=1e-4)
    assert work(descent, 300) - work(descent, 200) == 100


def test_time_left_follows_from_the_speed_of_this_call(monkeypatch):
    """From step 100 to step 300 of 900 in 10 seconds: 30 more; of a run that may stop before, at most."""
    clock = iter([0.0, 10.0, 0.0, 10.0])
    monkeypatch.setattr("grokking.runs.progress.time.monotonic", lambda: next(clock))
    descent = {"name": "gradient_descent"}
    for stop, at_most in (({}, False), ({"stop": {"name": "stationary", "threshold": 1e-3}}, True)):
        run = spec(TOKENS, RELU, descent, steps=900, weight_decay=1e-3, **stop)
        report = Progress(run, 100).report({"step": 300, "train_loss": 0.1234567})
        assert report == Report(0.3333, 10.0, 30.0, at_most, {"step": 300, "train_loss": 0.123457})
