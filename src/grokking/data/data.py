"""What every kind of data offers to a run."""

from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Data(Protocol):
    """The data of one run of a task: a training set, and a test set on which predictors are scored."""

    def to(self, device: "torch.device") -> Self:
        """The same data on `device`."""

    def evaluate(self, predictors: "Tensor", /) -> dict[str, list[float]]:
        """The test columns of T predictors [T, …], computed in one pass over the test set."""
