"""A run's dynamics set up on its data: where it starts, how it advances, and how its state is looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor

from grokking.dynamics.flow.adaptive_descent import EulerIntegrator
from grokking.dynamics.flow.gradient_flow import FlowIntegrator
from grokking.dynamics.steps.descent import Descent, DescentState
from grokking.dynamics.system import System
from grokking.models.objective import GradientFlowSystem, Objective
from grokking.specs.dynamics import AdaptiveDescent, GradientFlow, Optimizer
from grokking.specs.run import RunSpec

Integrator = FlowIntegrator | EulerIntegrator
State = Any  # a frozen dataclass of tensors and numbers: all that a checkpoint has to hold


class Motion(Protocol):
    """θ on its way. `system` says what is seen of a state y."""

    @property
    def system(self) -> System:
        """In the coordinates of y."""

    @property
    def state_type(self) -> type[Any]:
        """The class of its states."""

    def start(self) -> State:
        """The state at step 0."""

    def advance(self, state: State, step: int) -> Iterator[State]:
        """States on the way, the last one at step number `step` or beyond. Raises `Divergence`."""

    def at(self, state: State, step: int) -> tuple[float, Tensor]:
        """Time and y at a step that `state` has just reached or passed."""


@dataclass(frozen=True)
class FlowMotion:
    """A flow, integrated to t = η · `last_step` whenever it is looked at: observing does not steer it."""

    integrator: Integrator
    system: System
    learning_rate: float
    last_step: int

    @property
    def state_type(self) -> type[Any]:
        return self.integrator.state_type

    def start(self) -> State:
        return self.integrator.start(self.system)

    def advance(self, state: State, step: int) -> Iterator[State]:
        goal, end = self.learning_rate * step, self.learning_rate * self.last_step
        if state.time >= goal:
            return
        for now in self.integrator.advance(self.system, state, end):
            yield now
            if now.time >= goal:
                return

    def at(self, state: State, step: int) -> tuple[float, Tensor]:
        time = self.learning_rate * step
        return time, self.integrator.at(state, time)


@dataclass(frozen=True)
class DescentMotion:
    """An optimiser's steps, one by one."""

    descent: Descent
    system: System
    state_type = DescentState

    def start(self) -> DescentState:
        return self.descent.start()

    def advance(self, state: DescentState, step: int) -> Iterator[DescentState]:
        return self.descent.advance(state, step)

    def at(self, state: DescentState, step: int) -> tuple[float, Tensor]:
        return state.time, state.y


def motion_of(spec: RunSpec, objective: Objective) -> Motion:
    """The run's dynamics on its objective."""
    dynamics = spec.dynamics
    if isinstance(dynamics, Optimizer):
        decay = spec.weight_decay + spec.l2
        descent = Descent(dynamics, objective, spec.learning_rate, decay, spec.steps, spec.seed)
        return DescentMotion(descent, GradientFlowSystem(objective, spec.weight_decay))
    return FlowMotion(integrator_of(dynamics), objective.flow(spec.weight_decay), spec.learning_rate, spec.steps)


def integrator_of(dynamics: GradientFlow | AdaptiveDescent) -> Integrator:
    """The method that follows a flow."""
    if isinstance(dynamics, AdaptiveDescent):
        return EulerIntegrator(dynamics.tolerance)
    return FlowIntegrator(dynamics.tolerance, dynamics.stage_factor)
