"""Full-batch gradient descent, θ ← θ + η θ'(θ): the papers' algorithm to the letter. Its variants change the update."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import ClassVar

import torch
from torch import Tensor

from grokking.dynamics.divergence import Divergence
from grokking.dynamics.system import System

STEPS_PER_STATE = 1000


@dataclass(frozen=True)
class DescentState:
    """θ after `evaluations` steps of size η, at `time` = η · evaluations."""

    time: float
    y: Tensor
    evaluations: int = 0

    @property
    def effort(self) -> dict[str, float]:
        """What it took to get here, as columns of the trajectory."""
        return {"evaluations": self.evaluations}


@dataclass(frozen=True)
class GradientDescent:
    """Constant step η = `learning_rate` of the run; there is nothing else to choose."""

    coordinates = "descent"
    state_type: ClassVar[type[DescentState]] = DescentState
    label: ClassVar[str] = "gradient descent"

    def start(self, system: System) -> DescentState:
        """The state at step 0."""
        return DescentState(0.0, system.initial)

    def work(self, step: float) -> float:
        """Every step costs the same."""
        return step

    def update(self, state: DescentState, dy: Tensor, step: int, learning_rate: float) -> None:
        """Step number `step`, from 1 on, along dy = θ'(θ): changes the state's tensors in place."""
        state.y.add_(dy, alpha=learning_rate)

    def advance(self, system: System, state: DescentState, step: int, learning_rate: float) -> Iterator[DescentState]:
        """States on the way to step number `step`, the last one there. Raises `Divergence`."""
        done, moving = state.evaluations, copied(state)
        while done < step:
            for _ in range(min(STEPS_PER_STATE, step - done)):
                dy = system.velocity(done * learning_rate, moving.y)
                done += 1
                self.update(moving, dy, done, learning_rate)
            if not torch.isfinite(moving.y).all():
                raise Divergence(
                    f"{self.label} diverged before step {done} at learning_rate {learning_rate:g}: "
                    "the parameters are no longer finite; choose a smaller learning_rate"
                )
            yield replace(copied(moving), time=done * learning_rate, evaluations=done)


def copied(state: DescentState) -> DescentState:
    """The same state with tensors of its own."""
    tensors = {f.name: getattr(state, f.name) for f in fields(state) if isinstance(getattr(state, f.name), Tensor)}
    return replace(state, **{name: tensor.clone() for name, tensor in tensors.items()})
