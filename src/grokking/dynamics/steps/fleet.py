"""Runs that take their steps side by side: on a GPU a step of several small nets costs little more than one of one.

They differ in data and initial weights alone. Their θ are the rows of one array, on which optimiser and filter act as
on one θ; the gradients come from one function of all rows, whose matrix products go over the runs, captured as one
graph.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

import torch
from torch import Tensor

from grokking.dynamics.steps.descent import Descent, DescentState
from grokking.dynamics.steps.motion import DescentMotion
from grokking.kernels.cuda_graph import captured
from grokking.nets.sum_objective import SumObjective


@dataclass(frozen=True)
class Fleet:
    """The `descents` of such runs."""

    descents: tuple[Descent, ...]

    def advance(self, states: Sequence[DescentState], step: int) -> Iterator[list[DescentState]]:
        """The states of all, from the same step to step number `step`. Raises `Divergence`."""
        lead, state = self.descents[0], joined(states)
        for reached in lead.states(state, lead.optimizer_steps(self.gradient, state, step)):
            yield [row(reached, i) for i in range(len(states))]

    def gradient(self, theta: Tensor, step: int) -> Tensor:
        """The gradient of each, [runs, …], on the batch that it sees in step number `step`."""
        return self.slope(theta, *self.batch(step))

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Operands [runs, batch, K] and results [runs, batch]."""
        parts = []
        for descent, objective in zip(self.descents, self.objectives, strict=True):
            rows = cast(Tensor, descent.batches.rows(step)).to(objective.operands.device)
            parts.append((objective.operands[rows], objective.results[rows]))
        operands, results = zip(*parts, strict=True)
        return torch.stack(operands), torch.stack(results)

    @cached_property
    def objectives(self) -> list[SumObjective]:
        """What each goes down: the same net on data of its own."""
        return [cast(SumObjective, descent.objective) for descent in self.descents]

    @cached_property
    def slope(self) -> Callable[..., Tensor]:
        """θ, operands and results of all → all gradients."""
        initial = torch.stack([objective.initial for objective in self.objectives])
        return captured(torch.vmap(self.objectives[0].slope), initial, *self.batch(1))


def fleet(motions: Sequence[DescentMotion]) -> Fleet:
    """That of some runs."""
    return Fleet(tuple(motion.descent for motion in motions))


def joined(states: Sequence[DescentState]) -> DescentState:
    """States at the same step as one, each a row of its tensors; counters are the same for all."""
    first = states[0]
    memory = {name: stacked([state.memory[name] for state in states]) for name in first.memory}
    return replace(first, y=stacked([state.y for state in states]), memory=memory)


def stacked(parts: Sequence[Tensor]) -> Tensor:
    """One array with the runs as its axis before the last."""
    return torch.stack(list(parts), -2) if parts[0].ndim else parts[0].clone()


def row(state: DescentState, i: int) -> DescentState:
    """One of the states that were joined."""
    memory = {name: x.select(-2, i) if x.ndim else x for name, x in state.memory.items()}
    return replace(state, y=state.y[i], memory=memory)
