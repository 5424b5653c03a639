"""Why a run ends before its last step."""

from collections.abc import Mapping, Sequence

from grokking.specs.fields import ConfigError
from grokking.specs.stops import Level, Stationary, Stop

Rows = Sequence[Mapping[str, float]]


def reason_to_stop(stop: Stop, rows: Rows, decay: float) -> str | None:
    """The name of the stop if the latest of the observations `rows` fulfils it; `decay` is λ.

    Raises `ConfigError` for a column that is not observed while a run trains, as the test columns of linear tasks.
    """
    match stop:
        case Stationary():
            fulfilled = is_stationary(rows, decay, stop.threshold)
        case Level():
            fulfilled = is_held(stop, rows)
        case _:
            return None
    return stop.name if fulfilled else None


def is_stationary(rows: Rows, decay: float, threshold: float) -> bool:
    """Whether L + (λ/2)‖θ‖² moved by less than the fraction `threshold` per time 1/λ in the last such span or more.

    In the kernel regime it falls by a factor e² per 1/λ and on the plateau by tens of percent, so neither is taken for
    stationary; nor is a loss that has risen or oscillates. Never without decay.
    """
    if not decay:
        return False
    times = observed(rows, "time")
    spans = [(times[-1] - time) * decay for time in times]
    start = next((i for i in reversed(range(len(rows))) if spans[i] >= 1), None)
    if start is None:
        return False
    losses = zip(observed(rows, "train_loss")[start:], observed(rows, "parameter_norm")[start:], strict=True)
    values = [loss + decay / 2 * norm**2 for loss, norm in losses]
    return values[-1] <= values[0] and max(values) - min(values) < threshold * spans[start] * values[0]


def is_held(stop: Level, rows: Rows) -> bool:
    """Whether the column has been at the level or beyond for as many observations as asked for."""
    values = observed(rows, stop.column)[-stop.observations :]
    beyond = [value >= stop.level if stop.direction == "up" else value <= stop.level for value in values]
    return len(beyond) == stop.observations and all(beyond)


def observed(rows: Rows, column: str) -> list[float]:
    """The values of a column."""
    if column not in rows[-1]:
        allowed = ", ".join(rows[-1])
        raise ConfigError("stop.column", column, f"is not observed while this run trains; allowed: {allowed}")
    return [row[column] for row in rows]
