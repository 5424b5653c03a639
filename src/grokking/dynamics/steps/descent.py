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
from grokking.dynamics.steps.epoch import EPOCH, count, epoch_accuracy, new_epoch
from grokking.dynamics.steps.generators import seed_generators
from grokking.failures import Divergence
from grokking.kernels.cuda_graph import captured
from grokking.nets.objective import GradientFlowSystem, Noise, Objective
from grokking.parts.own import is_own

STEPS_PER_STATE = 100
STOCHASTIC_STEPS_PER_STATE = 10_000
Slope = tuple[Tensor, Tensor | None]  # a gradient, and the number of right answers if they are counted


@dataclass(frozen=True)
class DescentState:
    """A state of training by steps: `y` is θ after `evaluations` steps.

    `time` is η · evaluations, `memory` holds what optimiser and filter remember, and the right
    answers of the epoch so far. The tensors of a state are overwritten as soon as the next state is
    asked for.
    """

    time: float
    y: Tensor
    evaluations: int = 0
    memory: Memory = field(default_factory=dict)

    @property
    def effort(self) -> dict[str, float]:
        """Columns of the trajectory: gradient evaluations so far, and any `epoch_accuracy`."""
        return {"evaluations": self.evaluations, **epoch_accuracy(self.memory)}


@dataclass(frozen=True)
class Descent:
    """The steps of an optimiser on the objective of a run.

    `spec` is the optimiser, `decay` its weight_decay or l2, whichever it takes. The learning-rate
    schedule ends at `last_step`. `seed` determines batches and noise.
    """

    spec: Optimizer
    objective: Objective
    learning_rate: float
    decay: float
    last_step: int
    seed: int

    def start(self) -> DescentState:
        """Return the state at step 0."""
        initial, counted = self.objective.initial, self.objective.counts_right
        return DescentState(0.0, initial, memory=new_epoch(self.batches.per_epoch, initial.device) if counted else {})

    def advance(self, state: DescentState, step: int) -> Iterator[DescentState]:
        """Yield states on the way to step number `step`, the last one there.

        Raises `Divergence`.
        """
        memory = {name: x.clone() if isinstance(x, Tensor) else x for name, x in state.memory.items()}
        state = replace(state, y=state.y.clone(), memory=memory)
        yield from self.states(state, self.walk()(state, step))

    def states(self, state: DescentState, steps: Iterator[int]) -> Iterator[DescentState]:
        """Yield the state after each number that the iterator `steps` yields.

        The iterator changes the θ of `state` in place. Raises `Divergence` if θ is no longer
        finite.
        """
        for done in steps:
            if not torch.isfinite(state.y).all():
                raise Divergence(
                    f"{self.spec.name} diverged before step {done} at learning_rate {self.learning_rate:g}: "
                    "the parameters are no longer finite; choose a smaller learning_rate"
                )
            yield replace(state, time=done * self.learning_rate, evaluations=done)

    def walk(self) -> Callable[[DescentState, int], Iterator[int]]:
        """Return the fastest function that takes the steps.

        Many steps are taken at once if they are plain steps θ ← θ - η(g + λθ) without filter,
        schedule or noise, and right answers are not counted.
        """
        spec, objective = self.spec, self.objective
        varied = spec.schedule != Constant() or spec.warm_up or not spec.filter.idle
        one_by_one = partial(self.optimizer_steps, self.slope)
        if not spec.plain or self.own or varied or objective.stochastic or objective.counts_right:
            return one_by_one
        if self.batches.full:
            return one_by_one if spec.label_noise else self.full_steps
        return one_by_one if self.decay else self.stochastic_steps

    def full_steps(self, state: DescentState, step: int) -> Iterator[int]:
        """Take steps θ ← θ - η(∇L + λθ) on all samples, in place.

        Yields the number of steps taken, now and then and at `step`.
        """
        for done in range(state.evaluations + 1, step + 1):
            state.y.add_(self.flow.velocity(0.0, state.y), alpha=self.learning_rate)
            if done % STEPS_PER_STATE == 0 or done == step:
                yield done

    def stochastic_steps(self, state: DescentState, step: int) -> Iterator[int]:
        """Take steps θ ← θ - ηg on batches, in place, many at once.

        Yields the number of steps taken, now and then and at `step`.
        """
        done = state.evaluations
        while done < step:
            numbers = range(done + 1, min(done + STOCHASTIC_STEPS_PER_STATE, step) + 1)
            rates = np.full(len(numbers), self.learning_rate)
            noise = self.label_noise(numbers) if self.spec.label_noise else None
            state.y.copy_(self.objective.descend(state.y, rates, self.batches.rows_of(numbers), noise))
            done = numbers[-1]
            yield done

    def optimizer_steps(
        self, slope_at: Callable[[Tensor, int], Slope], state: DescentState, step: int
    ) -> Iterator[int]:
        """Take steps of the optimiser from `state` up to number `step`, in place.

        `slope_at(theta, number)` returns the gradient of a step, which goes along the filtered
        gradient, and the number of right answers, which is counted. Yields the number of steps
        taken, now and then and at `step`.
        """
        spec, theta, move = self.spec, state.y, self.spec.mover(self.objective.layout)
        parts = {"filter": (spec.filter, "filtered"), "optimizer": (spec, "step")}
        kept, memory, epoch = (Section(state.memory, name) for name in (*parts, EPOCH))
        for done in range(state.evaluations + 1, step + 1):
            if self.own:
                seed_generators(self.seed, done, theta.device)
            gradient, right = slope_at(theta, done)
            if right is not None:
                count(epoch, done, self.batches.size, right)
            gradient = spec.filter.filtered(gradient, kept, done)
            require_filtered(spec.filter, gradient, theta)
            rate = self.rate(done)
            require_nothing(spec, move(theta, gradient, memory, rate, self.decay))
            if self.own and rate and done == min(STEPS_PER_STATE, self.last_step):
                require_moved(spec, theta, self.objective.initial, gradient, done)
            if done % STEPS_PER_STATE == 0 or done == step:
                require_kept(parts, state.memory, theta)
                yield done

    def rate(self, step: int) -> float:
        """Return the learning rate of step number `step`, from 1 on."""
        warm_up = self.spec.warm_up
        if step <= warm_up:
            return self.learning_rate * (step / warm_up)
        done = min(1.0, (step - warm_up) / max(1, self.last_step - warm_up))
        return self.learning_rate * require_factor(self.spec.schedule, self.spec.schedule.factor(done))

    @cached_property
    def own(self) -> bool:
        """Whether the optimiser or the filter is a user's, from a file in `grokking/own/`."""
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
    def full_slope(self) -> Callable[[Tensor], Slope]:
        """The function from θ to ∇L(θ) on all samples; on a GPU it replays a CUDA graph."""
        return captured(self.objective.counted_gradient, self.objective.initial)

    def slope(self, theta: Tensor, step: int) -> Slope:
        """Return the gradient at θ on the batch, and with the noise, of step number `step`.

        With it comes the number of right answers in the batch, if the objective counts them.
        """
        noisy = self.objective.stochastic or self.spec.label_noise
        if self.batches.full and not noisy:
            return self.full_slope(theta)
        labels = self.label_noise(range(step, step + 1))[0] if self.spec.label_noise else None
        noise = Noise(self.seed, step, labels) if noisy else None
        return self.objective.counted_gradient(theta, self.batches.rows(step), noise)

    def label_noise(self, steps: range) -> np.ndarray:
        """Return the noise on the targets in consecutive steps, float64 [steps, batch]."""
        return self.spec.label_noise * self.batches.noise_of(steps)
