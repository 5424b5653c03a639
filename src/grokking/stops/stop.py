"""`Stop`, the kind of part that ends a run before its last step."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from grokking.parts.errors import ConfigError
from grokking.parts.part import Part

Rows = Sequence[Mapping[str, float]]  # the observations so far, oldest first


class Stop(Part, ABC):
    """A condition that ends a run before its last step.

    The name of the stop is recorded as the run's reason to end. `at_rest` says that a run which the
    stop ends no longer moves; if such a run has θ ≈ 0, its recorded reason is `collapsed`.
    """

    at_rest: ClassVar[bool] = False

    @abstractmethod
    def is_reached(self, rows: Rows, decay: float) -> bool:
        """Return whether the last of the observations `rows`, oldest first, ends a run; λ is `decay`.

        A row has the columns that the run observes, `step` and `time` among them. The rows are all
        that a stop knows: an interrupted run reads them from its checkpoint.
        """

    def require_fit(self, columns: Collection[str], decay: float) -> None:
        """Raise `ConfigError` if a run with such columns and decay can never reach the stop."""


def require_column(column: str, columns: Collection[str], where: str) -> None:
    """Raise `ConfigError` unless a column is observed while the run trains."""
    if column not in columns:
        raise ConfigError(where, column, f"is not observed while the run trains; allowed: {', '.join(sorted(columns))}")
