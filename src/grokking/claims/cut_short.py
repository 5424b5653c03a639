"""What longer training may change: the bounds of a number that is read off runs cut short.

A run is cut short if it reached its last step and this number of steps is ours (`open_ended`).
"""

import math
from typing import TYPE_CHECKING

from grokking.measures.evidence import Evidence, Measure
from grokking.stops.budget import Budget

if TYPE_CHECKING:
    import pandas as pd

ENDED, STEPS = "ended", "budget"  # columns of a sweep's table: why a net's run ended, and its last step
LATEST = {"memorised": math.inf, "grokked": math.inf, "cost": math.inf, "has_grokked": 1.0, "largest_": 1.0}


def bounds_of(measure: Measure, evidence: Evidence) -> tuple[float, float] | None:
    """Return between which numbers longer training can leave that of `measure`.

    None if it cannot change it. Raises as `measure.read` does.
    """
    if not evidence.cut_short:
        return None
    if ENDED not in evidence.table:
        return measure.bounds(evidence)
    ends = [measure.read(evidence.of(table)) for table in extremes(evidence.table)]
    low, high = sorted(math.inf if math.isnan(end) else end for end in ends)
    return (low, high) if low < high else None


def extremes(nets: "pd.DataFrame") -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return the table of a sweep with the least and the greatest outcomes of the nets cut short.

    An event that has not happened comes after the last step or never; the largest accuracies grow.
    """
    cut = nets[ENDED] == Budget.name
    least, most = nets.copy(), nets.copy()
    for column in (name for name in nets if name.startswith(tuple(LATEST))):
        latest = next(value for name, value in LATEST.items() if column.startswith(name))
        open_ = cut & (nets[column].isna() | (nets["has_grokked"] == 0) | (latest == 1))
        most.loc[open_, column] = latest
        if math.isinf(latest):
            least.loc[open_, column] = nets.loc[open_, STEPS]
    return least, most
