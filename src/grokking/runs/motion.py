"""A run's dynamics set up on its data: where it starts, how it advances, and how its state is looked at."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, Protocol, cast

from torch import Tensor

from grokking.dynamics.system import System
from grokking.models.objective import Objective
from grokking.specs.run import RunSpec

State = Any  # a frozen dataclass of tensors and numbers: all that a checkpoint has to hold


class Motion(Protocol):
    """θ on its way. `system` says what is seen of a state y."""

    @property
    def system(self) -> System:
        """In the coordinates of y."""

    @property
    def state_type(self) -> type[Any]:
        """The class of its states."""

    def start(self) -> State:
        """The state at step 0."""

    def advance(self, state: State, step: int) -> Iterator[State]:
        """States on the way, the last one at step number `step` or beyond. Raises `Divergence`."""

    def at(self, state: State, step: int) -> tuple[float, Tensor]:
        """Time and y at a step that `state` has just reached or passed."""


def motion_of(spec: RunSpec, objective: Objective) -> Motion:
    """The run's dynamics on its objective: a flow or steps, each with the modules of its own kind."""
    return cast(Motion, import_module(f"grokking.dynamics.{spec.dynamics.kind}.motion").motion(spec, objective))


class Fleet(Protocol):
    """Several motions at once."""

    def advance(self, states: Sequence[State], step: int) -> Iterator[list[State]]:
        """As that of `Motion`, from states at the same step."""


@lru_cache(maxsize=1)
def side_by_side(motions: tuple[Motion, ...]) -> Fleet:
    """The motions of runs of one fleet; kept, for there is a captured graph in it, until other runs go together.

    Imported by name, as the other dynamics are: a flow's code does not depend on it.
    """
    return cast(Fleet, import_module("grokking.dynamics.steps.fleet").fleet(motions))
