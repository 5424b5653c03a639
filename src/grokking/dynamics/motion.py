"""A method at work: where it starts, how it advances, and how its state is looked at."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.nets.system import System

State = Any  # a frozen dataclass of tensors and numbers: all that a checkpoint has to hold


class RunNumbers(Protocol):
    """The numbers of a run that its method needs; a `RunSpec` has them."""

    @property
    def learning_rate(self) -> float:
        """η."""

    @property
    def weight_decay(self) -> float:
        """λ of a decay beside the gradient."""

    @property
    def l2(self) -> float:
        """λ of a term of the loss."""

    @property
    def steps(self) -> int:
        """The last step."""

    @property
    def seed(self) -> int:
        """The seed of batches and noise."""


class Motion(Protocol):
    """θ on its way. `system` says what is seen of a state y."""

    @property
    def system(self) -> "System":
        """The system in the coordinates of y."""

    @property
    def state_type(self) -> type[Any]:
        """The class of the states."""

    def start(self) -> State:
        """The state at step 0."""

    def advance(self, state: State, step: int) -> Iterator[State]:
        """The states on the way, the last one at step number `step` or beyond. Raises `Divergence`."""

    def at(self, state: State, step: int) -> "tuple[float, Tensor]":
        """Time and y at a step that `state` has just reached or passed."""
