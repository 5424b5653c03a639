"""Gradient flow by a stabilised Runge–Kutta method with adaptive step and stage count.

The papers' gradient descent takes steps so small that it follows y' = velocity(t, y). Integrating that flow directly
reaches the same times t = η · steps with thousands of times fewer gradients. The step follows from a local error of
`tolerance` times the system's error scale, the stage count from the step and the spectral radius.

ReLU nets need two more settings. Their flow slides along the kinks of many neurons, and an explicit method chatters
across them: the error estimate then sees the chatter. More stages than stability demands damp it. And where the
parameters are large (He × 10) an error small beside them is not small for the outputs: a step bounded by a fraction
of the elapsed time follows the curve on the figures' log axis.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from grokking.dynamics.divergence import Divergence
from grokking.dynamics.flow.rkl2 import rkl2_step, stages_for
from grokking.dynamics.flow.spectral_radius import spectral_radius
from grokking.dynamics.system import System, relative_size
from grokking.specs.fields import Factor, Positive

STEPS_PER_RADIUS = 20  # ρ moves slowly compared with the step
ORDER = 2
SMALLEST_STEP = 1e-15  # of the time to reach: a smaller one is lost to rounding


@dataclass(frozen=True)
class FlowState:
    """Everything the integrator carries from one step to the next."""

    time: float
    y: Tensor
    dy: Tensor  # velocity(time, y)
    direction: Tensor  # of the stiffest mode
    radius: float  # ρ, an estimate
    step: float  # proposed next
    radius_age: int = 0  # steps since ρ was estimated
    stages: int = 0  # of the last step
    evaluations: int = 0

    @property
    def effort(self) -> dict[str, float]:
        """What it took to get here, as columns of the trajectory."""
        return {"evaluations": self.evaluations, "stages": self.stages}


@dataclass(frozen=True)
class GradientFlow:
    """Adaptive RKL2; `tolerance` bounds the local error per step, relative to the system's error scale.

    `largest_step` bounds a step by that fraction of the elapsed time (of a unit of time at first);
    `stage_factor` takes that many times the stages that stability demands.
    """

    tolerance: Positive = 1e-3
    largest_step: Positive = 1e9
    stage_factor: Factor = 1.0

    coordinates = "flow"
    state_type = FlowState

    def start(self, system: System) -> FlowState:
        """The state at t = 0; the first step is a tenth of the stiffest time scale."""
        y = system.initial
        dy = system.velocity(0.0, y)
        state = FlowState(0.0, y, dy, dy.clone(), radius=0.0, step=math.inf, evaluations=1)
        state = with_radius(system, state)
        return replace(state, step=0.1 / state.radius if state.radius else math.inf)

    def work(self, step: float) -> float:
        """Steps grow with time, so every decade costs about the same."""
        return math.log1p(step)

    def advance(self, system: System, state: FlowState, step: int, learning_rate: float) -> Iterator[FlowState]:
        """States on the way to t = η · `step`, the last one there. Raises `Divergence`."""
        target = learning_rate * step
        while state.time < target:
            if state.radius_age >= STEPS_PER_RADIUS:
                state = with_radius(system, state)
            state = self._try_step(system, state, target)
            yield state

    def _try_step(self, system: System, state: FlowState, target: float) -> FlowState:
        """One step, at most to `target`; a rejected one leaves time and y as they are."""
        wanted = min(state.step, self.largest_step * max(state.time, 1.0))
        remaining = target - state.time
        if wanted < SMALLEST_STEP * target or not torch.isfinite(state.dy).all():
            raise Divergence(
                f"gradient flow diverged at time {state.time:g}: no step is small enough for tolerance "
                f"{self.tolerance:g} (the last tried was {wanted:g})"
            )
        # Even steps to the target: a short last one would cost as many evaluations as the others.
        h = remaining / math.ceil(remaining / wanted)
        stages = stages_for(h * state.radius, self.stage_factor)
        y = rkl2_step(system.velocity, state.time, state.y, state.dy, h, stages)
        time = target if h == remaining else state.time + h
        dy = system.velocity(time, y)
        state = replace(state, stages=stages, evaluations=state.evaluations + stages)
        error = self._error(system, state, y, dy, h)
        factor = min(5.0, max(0.2, 0.8 * max(error, 1e-9) ** (-1 / (ORDER + 1))))
        if not error <= 1:  # also when it is not a number
            return replace(state, step=h * (factor if math.isfinite(error) else 0.2), radius_age=STEPS_PER_RADIUS)
        # A step cut short says little about the next one: keep the longer proposal.
        proposal = max(state.step, h * factor) if h < state.step and factor >= 1 else h * factor
        return replace(state, time=time, y=y, dy=dy, step=proposal, radius_age=state.radius_age + 1)

    def _error(self, system: System, state: FlowState, y: Tensor, dy: Tensor, h: float) -> float:
        """The local error estimate of RKC (Sommeijer, Shampine, Verwer 1997), in units of what is allowed."""
        estimate = (state.y - y).mul_(0.8).add_(state.dy + dy, alpha=0.4 * h)
        return (
            relative_size(estimate, torch.maximum(system.error_scale(state.y), system.error_scale(y))) / self.tolerance
        )


@dataclass(frozen=True)
class LogLossFlow(GradientFlow):
    """The same method on dθ/dτ = -∇ log L: gradient flow with the step η/L (Lyu et al. 2024, Appendix B.1).

    The trajectory's `time` is τ = η · step; the time of the flow itself is t = ∫ dτ / L.
    """

    coordinates = "log_loss"

    def work(self, step: float) -> float:
        """‖θ‖² and with it the stiffness grow exponentially with τ: the last steps cost the most."""
        return step


def with_radius(system: System, state: FlowState) -> FlowState:
    """`state` with ρ estimated anew at its time."""
    radius, direction, spent = spectral_radius(
        lambda y: system.velocity(state.time, y),
        state.y,
        state.dy,
        state.direction,
        displacement=state.step * float(state.dy.norm()) if math.isfinite(state.step) else 0.0,
    )
    return replace(state, radius=radius, direction=direction, radius_age=0, evaluations=state.evaluations + spent)
