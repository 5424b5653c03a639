"""An optimiser's steps as a run's dynamics."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from torch import Tensor

from grokking.dynamics.steps.descent import Descent, DescentState
from grokking.dynamics.system import System
from grokking.models.objective import GradientFlowSystem, Objective
from grokking.specs.optimizer import Optimizer
from grokking.specs.run import RunSpec


@dataclass(frozen=True)
class DescentMotion:
    """Steps, one by one."""

    descent: Descent
    system: System

    @property
    def state_type(self) -> type[Any]:
        """The class of its states."""
        return DescentState

    def start(self) -> DescentState:
        """The state at step 0."""
        return self.descent.start()

    def advance(self, state: DescentState, step: int) -> Iterator[DescentState]:
        """To step number `step`."""
        return self.descent.advance(state, step)

    def at(self, state: DescentState, step: int) -> tuple[float, Tensor]:
        """The state itself, which is at `step`."""
        return state.time, state.y


def motion(spec: RunSpec, objective: Objective) -> DescentMotion:
    """The run's optimiser on its objective."""
    decay = spec.weight_decay + spec.l2  # one of them: what the optimiser takes
    steps = cast(Optimizer, spec.dynamics)
    descent = Descent(steps, objective, spec.learning_rate, decay, spec.steps, spec.seed)
    return DescentMotion(descent, GradientFlowSystem(objective, spec.weight_decay))
