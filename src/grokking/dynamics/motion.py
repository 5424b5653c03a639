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
    """A method applied to an objective; `system` reads columns and weights off a state's y."""

    @property
    def system(self) -> "System":
        """The system in the coordinates of y."""

    @property
    def state_type(self) -> type[Any]:
        """The class of the states, a frozen dataclass."""

    def start(self) -> State:
        """The state at step 0."""

    def advance(self, state: State, step: int) -> Iterator[State]:
        """States along the way; the last is at step `step` or beyond. Raises `Divergence`."""

    def at(self, state: State, step: int) -> "tuple[float, Tensor]":
        """Time and y at a step that `state` has just reached or passed."""
