"""`Task`, the kind of part that says what is learned."""

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from grokking.data.data import Data
from grokking.parts.part import Part

D = TypeVar("D", bound=Data, covariant=True)


class Task(Part, ABC, Generic[D]):
    """A learning task: a frozen dataclass of the parameters from which its data are drawn.

    `data` is the kind of data, a module of `grokking.data`; models list the kinds that they take.
    `columns` are a predictor's scores. `classes` says whether targets are classes or real numbers.
    """

    data: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    classes: ClassVar[bool] = True

    @property
    @abstractmethod
    def train_samples(self) -> int:
        """The size of the training set."""

    @abstractmethod
    def draw(self, seed: int) -> D:
        """The data of run `seed`, float64 on the CPU; one seed always gives the same data."""

    @property
    def tokens(self) -> int:
        """The number of tokens of a sample, for nets that read sequences; 0 if it is not one."""
        return 0

    @property
    @abstractmethod
    def sizes(self) -> tuple[int, ...]:
        """The sizes of a sample: (d,) for vectors and matrices, (p,) for pairs, (p, K) for sums."""
