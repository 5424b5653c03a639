"""`Motion`, a method applied to a run: its start, its steps, and the view of its state."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from torch import Tensor

    from grokking.nets.system import System

State = Any  # a frozen dataclass of tensors and numbers, the content of a checkpoint


class RunNumbers(Protocol):
    """The numbers of a run that a method needs; a `RunSpec` has them."""

    @property
    def learning_rate(self) -> float:
        """η, the learning rate."""

    @property
    def weight_decay(self) -> float:
        """λ of a decay that bypasses the optimiser."""

    @property
    def l2(self) -> float:
        """λ of a term (λ/2)‖θ‖² of the loss."""

    @property
    def steps(self) -> int:
        """The last step."""

    @property
    def continues(self) -> int:
        """The last step of the run that this run continues, or 0."""

    @property
    def seed(self) -> int:
        """The seed of batches and noise."""


class Motion(Protocol):
    """A method applied to the objective of a run: how the run starts and moves.

    `system` reads columns and weights off the coordinates y of a state.
    """

    @property
    def system(self) -> "System":
        """The system whose coordinates y the states hold."""

    @property
    def state_type(self) -> type[Any]:
        """The class of the states, a frozen dataclass."""

    def start(self) -> State:
        """Return the state at step 0."""

    def advance(self, state: State, step: int) -> Iterator[State]:
        """Yield states on the way to `step`, the last at `step` or beyond.

        Raises `Divergence`.
        """

    def at(self, state: State, step: int) -> "tuple[float, Tensor]":
        """Return time and coordinates y at a step that `state` has just reached or passed."""
