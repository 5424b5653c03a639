"""Batched training: several runs stepped together."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Protocol, cast

from grokking.dynamics.motion import Motion, State


class Fleet(Protocol):
    """Several motions that advance as one batch."""

    def advance(self, states: Sequence[State], step: int) -> Iterator[list[State]]:
        """Yield the states of all motions on the way from a common step to `step`."""


@lru_cache(maxsize=1)
def side_by_side(motions: tuple[Motion, ...]) -> Fleet:
    """The batch of these motions, cached with its captured CUDA graph until the next batch.

    The module is imported by name, so that its code is no part of the version of a single run.
    """
    return cast(Fleet, import_module("grokking.dynamics.steps.fleet").fleet(motions))
