"""What every kind of data offers to a run."""

from typing import Protocol, Self

import torch
from torch import Tensor


class Data(Protocol):
    """The data of one run of a task."""

    def to(self, device: torch.device) -> Self:
        """The same data on `device`."""

    def evaluate(self, predictors: Tensor, /) -> dict[str, list[float]]:
        """Test columns of T predictors [T, …], in one pass over the test set."""
