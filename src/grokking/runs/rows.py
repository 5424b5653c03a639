"""The observations of a run while it trains."""

from collections.abc import Mapping, Sequence

from grokking.specs.fields import ConfigError

Rows = Sequence[Mapping[str, float]]


def observed(rows: Rows, column: str) -> list[float]:
    """The values of a column. Raises `ConfigError` for one that is only computed at the end, or not at all."""
    if column not in rows[-1]:
        raise ConfigError(
            "stop.column", column, f"is not observed while this run trains; allowed: {', '.join(rows[-1])}"
        )
    return [row[column] for row in rows]
