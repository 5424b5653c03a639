"""Values of measures: a number, or bounds between which it would lie if the run had gone on.

A run is cut short if it reached its last step and this number of steps is ours (`open_ended`).
"""

import math
from typing import TYPE_CHECKING

import numpy as np

from grokking.claims.value import CUT_SHORT, Value
from grokking.measures.curves import Final, Maximum, Minimum
from grokking.measures.evidence import UNKNOWN, Evidence, Measure
from grokking.measures.tables import Mean, Onset, Rows
from grokking.stops.budget import Budget

if TYPE_CHECKING:
    import pandas as pd

ENDED, STEPS, EVENTS = "ended", "budget", ("memorised", "grokked", "cost")  # columns of a sweep's table
MONOTONE = (Final, Mean, Maximum, Minimum, Onset)  # measures that are extreme if all their numbers are


def value_of(measure: Measure, evidence: Evidence) -> Value:
    """Return what a measure tells, with its interval. Raises as `measure.read` does."""
    if evidence.cut_short and ENDED in evidence.table:
        return value_of_nets(measure, *(evidence.of(table) for table in extremes(evidence.table)))
    if evidence.cut_short and (bounds := measure.bounds(evidence)):
        return cut_short(math.nan if bounds == UNKNOWN else measure.read(evidence), bounds)
    return measured(measure, evidence)


def measured(measure: Measure, evidence: Evidence) -> Value:
    """Return a number with its 95 % interval, which is infinite for a line through two points."""
    half_width = measure.half_width(evidence)
    return Value(measure.read(evidence), math.inf if math.isnan(half_width) else half_width)


def cut_short(number: float, bounds: tuple[float, float]) -> Value:
    """Return a value with bounds; an event that has not happened has the least number that it may be."""
    number = bounds[0] if math.isnan(number) and math.isfinite(bounds[0]) else number
    return Value(number, bounds=bounds, why=CUT_SHORT)


def value_of_nets(measure: Measure, least: Evidence, most: Evidence) -> Value:
    """Return what a measure tells of a sweep whose outcomes lie between two tables."""
    with np.errstate(invalid="ignore"):  # infinite steps
        number, other = measure.read(least), measure.read(most)
    low, high = sorted(math.inf if math.isnan(end) else end for end in (number, other))
    if low == high:
        return measured(measure, least)
    monotone = isinstance(measure.of if isinstance(measure, Rows) else measure, MONOTONE)
    return cut_short(number, (low, high) if monotone else UNKNOWN)


def extremes(nets: "pd.DataFrame") -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return the table of a sweep with the least and the greatest outcomes of the nets cut short.

    What has not happened comes after the last step or never; the largest accuracies may grow to 1.
    """
    cut = nets[ENDED] == Budget.name
    least, most = nets.astype(dict.fromkeys(EVENTS, float)), nets.astype(dict.fromkeys(EVENTS, float))
    for event in EVENTS:
        late = cut & nets["memorised" if event == "memorised" else "grokked"].isna()
        least.loc[late, event], most.loc[late, event] = nets.loc[late, STEPS], math.inf
    most.loc[cut & nets["grokked"].isna(), "has_grokked"] = 1.0
    most.loc[cut, [name for name in nets if name.startswith("largest_")]] = 1.0
    return least, most
