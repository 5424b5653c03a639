"""Gradient flow by a stabilised Runge–Kutta method with adaptive steps and dense output.

The papers' gradient descent takes steps so small that it follows y' = velocity(t, y). Integrating
that flow reaches the same times t = η · steps with thousands of times fewer gradients. The step
follows from an error estimate, the stage count from the step and the spectral radius. Observing the
flow costs nothing and changes nothing.

Error estimate and dense output use accepted values of y, not slopes. ReLU nets slide along the
kinks of many neurons (Filippov 1988). An explicit method chatters across the kinks: its slopes jump
by as much as their size, while y, their integral, stays smooth. The chatter would dominate an
estimate from slopes (Sommeijer, Shampine, Verwer 1997) and bend Hermite's interpolant. More stages
than stability demands damp it, and with it a delay of about 1 % in the transition to
generalisation.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from grokking.dynamics.flow.local_error import local_error
from grokking.dynamics.flow.polynomial import divided_difference, interpolated
from grokking.dynamics.flow.rkl2 import rkl2_step, stages_for
from grokking.dynamics.flow.rounding import require_gradient
from grokking.dynamics.flow.spectral_radius import spectral_radius
from grokking.failures import Divergence
from grokking.nets.system import System

STEPS_PER_RADIUS = 5  # at most: ρ multiplies within a few steps when a net begins to fit
DRIFT = 0.1  # of log ρ between estimates: a step is unstable if ρ exceeds its estimate by 20 %
ORDER = 2
LARGEST_GROWTH = 2.0  # of the step: the estimate looks three steps back
SMALLEST_CUT = 0.2
MOST_TRIES = 1000  # while time grows by a tenth


@dataclass(frozen=True)
class FlowState:
    """The integrator's state: the last three values of y, y' at the last, ρ and the step."""

    time: float
    y: Tensor
    dy: Tensor  # velocity(time, y)
    time_before: float
    before: Tensor  # y(time_before)
    time_earlier: float  # equal to time_before until two steps are done
    earlier: Tensor
    direction: Tensor  # of the stiffest mode
    radius: float  # ρ, an estimate
    step: float  # proposed next
    radius_growth: float = 1.0  # factor of ρ per step, at least 1
    radius_age: int = 0  # steps since ρ was estimated
    radius_life: int = 1  # steps until the next estimate
    stages: int = 0  # of the last step
    evaluations: int = 0
    milestone: float = 0.0  # the last time at which time had grown by a tenth
    tries: int = 0  # since `milestone`

    @property
    def expected_radius(self) -> float:
        """ρ at the end of the next step, where stability is lost first when a net begins to fit."""
        return self.radius * min(LARGEST_GROWTH, self.radius_growth ** (self.radius_age + 1))

    @property
    def effort(self) -> dict[str, float]:
        """The cost so far, as columns of the trajectory."""
        return {"evaluations": self.evaluations, "stages": self.stages}


@dataclass(frozen=True)
class FlowIntegrator:
    """Adaptive RKL2; `tolerance` bounds the local error per step, relative to the error scale.

    `stage_factor` multiplies the stages that stability demands; more stages damp chatter.
    """

    tolerance: float = 1e-3
    stage_factor: float = 1.0

    state_type = FlowState

    def start(self, system: System) -> FlowState:
        """The state at t = 0; the first step is a tenth of the stiffest time scale."""
        y = system.initial
        dy = system.velocity(0.0, y)
        state = FlowState(
            0.0, y, dy, 0.0, y.clone(), 0.0, y.clone(), dy.clone(), radius=0.0, step=math.inf, evaluations=1
        )
        state = with_radius(system, state)
        return replace(state, step=0.1 / state.radius if state.radius else math.inf)

    def advance(self, system: System, state: FlowState, end_time: float) -> Iterator[FlowState]:
        """The state after each attempted step, until it is at `end_time`. Raises `Divergence`."""
        while state.time < end_time:
            if state.radius_age >= state.radius_life:
                require_gradient(system, state.time, state.y, state.dy)
                state = with_radius(system, state)
            state = with_milestone(self._try_step(system, state, end_time))
            yield state

    def at(self, state: FlowState, time: float) -> Tensor:
        """y(`time`) in the last step, from `state.time_before` to `state.time`.

        It lies on the parabola through the last three y. For even steps its error is at most 0.064
        h³ y''', about the error that the method allows itself in a step.
        """
        if state.time_earlier == state.time_before:
            return parabola_from_start(state, time)
        times = (state.time_earlier, state.time_before, state.time)
        return interpolated(times, (state.earlier, state.before, state.y), time)

    def _try_step(self, system: System, state: FlowState, end_time: float) -> FlowState:
        """Attempt a step, at most to `end_time`; a rejected one leaves time and y as they are."""
        remaining = end_time - state.time
        # Two even steps to the end: a short last one would cost nearly as much as a long one.
        h = min(state.step, remaining if state.step >= remaining else remaining / 2)
        if state.time + h == state.time or not torch.isfinite(state.dy).all():
            raise Divergence(
                f"gradient flow diverged at time {state.time:g}: no step is small enough for tolerance "
                f"{self.tolerance:g} (the last tried was {h:g})"
            )
        stages = stages_for(h * state.expected_radius, self.stage_factor)
        y = rkl2_step(system.velocity, state.time, state.y, state.dy, h, stages)
        time = end_time if h == remaining else state.time + h
        dy = system.velocity(time, y)
        state = replace(state, stages=stages, evaluations=state.evaluations + stages)
        error = self._error(system, state, time, y, dy)
        factor = min(LARGEST_GROWTH, max(SMALLEST_CUT, 0.8 * max(error, 1e-9) ** (-1 / (ORDER + 1))))
        if not error <= 1:  # true for NaN as well
            factor = factor if math.isfinite(error) else SMALLEST_CUT
            return replace(state, step=h * factor, radius_life=max(1, min(state.radius_life, state.radius_age)))
        return accepted(state, time, y, dy, step=h * factor)

    def _error(self, system: System, state: FlowState, time: float, y: Tensor, dy: Tensor) -> float:
        """The local error divided by the allowed one: h³ y''' / 15 as for RKC.

        y''' / 6 is the divided difference of the new y and the last three; the first two steps use
        RKC's formula (Sommeijer, Shampine, Verwer 1997). In a step much shorter than the last ones
        this difference would hardly see the jump that marks an unstable step: there 1/30 of the new
        y's distance from the parabola through the last three counts.
        """
        h = time - state.time
        if state.time_earlier == state.time_before:
            estimate = (state.y - y).mul_(0.8).add_(state.dy + dy, alpha=0.4 * h)
        else:
            times = (state.time_earlier, state.time_before, state.time, time)
            missed = h * (time - state.time_before) * (time - state.time_earlier)
            difference = divided_difference(times, (state.earlier, state.before, state.y, y))
            estimate = difference.mul_(max(0.4 * h**3, missed / 30))
        scale = torch.maximum(system.error_scale(state.y), system.error_scale(y))
        return local_error(estimate, scale) / self.tolerance


def with_milestone(state: FlowState) -> FlowState:
    """`state` with its attempts counted. Raises `Divergence` where 1000 hardly move the time.

    A decaying flow takes a few dozen steps for a tenth of its age. Where rounding errors look like
    stiffness it would go on for ever.
    """
    if state.time > 1.1 * state.milestone:
        return replace(state, milestone=state.time, tries=0)
    if state.tries >= MOST_TRIES:
        dtype = str(state.y.dtype).removeprefix("torch.")
        raise Divergence(
            f"gradient flow stalls at time {state.time:g}: {state.tries} steps for a tenth of it, the last of "
            f"{state.step:g}; choose a larger tolerance, or where {dtype} is too coarse dtype: float64 or log_loss_flow"
        )
    return replace(state, tries=state.tries + 1)


def accepted(state: FlowState, time: float, y: Tensor, dy: Tensor, step: float) -> FlowState:
    """`state` moved on to y at `time`, with the step proposed next."""
    return replace(
        state,
        time=time,
        y=y,
        dy=dy,
        time_before=state.time,
        before=state.y,
        time_earlier=state.time_before,
        earlier=state.before,
        step=step,
        radius_age=state.radius_age + 1,
    )


def parabola_from_start(state: FlowState, time: float) -> Tensor:
    """y(`time`) in the first step, on the parabola given by y at both ends and the later y'."""
    h = state.time - state.time_before
    if h == 0:
        return state.y
    left = (state.time - time) / h
    return torch.lerp(state.y, state.before, left**2).sub(state.dy, alpha=h * left * (1 - left))


def with_radius(system: System, state: FlowState) -> FlowState:
    """`state` with a new estimate of ρ; the faster ρ changes, the sooner the next one follows."""
    radius, direction, spent = spectral_radius(
        lambda y: system.velocity(state.time, y),
        state.y,
        state.dy,
        state.direction,
        displacement=state.step * float(state.dy.norm()) if math.isfinite(state.step) else 0.0,
    )
    known = radius > 0 and state.radius > 0
    drift = math.log(radius / state.radius) / max(1, state.radius_age) if known else 0.0
    life = min(STEPS_PER_RADIUS, 2 * state.radius_age + 1, round(DRIFT / max(abs(drift), 1e-9)))
    return replace(
        state,
        radius=radius,
        direction=direction,
        radius_age=0,
        radius_life=max(1, life),
        radius_growth=math.exp(max(0.0, drift)),
        evaluations=state.evaluations + spent,
    )
