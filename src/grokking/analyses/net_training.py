"""Training of a quadratic net where only a few numbers of the end are wanted, not a trajectory to be resumed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from torch import Tensor

from grokking.dynamics.flow.gradient_flow import FlowState, GradientFlow
from grokking.dynamics.steps.adamw import AdamW
from grokking.dynamics.steps.gradient_descent import DescentState, GradientDescent
from grokking.dynamics.steps.momentum import Momentum
from grokking.models.quadratic_net import QuadraticNet, QuadraticSystem
from grokking.tasks.modular_function import ModularFunction

OptimizerName = Literal["gradient_flow", "gradient_descent", "momentum", "adamw"]
FLOW_TOLERANCE = 1e-2  # of ‖θ‖: the epochs of grokking are within 1 % of those with a tenth of it
EPSILON = 1e-15  # of AdamW: gradients per weight are about 1e-9 here, and its usual 1e-8 slows training down
DECADES, PER_DECADE = 1.5, 40  # of steps, at which a net is looked at


@dataclass(frozen=True)
class NetTraining:
    """A quadratic net of a `width` on a task.

    `decay` is AdamW's own, and L2 regularisation for the others; `momentum` is AdamW's β₁ or that of momentum.
    """

    task: ModularFunction
    width: int
    optimizer: OptimizerName
    learning_rate: float
    decay: float = 0.0
    momentum: float = 0.9
    beta2: float = 0.999
    epsilon: float = EPSILON

    def system(self, seed: int) -> QuadraticSystem:
        """The flow of run `seed`."""
        decay = 0.0 if self.optimizer == "adamw" else self.decay
        return QuadraticNet(self.width).descent_system(self.task.draw(seed), decay, seed)

    def states(self, system: QuadraticSystem, steps: Sequence[int]) -> Iterator[FlowState | DescentState]:
        """The states at `steps`. Raises `Divergence`."""
        dynamics = self._dynamics()
        state = dynamics.start(system)
        for step in steps:
            for reached in dynamics.advance(system, state, step, self.learning_rate):  # type: ignore[arg-type]
                state = reached
            yield state

    def final(self, system: QuadraticSystem, steps: int) -> Tensor:
        """θ [3p, N] after `steps`."""
        return next(self.states(system, [steps])).y

    def _dynamics(self) -> GradientFlow | GradientDescent:
        if self.optimizer == "gradient_flow":
            return GradientFlow(tolerance=FLOW_TOLERANCE)
        if self.optimizer == "adamw":
            return AdamW(self.decay, self.momentum, self.beta2, self.epsilon)
        return Momentum(self.momentum) if self.optimizer == "momentum" else GradientDescent()


def accuracies(system: QuadraticSystem, theta: Tensor) -> tuple[float, float]:
    """Accuracy on the training set and on the rest, in 0 … 1."""
    table = system.data.answers(system.train.outputs(theta), system.test.outputs(theta))
    columns = system.data.evaluate(table[None])
    return columns["train_accuracy"][0], columns["test_accuracy"][0]


def late_steps(steps: int) -> list[int]:
    """Whole steps up to `steps`, even on a log axis over its last decades: before, nothing is memorised."""
    grid = np.geomspace(steps * 10**-DECADES, steps, round(DECADES * PER_DECADE) + 1)
    return np.unique(grid.round().clip(min=1).astype(int)).tolist()
