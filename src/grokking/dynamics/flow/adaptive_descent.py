"""Euler's method with an error estimate: gradient descent whose step adapts to the flow.

It is the cheapest alternative to a stabilised method; the work–precision figure compares both.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from grokking.dynamics.flow.local_error import local_error
from grokking.failures import Divergence
from grokking.nets.system import System


@dataclass(frozen=True)
class AdaptiveState:
    """θ and its velocity at `time`, θ at the step before, and the step proposed next."""

    time: float
    y: Tensor
    dy: Tensor
    time_before: float
    before: Tensor
    step: float
    evaluations: int = 1

    @property
    def effort(self) -> dict[str, float]:
        """The cost so far, as columns of the trajectory."""
        return {"evaluations": self.evaluations}


@dataclass(frozen=True)
class EulerIntegrator:
    """θ ← θ + h θ'(θ), with h adapted to the error.

    The local error h‖θ'(θ_new) - θ'(θ)‖/2 stays at `tolerance` times the error scale.
    """

    tolerance: float = 1e-3

    state_type = AdaptiveState

    def start(self, system: System) -> AdaptiveState:
        """The state at t = 0; the first step moves θ by a thousandth of the tolerance."""
        y = system.initial
        dy = system.velocity(0.0, y)
        size = float(dy.norm())
        step = 1e-3 * self.tolerance * float(y.norm()) / size if size else math.inf
        return AdaptiveState(0.0, y, dy, 0.0, y.clone(), step)

    def advance(self, system: System, state: AdaptiveState, end_time: float) -> Iterator[AdaptiveState]:
        """The state after each attempted step, until it is at `end_time`. Raises `Divergence`."""
        while state.time < end_time:
            state = self._try_step(system, state, end_time)
            yield state

    def at(self, state: AdaptiveState, time: float) -> Tensor:
        """θ(`time`) on the line of the last step, from `state.time_before` to `state.time`."""
        h = state.time - state.time_before
        return torch.lerp(state.y, state.before, (state.time - time) / h) if h else state.y

    def _try_step(self, system: System, state: AdaptiveState, end_time: float) -> AdaptiveState:
        """Attempt a step, at most to `end_time`; a rejected one leaves time and θ as they are."""
        remaining = end_time - state.time
        h = min(state.step, remaining)
        if state.time + h == state.time or not torch.isfinite(state.dy).all():
            raise Divergence(
                f"adaptive descent diverged at time {state.time:g}: no step is small enough for tolerance "
                f"{self.tolerance:g} (the last tried was {h:g})"
            )
        time = end_time if h == remaining else state.time + h
        y = state.y.add(state.dy, alpha=h)
        dy = system.velocity(time, y)
        error = h / 2 * local_error(dy - state.dy, system.error_scale(y)) / self.tolerance
        factor = min(2.0, max(0.2, 0.9 * max(error, 1e-9) ** -0.5)) if math.isfinite(error) else 0.2
        state = replace(state, evaluations=state.evaluations + 1)
        if not error <= 1:  # true for NaN as well
            return replace(state, step=h * factor)
        return replace(state, time=time, y=y, dy=dy, time_before=state.time, before=state.y, step=h * factor)
