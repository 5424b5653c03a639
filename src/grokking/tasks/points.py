"""A task on points in a vector space."""

from dataclasses import dataclass
from typing import TypeVar

from grokking.data.data import Data
from grokking.parts.fields import Count
from grokking.tasks.task import Task

D = TypeVar("D", bound=Data, covariant=True)


@dataclass(frozen=True)
class PointTask(Task[D]):
    """There are `n` training points in `d` dimensions."""

    n: Count
    d: Count

    @property
    def sizes(self) -> tuple[int, ...]:
        """The dimension, (d,)."""
        return (self.d,)

    @property
    def train_samples(self) -> int:
        """The size of the training set."""
        return self.n
