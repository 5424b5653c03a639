"""The events of a run, by which two runs of the same experiment can be compared."""

import math
from collections.abc import Mapping

import pandas as pd

from grokking.measures.curves import Crossing, Final, ValueAt
from grokking.measures.evidence import Evidence

LEVELS = (0.75, 0.99)  # of an accuracy
SHARES = (0.5, 0.1)  # of a loss or a norm at step 1
OUTCOMES = (  # columns of a sweep's table that are no settings
    *("memorised", "grokked", "has_grokked", "budget", "cost", "ended", "diverged"),
    *("train_accuracy", "test_accuracy", "ipr", "largest_"),
)


def events(table: pd.DataFrame) -> dict[str, float]:
    """Return the steps at which accuracies, losses and norms pass fixed levels, and final values.

    A loss may first rise above its value at step 1; its event is the first passage downwards.
    Events that never happen are left out.
    """
    evidence = Evidence(table, {})
    events: dict[str, float] = {}
    curves = [name for name in table if table[name].nunique() > 1]  # settings never change
    for column in (name for name in curves if name.endswith("_accuracy")):
        last = Final(column).read(evidence)
        direction = "up" if last >= ValueAt(column, 1).read(evidence) else "down"
        levels = {f"{column} {direction} to {level:.0%}": level for level in LEVELS}
        events |= {key: Crossing(column, level, direction).read(evidence) for key, level in levels.items()}
        events[f"{column} at the end"] = last
    for column in (name for name in curves if name.endswith(("_loss", "_norm"))):
        for share in SHARES:
            key = f"{column} down to {share:.0%} of its start"
            events[key] = Crossing(column, share, "down", of_value_at=1).read(evidence)
        events[f"{column} at the end"] = Final(column).read(evidence)
    return {key: value for key, value in events.items() if value == value}


def net_events(table: pd.DataFrame) -> dict[str, float]:
    """Return when each net of a sweep memorised and grokked, and its final accuracies.

    `table` has a row per net. A net is named by the settings in which the nets differ.
    """
    settings = [name for name in table if not name.startswith(OUTCOMES) and table[name].nunique() > 1]
    events: dict[str, float] = {}
    for row in table.to_dict("records"):
        name = ", ".join(f"{key} {row[key]}" for key in settings)
        events |= {f"{event} ({name})": row[event] for event in ("memorised", "grokked") if event in row}
        ends = [column for column in ("train_accuracy", "test_accuracy") if column in row]
        events |= {f"{column} at the end ({name})": row[column] for column in ends}
    return {key: value for key, value in events.items() if value == value}


def compare_events(old: Mapping[str, float], new: Mapping[str, float]) -> pd.DataFrame:
    """Return one row per event of either run: event, old, new, ratio new/old, `moved`.

    An event that one run lacks has no ratio.
    """
    rows = [
        {
            "event": key,
            "old": old.get(key),
            "new": new.get(key),
            "ratio": ratio(old.get(key), new.get(key)),
            "moved": moved(key, old.get(key), new.get(key)),
        }
        for key in dict.fromkeys([*old, *new])
    ]
    return pd.DataFrame(rows, columns=["event", "old", "new", "ratio", "moved"])


def moved(event: str, old: float | None, new: float | None) -> float:
    """Return |log(new / old)|, or |new - old| for a final accuracy; infinite if one is missing.

    The ratio of small accuracies would depend on a few samples.
    """
    if old is None or new is None:
        return math.inf
    if "_accuracy at the end" in event:
        return abs(new - old)
    quotient = ratio(old, new)
    return abs(math.log(quotient)) if quotient and quotient > 0 else math.inf


def ratio(old: float | None, new: float | None) -> float | None:
    """Return new / old if both exist and old is not 0; 1 if both are equal, even if 0."""
    if old is None or new is None:
        return None
    return 1.0 if old == new else new / old if old else None
