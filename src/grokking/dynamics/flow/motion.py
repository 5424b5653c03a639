"""`FlowMotion`, a flow as a run's dynamics."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from grokking.dynamics.flow.adaptive_descent import EulerIntegrator
from grokking.dynamics.flow.gradient_flow import FlowIntegrator
from grokking.nets.system import System

Integrator = FlowIntegrator | EulerIntegrator


@dataclass(frozen=True)
class FlowMotion:
    """A flow, integrated from t = 0 to t = η · `last_step`, by steps that no observation changes.

    If the run `continues` a shorter run, the integrator's steps are first fitted to the end of the
    shorter run, so that both runs take the same steps until there.
    """

    integrator: Integrator
    system: System
    learning_rate: float
    last_step: int
    continues: int = 0

    @property
    def state_type(self) -> type[Any]:
        """The class of the integrator's states."""
        return self.integrator.state_type

    def start(self) -> Any:
        """Return the integrator's state at t = 0."""
        return self.integrator.start(self.system)

    def advance(self, state: Any, step: int) -> Iterator[Any]:
        """Yield the state after each step of the integrator, until one reaches or passes `step`.

        Raises `Divergence`.
        """
        last = self.continues if step <= self.continues else self.last_step
        goal, end = self.learning_rate * step, self.learning_rate * last
        if state.time >= goal:
            return
        for now in self.integrator.advance(self.system, state, end):
            yield now
            if now.time >= goal:
                return

    def at(self, state: Any, step: int) -> tuple[float, Tensor]:
        """Return time and coordinates y at `step`, by dense output in the last step taken."""
        time = self.learning_rate * step
        return time, self.integrator.at(state, time)
