"""Runs stepped as one batch: on a GPU this costs little more than a single small net.

The runs differ only in data and initial weights. Their θ are the rows of one array, on which
optimiser and filter act as on a single θ. One function, captured as a CUDA graph, computes all
gradients by products over all runs.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

import torch
from torch import Tensor

from grokking.dynamics.steps.descent import Descent, DescentState, Slope
from grokking.dynamics.steps.motion import DescentMotion
from grokking.kernels.cuda_graph import captured
from grokking.nets.sum_objective import SumObjective


@dataclass(frozen=True)
class Fleet:
    """Runs that are stepped as one batch; `descents` are their optimisers and objectives."""

    descents: tuple[Descent, ...]

    def advance(self, states: Sequence[DescentState], step: int) -> Iterator[list[DescentState]]:
        """Yield the states of all runs on the way to step number `step`. Raises `Divergence`.

        `states` has one state per run, all at the same step.
        """
        lead, state = self.descents[0], joined(states)
        for reached in lead.states(state, lead.optimizer_steps(self.slope, state, step)):
            yield [row(reached, i) for i in range(len(states))]

    def slope(self, theta: Tensor, step: int) -> Slope:
        """Return the gradient of each run on its batch of step number `step`, [runs, …].

        With it comes the number of right answers in each batch, int64 [runs, 1].
        """
        return self.slopes(theta, *self.batch(step))

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Return each run's batch: operands [runs, batch, K] and results [runs, batch]."""
        parts = []
        for descent, objective in zip(self.descents, self.objectives, strict=True):
            rows = cast(Tensor, descent.batches.rows(step)).to(objective.operands.device)
            parts.append((objective.operands[rows], objective.results[rows]))
        operands, results = zip(*parts, strict=True)
        return torch.stack(operands), torch.stack(results)

    @cached_property
    def objectives(self) -> list[SumObjective]:
        """The objective of each run: the same net, each on the run's own data."""
        return [cast(SumObjective, descent.objective) for descent in self.descents]

    @cached_property
    def slopes(self) -> Callable[..., Slope]:
        """The function from θ, operands and results of all runs to what `slope` returns."""
        initial = torch.stack([objective.initial for objective in self.objectives])
        return captured(torch.vmap(self.objectives[0].counted_slope), initial, *self.batch(1))


def fleet(motions: Sequence[DescentMotion]) -> Fleet:
    """Return the runs of `motions` as one batch."""
    return Fleet(tuple(motion.descent for motion in motions))


def joined(states: Sequence[DescentState]) -> DescentState:
    """Return the states of several runs at one step as a single state.

    Its tensors hold those of the runs as rows; its numbers are those of the first run, which are
    equal in all runs.
    """
    first = states[0]
    memory = {name: stacked([state.memory[name] for state in states]) for name in first.memory}
    return replace(first, y=stacked([state.y for state in states]), memory=memory)


def stacked(parts: Sequence[Any]) -> Any:
    """Return the tensors of several runs as one tensor, with the runs as its last axis but one.

    Of scalar tensors and of numbers, which are equal in all runs, the first is returned.
    """
    if not isinstance(parts[0], Tensor):
        return parts[0]
    return torch.stack(list(parts), -2) if parts[0].ndim else parts[0].clone()


def row(state: DescentState, i: int) -> DescentState:
    """Return the state of run number i from a state of several runs, as `joined` makes it."""
    memory = {name: x.select(-2, i) if isinstance(x, Tensor) and x.ndim else x for name, x in state.memory.items()}
    return replace(state, y=state.y[i], memory=memory)
