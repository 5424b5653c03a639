"""Every measure on whatever table there may be, against the same number in plain Python, without arrays.

No row, one row, constants, rows without a number, negative values, steps that do not ascend: a measure gives the
number, says that nothing is observed, or refuses the table.
"""

import math
from contextlib import suppress
from inspect import isabstract
from itertools import pairwise
from statistics import fmean, linear_regression

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grokking.measures.curves import (
    Crossing,
    Final,
    LargestFall,
    LargestRise,
    Maximum,
    Minimum,
    StepOfMaximum,
    Sustained,
    ValueAt,
    ValueWhen,
)
from grokking.measures.evidence import Evidence, Measure, NothingObserved
from grokking.measures.regimes import Knee, Straightness
from grokking.measures.tables import Mean, Onset, Reference, Rows, Slope
from grokking.parts.errors import ConfigError

NAN, LEVEL, STEP, HELD = math.nan, 0.5, 7.0, 2
NOTHING, REFUSED = "nothing observed", "refused"
COLUMNS = ["step", "y", "z"]
STEPS = st.sampled_from([0.0, 1.0, 2.0, 5.0, 7.0, 30.0, 1000.0])
NUMBERS = st.sampled_from([-1.0, 0.0, 0.25, 0.5, 0.75, 1.0, 3.0, NAN])
CURVES = st.lists(STEPS, max_size=6, unique=True).map(sorted)
ANY_STEPS = st.lists(st.one_of(STEPS, st.just(NAN), st.just(-2.0)), max_size=6)


@st.composite
def tables(draw):
    """Rows (step, y, z)."""
    steps = draw(st.one_of(CURVES, ANY_STEPS))
    return [(step, draw(NUMBERS), draw(NUMBERS)) for step in steps]


def known(values):
    return [value for value in values if value == value]


def log_axis(step, steps):
    """Where a step stands: log step, and step 0 one unit before the first above it."""
    first = min((one for one in steps if one > 0), default=1.0)
    return math.log(max(step, first / math.e))


def curve(rows, column):
    """The points (step, value) of a column; text where there are none, or where they are no curve."""
    points = [(row[0], row[column]) for row in rows if row[0] == row[0] and row[column] == row[column]]
    steps = [step for step, _ in points]
    if not points:
        return NOTHING
    return points if steps[0] >= 0 and steps == sorted(set(steps)) else REFUSED


def value_at(points, step):
    if step != step:
        return NAN
    if step > points[-1][0]:
        return NOTHING
    steps = [one for one, _ in points]
    x = log_axis(step, steps)
    before = max((one for one in points if log_axis(one[0], steps) <= x), default=points[0])
    after = min((one for one in points if log_axis(one[0], steps) >= x), default=points[-1])
    left, right = log_axis(before[0], steps), log_axis(after[0], steps)
    share = (x - left) / (right - left) if right > left else 0.0
    return before[1] + share * (after[1] - before[1])


def crossing(points):
    for (step, value), (later, now) in pairwise(points):
        if value < LEVEL <= now:
            if step == 0 and later > 1:
                return NOTHING
            steps = [one for one, _ in points]
            left, right = log_axis(step, steps), log_axis(later, steps)
            return math.exp(left + (LEVEL - value) / (now - value) * (right - left))
    return NAN


def sustained(points):
    for start in range(len(points) - HELD + 1):
        if all(value >= LEVEL for _, value in points[start : start + HELD]):
            return points[start][0]
    return NAN


def step_of_maximum(points):
    steps = [step for step, _ in points]
    top = max(range(len(points)), key=lambda row: (points[row][1], -row))
    if top in (0, len(points) - 1):
        return steps[top]
    x = [log_axis(step, steps) for step in steps[top - 1 : top + 2]]
    y = [value for _, value in points[top - 1 : top + 2]]
    # Lagrange's parabola: the root of its derivative
    weights = [y[i] / math.prod(x[i] - x[j] for j in range(3) if j != i) for i in range(3)]
    sums = [sum(x[j] for j in range(3) if j != i) for i in range(3)]
    return math.exp(sum(w * s for w, s in zip(weights, sums, strict=True)) / (2 * sum(weights)))


def value_when(rows):
    points, other = curve(rows, 1), curve(rows, 2)
    step = crossing(points) if isinstance(points, list) else points
    return step if isinstance(step, str) else of_curve(other, lambda z: value_at(z, step))


def of_curve(points, number):
    return points if isinstance(points, str) else number(points)


def of_known(values, number):
    return number(known(values)) if known(values) else NOTHING


def window(rows, number):
    return of_known([row[1] for row in rows if 2 <= row[0] <= 30], number)


def onset(rows):
    if not known(row[1] for row in rows) or not known(row[2] for row in rows):
        return NOTHING
    if any(row[2] != row[2] for row in rows):
        return NAN
    holding = [
        edge for edge in {row[2] for row in rows} if all(row[1] == 1 for row in rows if row[2] >= edge)
    ]  # fmt: skip
    return min(holding, default=NAN)


def slope(rows):
    points = sorted({(row[0], row[1]) for row in rows if row[0] == row[0] and row[1] == row[1]})
    if len({x for x, _ in points}) < 2 or any(x <= 0 or y <= 0 for x, y in points):
        return NOTHING
    return linear_regression([math.log(x) for x, _ in points], [math.log(y) for _, y in points]).slope


def second(rows):
    return [row[1] for row in rows]


EXPECTED = {
    ValueAt("y", STEP): lambda rows: of_curve(curve(rows, 1), lambda points: value_at(points, STEP)),
    ValueAt("y", 0): lambda rows: of_curve(curve(rows, 1), lambda points: value_at(points, 0)),
    Final("y"): lambda rows: of_known(second(rows), lambda y: y[-1]),
    Crossing("y", LEVEL): lambda rows: of_curve(curve(rows, 1), crossing),
    Sustained("y", LEVEL, HELD): lambda rows: of_curve(curve(rows, 1), sustained),
    ValueWhen("z", Crossing("y", LEVEL)): value_when,
    Maximum("y"): lambda rows: of_known(second(rows), max),
    Minimum("y"): lambda rows: of_known(second(rows), min),
    Maximum("y", 2, 30): lambda rows: window(rows, max),
    Minimum("y", 2, 30): lambda rows: window(rows, min),
    LargestFall("y"): lambda rows: of_known(
        second(rows), lambda y: max(y[i] - y[j] for j in range(len(y)) for i in range(j + 1))
    ),
    LargestRise("y"): lambda rows: of_known(
        second(rows), lambda y: max(y[j] - y[i] for j in range(len(y)) for i in range(j + 1))
    ),
    StepOfMaximum("y"): lambda rows: of_curve(curve(rows, 1), step_of_maximum),
    Mean("y"): lambda rows: of_known(second(rows), lambda y: fmean(y) if len(y) == len(rows) else NAN),
    Onset("y", "z"): onset,
    Slope("y", "step"): slope,
    Rows((("z", 1.0),), "", Final("y")): lambda rows: of_known(
        [row[1] for row in rows if row[2] == 1], lambda y: y[-1]
    ),
}


def measured(measure, rows):
    try:
        return measure.read(Evidence(pd.DataFrame(rows, columns=COLUMNS, dtype=float), {}))
    except NothingObserved:
        return NOTHING
    except ConfigError:
        return REFUSED


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("measure", EXPECTED, ids=repr)
@given(rows=tables())
@example(rows=[])
@example(rows=[(0.0, 0.0, 0.0)])
@example(rows=[(5.0, NAN, NAN), (7.0, NAN, NAN)])
@example(rows=[(1.0, 1.0, 1.0), (5.0, 1.0, 1.0), (7.0, 1.0, 1.0)])
@example(rows=[(0.0, 0.0, 1.0), (1.0, NAN, 1.0), (5.0, 3.0, NAN), (7.0, NAN, 0.0), (30.0, 0.25, 0.5)])
@example(rows=[(7.0, 0.0, 1.0), (1.0, 1.0, 1.0)])
def test_a_measure_is_a_number_or_says_why_there_is_none(measure, rows):
    expected = EXPECTED[measure](rows)
    if isinstance(expected, str):
        assert measured(measure, rows) == expected
    else:
        assert measured(measure, rows) == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)


OF_REGIMES = {Knee: ("y",), Straightness: ("y", "slow")}  # fits to a whole curve: test_measures.py has closed forms


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", OF_REGIMES)
@given(rows=tables())
def test_a_measure_of_a_regime_is_a_number_or_says_why_there_is_none(kind, rows):
    table = pd.DataFrame(rows, columns=["step", "y", "test_accuracy"], dtype=float)
    with suppress(NothingObserved, ConfigError):
        assert isinstance(kind(*OF_REGIMES[kind]).read(Evidence(table, {})), float)


def subclasses(cls):
    return {one for child in cls.__subclasses__() for one in (child, *subclasses(child))}


def test_every_measure_of_a_table_is_drawn():
    measures = {one for one in subclasses(Measure) if not isabstract(one)}
    assert {type(measure) for measure in EXPECTED} == measures - {Reference, *OF_REGIMES}
