"""Why a run ends before its last step."""

from collections.abc import Mapping, Sequence

from grokking.specs.fields import ConfigError
from grokking.specs.stops import Level, Stationary, Stop

Rows = Sequence[Mapping[str, float]]


def reason_to_stop(stop: Stop, rows: Rows, decay: float) -> str | None:
    """The name of the stop if the latest of the observations `rows` fulfils it; `decay` is λ."""
    match stop:
        case Stationary():
            fulfilled = is_stationary(rows, decay, stop.threshold)
        case Level():
            fulfilled = is_held(stop, rows)
        case _:
            return None
    return stop.name if fulfilled else None


def is_stationary(rows: Rows, decay: float, threshold: float) -> bool:
    """Whether L + (λ/2)‖θ‖² fell by less than the fraction `threshold` per time 1/λ, over the last such span or more.

    In the kernel regime it falls by a factor e² per 1/λ and on the plateau by tens of percent, so neither is taken for
    stationary; nor is a loss that rises. Never without decay. `rows` have `time`, `train_loss` and `parameter_norm`.
    """
    if not decay:
        return False
    last = rows[-1]
    earlier = [row for row in rows if last["time"] - row["time"] >= 1 / decay]
    if not earlier:
        return False
    before, now = (row["train_loss"] + decay / 2 * row["parameter_norm"] ** 2 for row in (earlier[-1], last))
    spans = (last["time"] - earlier[-1]["time"]) * decay
    return bool(0 <= before - now < threshold * spans * before)


def is_held(stop: Level, rows: Rows) -> bool:
    """Whether the column has been at the level or beyond for as many observations as asked for."""
    if stop.column not in rows[-1]:
        allowed = ", ".join(rows[-1])
        raise ConfigError("stop.column", stop.column, f"is not observed during this run; allowed: {allowed}")
    values = [row[stop.column] for row in rows[-stop.observations :]]
    beyond = [value >= stop.level if stop.direction == "up" else value <= stop.level for value in values]
    return len(beyond) == stop.observations and all(beyond)
