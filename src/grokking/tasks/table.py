"""An operation given by its table in a CSV file."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from grokking.parts.errors import ConfigError
from grokking.parts.fields import Observed
from grokking.tasks.csv_file import digest_of, numbers
from grokking.tasks.modular_operation import LARGEST_P
from grokking.tasks.operation import OperationTask


@dataclass(frozen=True)
class Table(OperationTask):
    """The operation a ∘ b whose results are in a CSV `file`, line a and column b counted from 0.

    The file has n lines of n numbers from 0 to n - 1 and no header; its path is absolute, or
    relative to config/papers/, the current folder or the repository. The fraction (or count)
    `observed` of the n² pairs is the training set. `digest` stands for the numbers; it is filled in
    and is part of the run's id, so that a file with other numbers makes another run.
    """

    file: str
    observed: Observed
    digest: str = ""

    name: ClassVar = "table"

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", self.digest or digest_of(self.file))
        require_square(self.results(), f"file {self.file}")
        super().__post_init__()

    def results(self) -> np.ndarray:
        """Return the table of the operation, int64 [n, n]."""
        return numbers(self.file, self.digest)


def require_square(table: np.ndarray, where: str) -> None:
    """Raise `ConfigError` unless a table is n × n with numbers below n."""
    lines, columns = table.shape
    if lines != columns or lines > LARGEST_P:
        allowed = f"must be as many lines as columns, at most {LARGEST_P}"
        raise ConfigError(where, f"{lines} lines of {columns} numbers", allowed)
    for line, column in np.argwhere(table >= lines)[:1]:
        allowed = f"must be from 0 to {lines - 1}: the table has {lines} operands"
        raise ConfigError(f"{where}, line {line + 1}", int(table[line, column]), allowed)
