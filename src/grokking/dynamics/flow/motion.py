"""A flow as a run's dynamics."""

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
    """A flow, integrated towards t = η · `last_step` whenever it is looked at: observing does not steer it."""

    integrator: Integrator
    system: System
    learning_rate: float
    last_step: int

    @property
    def state_type(self) -> type[Any]:
        """The integrator's."""
        return self.integrator.state_type

    def start(self) -> Any:
        """The state at t = 0."""
        return self.integrator.start(self.system)

    def advance(self, state: Any, step: int) -> Iterator[Any]:
        """Steps of the integrator's own choice, until one passes t = η · `step`."""
        goal, end = self.learning_rate * step, self.learning_rate * self.last_step
        if state.time >= goal:
            return
        for now in self.integrator.advance(self.system, state, end):
            yield now
            if now.time >= goal:
                return

    def at(self, state: Any, step: int) -> tuple[float, Tensor]:
        """By dense output between the last two accepted steps."""
        time = self.learning_rate * step
        return time, self.integrator.at(state, time)
