"""The kind of part that says what is learned."""

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from grokking.data.data import Data
from grokking.parts.part import Part

D = TypeVar("D", bound=Data, covariant=True)


class Task(Part, ABC, Generic[D]):
    """What is learned: a frozen dataclass of the parameters that its data are drawn with.

    `data` is the kind of data, a module of `grokking.data`: models say which kinds they take. `columns` are those of a
    predictor's score. `classes` says whether the targets are classes, and not real numbers.
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
        """The data of run `seed`, always the same: float64 on the CPU."""

    @property
    def tokens(self) -> int:
        """The number of tokens that a net for sequences reads of a sample; 0 where a sample is no sequence."""
        return 0

    @property
    @abstractmethod
    def sizes(self) -> tuple[int, ...]:
        """The numbers that shape a sample: (d,) for vectors and matrices, (p,) for pairs, (p, K) for sums."""
