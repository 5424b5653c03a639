"""`Data`, the methods that a run needs of every kind of data."""

from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Data(Protocol):
    """The data of one run: a training set, and a test set on which predictors are scored."""

    def to(self, device: "torch.device") -> Self:
        """The data on `device`."""

    def evaluate(self, predictors: "Tensor", /) -> dict[str, list[float]]:
        """Test columns of the `predictors` [T, …], computed in one pass over the test set."""
