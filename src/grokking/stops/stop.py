"""The kind of part that says what ends a run before its last step."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence

from grokking.parts.errors import ConfigError
from grokking.parts.part import Part

Rows = Sequence[Mapping[str, float]]  # what has been observed so far, oldest first


class Stop(Part, ABC):
    """What ends a run before its last step; its name is the reason that the run gives."""

    @abstractmethod
    def is_reached(self, rows: Rows, decay: float) -> bool:
        """Whether the latest of the observations `rows` ends the run; `decay` is its λ."""

    def require_fit(self, columns: Collection[str], decay: float) -> None:
        """Raise `ConfigError` for what a run with such columns and such a decay can never reach."""


def require_column(column: str, columns: Collection[str], where: str) -> None:
    """Raise `ConfigError` unless a run observes a column while it trains."""
    if column not in columns:
        raise ConfigError(where, column, f"is not observed while the run trains; allowed: {', '.join(sorted(columns))}")
