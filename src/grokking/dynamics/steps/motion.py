"""`DescentMotion`, an optimiser's steps as a run's dynamics."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from grokking.dynamics.motion import RunNumbers
from grokking.dynamics.optimizer import Optimizer
from grokking.dynamics.steps.descent import Descent, DescentState
from grokking.nets.objective import GradientFlowSystem, Objective
from grokking.nets.system import System


@dataclass(frozen=True)
class DescentMotion:
    """A `Motion` that takes steps one by one."""

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
        """States along the way to step number `step`. Raises `Divergence`."""
        return self.descent.advance(state, step)

    def at(self, state: DescentState, step: int) -> tuple[float, Tensor]:
        """Time and θ of the state, which is at `step`."""
        return state.time, state.y


def descent_motion(optimizer: Optimizer, objective: Objective, run: RunNumbers) -> DescentMotion:
    """An optimiser's steps on the objective of a run."""
    decay = run.weight_decay + run.l2  # at most one is not 0: `require_decay`
    descent = Descent(optimizer, objective, run.learning_rate, decay, run.steps, run.seed)
    return DescentMotion(descent, GradientFlowSystem(objective, run.weight_decay))
