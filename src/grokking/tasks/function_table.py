"""A function of K numbers given by its values in a CSV file."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from grokking.parts.errors import ConfigError
from grokking.parts.fields import LARGEST, Observed
from grokking.tasks.csv_file import digest_of, numbers
from grokking.tasks.flipped import drawn_flips, number_flipped
from grokking.tasks.sums import SumTask
from grokking.tasks.training_set import number_observed, random_mask

if TYPE_CHECKING:
    from grokking.data.sums import SumData


@dataclass(frozen=True)
class FunctionTable(SumTask):
    """A function of K numbers, read as x₁ + … + x_K =, whose values are in a CSV `file`.

    Each line has the K operands and the value, numbers from 0; p is the largest of all numbers plus
    1. The file has no header; its path is absolute, or relative to config/papers/, the current
    folder or the repository. The fraction (or count) `observed` of the lines is the training set.
    `digest` stands for the numbers; it is filled in and is part of the run's id, so that a file
    with other numbers makes another run.
    """

    file: str
    observed: Observed
    digest: str = ""

    name: ClassVar = "function_table"

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", self.digest or digest_of(self.file))
        require_function(self.lines, f"file {self.file}")
        number_flipped(self.train_samples, self.flipped, self.sizes[0])

    @property
    def lines(self) -> np.ndarray:
        """The lines of the file, int64 [lines, K + 1]. Raises `ConfigError` if they have changed."""
        return numbers(self.file, self.digest)

    @property
    def train_samples(self) -> int:
        """The size of the training set."""
        return number_observed(len(self.lines), self.observed)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of values of an operand and the number of operands, (p, K)."""
        return int(self.lines.max()) + 1, self.lines.shape[1] - 1

    def draw(self, seed: int) -> "SumData":
        """Return the data of run `seed`: operands, values, train mask and flips."""
        import torch

        from grokking.data.sums import SumData

        table, p = self.lines, self.sizes[0]
        table = table[np.lexsort(table.T[-2::-1])]
        observed = random_mask(seed, np.ones(len(table), dtype=bool), self.observed)
        flips = drawn_flips(seed, observed, self.flipped, p)
        added = None if flips is None else torch.from_numpy(flips)
        operands, values = torch.from_numpy(table[:, :-1].copy()), torch.from_numpy(table[:, -1].copy())
        return SumData(p, operands, torch.from_numpy(observed), values, added)


def require_function(table: np.ndarray, where: str) -> None:
    """Raise `ConfigError` unless all lines have different operands, and p^K is at most 2⁵³."""
    K = table.shape[1] - 1
    if K < 1 or K * math.log2(int(table.max()) + 1) > math.log2(LARGEST):
        allowed = "must have operands and a value in each line, and p to the power of operands must be at most 2^53"
        raise ConfigError(where, f"{table.shape[1]} columns of numbers up to {table.max()}", allowed)
    _, first = np.unique(table[:, :-1], axis=0, return_index=True)
    repeated = sorted({*range(len(table))} - {*first.tolist()})
    if repeated:
        operands = table[repeated[0], :-1].tolist()
        raise ConfigError(f"{where}, line {repeated[0] + 1}", operands, "these operands stand in an earlier line")
