"""The events of any run, so that two runs of the same experiment can be compared event by event."""

import math
from collections.abc import Mapping

import pandas as pd

from grokking.measures.curves import Crossing, Final, ValueAt
from grokking.measures.evidence import Evidence

LEVELS = (0.75, 0.99)  # of an accuracy
SHARES = (0.5, 0.1)  # of a loss or a norm at step 1
OUTCOMES = (  # columns of a net of a sweep that are no settings of it
    *("memorised", "grokked", "has_grokked", "budget", "cost", "ended", "diverged"),
    *("train_accuracy", "test_accuracy", "ipr", "largest_"),
)


def events(table: pd.DataFrame) -> dict[str, float]:
    """Steps at which the run's accuracies, losses and norm pass fixed levels, and where they end.

    A loss that first rises past its value at step 1 counts from the first passage below. Events that never happen are
    left out.
    """
    evidence = Evidence(table, {})
    found: dict[str, float] = {}
    curves = [name for name in table if table[name].nunique() > 1]  # a setting such as init_norm never changes
    for column in (name for name in curves if name.endswith("_accuracy")):
        last = Final(column).read(evidence)
        direction = "up" if last >= ValueAt(column, 1).read(evidence) else "down"
        levels = {f"{column} {direction} to {level:.0%}": level for level in LEVELS}
        found |= {key: Crossing(column, level, direction).read(evidence) for key, level in levels.items()}
        found[f"{column} at the end"] = last
    for column in (name for name in curves if name.endswith(("_loss", "_norm"))):
        for share in SHARES:
            key = f"{column} down to {share:.0%} of its start"
            found[key] = Crossing(column, share, "down", of_value_at=1).read(evidence)
        found[f"{column} at the end"] = Final(column).read(evidence)
    return {key: value for key, value in found.items() if value == value}


def net_events(table: pd.DataFrame) -> dict[str, float]:
    """When each net of a sweep memorised and grokked, and where its accuracies end; a row of `table` is a net.

    A net is called by the settings in which the nets differ.
    """
    settings = [name for name in table if not name.startswith(OUTCOMES) and table[name].nunique() > 1]
    found: dict[str, float] = {}
    for row in table.to_dict("records"):
        name = ", ".join(f"{key} {row[key]}" for key in settings)
        found |= {f"{event} ({name})": row[event] for event in ("memorised", "grokked") if event in row}
        ends = [column for column in ("train_accuracy", "test_accuracy") if column in row]
        found |= {f"{column} at the end ({name})": row[column] for column in ends}
    return {key: value for key, value in found.items() if value == value}


def compare_events(old: Mapping[str, float], new: Mapping[str, float]) -> pd.DataFrame:
    """One row per event of either: event, old, new, ratio new/old, and how far it `moved`.

    An event that one side lacks has no ratio.
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
    """|log(new / old)|, for an accuracy at the end |new - old|; infinite if one side lacks the event.

    The ratio of two small accuracies is that of a few samples.
    """
    if old is None or new is None:
        return math.inf
    if "_accuracy at the end" in event:
        return abs(new - old)
    quotient = ratio(old, new)
    return abs(math.log(quotient)) if quotient and quotient > 0 else math.inf


def ratio(old: float | None, new: float | None) -> float | None:
    """new / old where both exist; 1 when they are equal, 0 included."""
    if old is None or new is None:
        return None
    return 1.0 if old == new else new / old if old else None
