"""Training by steps: batch, gradient, filter, optimiser, in this order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np
import torch
from torch import Tensor

from grokking.dynamics.memory import Memory, Section
from grokking.dynamics.optimizer import Optimizer
from grokking.dynamics.schedules.constant import Constant
from grokking.dynamics.steps.batches import Batches
from grokking.dynamics.steps.contract import (
    require_factor,
    require_filtered,
    require_kept,
    require_moved,
    require_nothing,
)
from grokking.dynamics.steps.generators import seed_generators
from grokking.failures import Divergence
from grokking.kernels.cuda_graph import captured
from grokking.nets.objective import GradientFlowSystem, Noise, Objective
from grokking.parts.own import is_own

STEPS_PER_STATE = 100
STOCHASTIC_STEPS_PER_STATE = 10_000


@dataclass(frozen=True)
class DescentState:
    """θ after `evaluations` steps, at `time` = η · evaluations, with optimiser and filter `memory`.

    Its tensors are valid until the next state is asked for.
    """

    time: float
    y: Tensor
    evaluations: int = 0
    memory: Memory = field(default_factory=dict)

    @property
    def effort(self) -> dict[str, float]:
        """The cost so far, as columns of the trajectory."""
        return {"evaluations": self.evaluations}


@dataclass(frozen=True)
class Descent:
    """Steps of an optimiser on an objective, until the learning-rate schedule ends at `last_step`.

    `decay` is weight_decay or l2, whichever `spec` takes.
    """

    spec: Optimizer
    objective: Objective
    learning_rate: float
    decay: float
    last_step: int
    seed: int

    def start(self) -> DescentState:
        """The state at step 0."""
        return DescentState(0.0, self.objective.initial)

    def advance(self, state: DescentState, step: int) -> Iterator[DescentState]:
        """States along the way to step number `step`, the last one there. Raises `Divergence`."""
        memory = {name: x.clone() if isinstance(x, Tensor) else x for name, x in state.memory.items()}
        state = replace(state, y=state.y.clone(), memory=memory)
        yield from self.states(state, self.walk()(state, step))

    def states(self, state: DescentState, steps: Iterator[int]) -> Iterator[DescentState]:
        """The state at each of the `steps`, an iterator that moves θ. Raises `Divergence`."""
        for done in steps:
            if not torch.isfinite(state.y).all():
                raise Divergence(
                    f"{self.spec.name} diverged before step {done} at learning_rate {self.learning_rate:g}: "
                    "the parameters are no longer finite; choose a smaller learning_rate"
                )
            yield replace(state, time=done * self.learning_rate, evaluations=done)

    def walk(self) -> Callable[[DescentState, int], Iterator[int]]:
        """The fastest way to take steps: many at once if no optimiser, filter or noise acts."""
        spec = self.spec
        varied = spec.schedule != Constant() or spec.warm_up or not spec.filter.idle
        one_by_one = partial(self.optimizer_steps, self.gradient)
        if not spec.plain or self.own or varied or self.objective.stochastic:
            return one_by_one
        if self.batches.full:
            return one_by_one if spec.label_noise else self.full_steps
        return one_by_one if self.decay else self.stochastic_steps

    def full_steps(self, state: DescentState, step: int) -> Iterator[int]:
        """Take steps θ ← θ - η(∇L + λθ) on all samples, in place."""
        for done in range(state.evaluations + 1, step + 1):
            state.y.add_(self.flow.velocity(0.0, state.y), alpha=self.learning_rate)
            if done % STEPS_PER_STATE == 0 or done == step:
                yield done

    def stochastic_steps(self, state: DescentState, step: int) -> Iterator[int]:
        """Take steps θ ← θ - ηg on batches, in place, many at once."""
        done = state.evaluations
        while done < step:
            numbers = range(done + 1, min(done + STOCHASTIC_STEPS_PER_STATE, step) + 1)
            rates = np.full(len(numbers), self.learning_rate)
            noise = self.label_noise(numbers) if self.spec.label_noise else None
            state.y.copy_(self.objective.descend(state.y, rates, self.batches.rows_of(numbers), noise))
            done = numbers[-1]
            yield done

    def optimizer_steps(
        self, gradient_at: Callable[[Tensor, int], Tensor], state: DescentState, step: int
    ) -> Iterator[int]:
        """Take steps of an optimiser along the filtered gradients at (θ, step), in place."""
        spec, theta, move = self.spec, state.y, self.spec.mover(self.objective.layout)
        parts = {"filter": (spec.filter, "filtered"), "optimizer": (spec, "step")}
        kept, memory = (Section(state.memory, name) for name in parts)
        for done in range(state.evaluations + 1, step + 1):
            if self.own:
                seed_generators(self.seed, done, theta.device)
            gradient = spec.filter.filtered(gradient_at(theta, done), kept, done)
            require_filtered(spec.filter, gradient, theta)
            require_nothing(spec, move(theta, gradient, memory, self.rate(done), self.decay))
            if self.own and done == min(STEPS_PER_STATE, self.last_step):
                require_moved(spec, theta, self.objective.initial, gradient, done)
            if done % STEPS_PER_STATE == 0 or done == step:
                require_kept(parts, state.memory, theta)
                yield done

    def rate(self, step: int) -> float:
        """The learning rate of step number `step`, from 1 on."""
        warm_up = self.spec.warm_up
        if step <= warm_up:
            return self.learning_rate * (step / warm_up)
        done = min(1.0, (step - warm_up) / max(1, self.last_step - warm_up))
        return self.learning_rate * require_factor(self.spec.schedule, self.spec.schedule.factor(done))

    @cached_property
    def own(self) -> bool:
        """Whether the optimiser or the filter is a user's."""
        return is_own(self.spec) or is_own(self.spec.filter)

    @cached_property
    def batches(self) -> Batches:
        """The samples that each step sees."""
        return Batches(self.objective.samples, self.spec.batch, self.spec.replacement, self.seed)

    @cached_property
    def flow(self) -> GradientFlowSystem:
        """The flow whose velocity is the full-batch step."""
        return GradientFlowSystem(self.objective, self.decay)

    @cached_property
    def full_gradient(self) -> Callable[[Tensor], Tensor]:
        """∇L(θ) on all samples; on a GPU one replayed graph."""
        return captured(self.objective.gradient, self.objective.initial)

    def gradient(self, theta: Tensor, step: int) -> Tensor:
        """The gradient that step number `step` sees."""
        noisy = self.objective.stochastic or self.spec.label_noise
        if self.batches.full and not noisy:
            return self.full_gradient(theta)
        labels = self.label_noise(range(step, step + 1))[0] if self.spec.label_noise else None
        noise = Noise(self.seed, step, labels) if noisy else None
        return self.objective.gradient(theta, self.batches.rows(step), noise)

    def label_noise(self, steps: range) -> np.ndarray:
        """The noise on the targets in consecutive steps, float64 [steps, batch]."""
        return self.spec.label_noise * self.batches.noise_of(steps)
