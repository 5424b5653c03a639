"""Runs that are stepped as one batch."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Protocol, cast

from grokking.dynamics.motion import Motion, State


class Fleet(Protocol):
    """Several motions at once."""

    def advance(self, states: Sequence[State], step: int) -> Iterator[list[State]]:
        """The states of all motions on the way, from states at the same step to step number `step`."""


@lru_cache(maxsize=1)
def side_by_side(motions: tuple[Motion, ...]) -> Fleet:
    """The motions of runs that are stepped as one batch; kept, with its captured graph, until other runs go together.

    The module is imported by name: a run that goes alone does not depend on its code.
    """
    return cast(Fleet, import_module("grokking.dynamics.steps.fleet").fleet(motions))
