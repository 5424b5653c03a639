"""Values with intervals: differences, ratios and medians contain every number that they may be."""

import math
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grokking.claims.value import CEILING, CUT_SHORT, FLOOR, Value, median_interval

NAN, INF = math.nan, math.inf
NUMBERS = st.sampled_from([-7.5, -2.0, -0.25, 0.0, 0.25, 1.0, 3.0, 40.0])


def at_least(number):
    return Value(number, bounds=(number, INF), why=CUT_SHORT)


def at_most(number):
    return Value(number, bounds=(-INF, number), why=CUT_SHORT)


UNKNOWN = Value(NAN, bounds=(-INF, INF), why=CUT_SHORT)


@st.composite
def values(draw, bounded=None):
    """A value that is bounded or not, and a true number within its interval."""
    number, further = draw(NUMBERS), abs(draw(NUMBERS))
    kinds = [at_least(number), at_most(number), UNKNOWN, Value(number, bounds=(number, number + further))]
    free = [Value(number), Value(number, further), Value(number, INF)]
    value = draw(st.sampled_from({True: kinds, False: free, None: kinds + free}[bounded]))
    low, high = (min(max(end, -1e6), 1e6) for end in value.interval)
    return value, draw(st.sampled_from([low, high, number, (low + high) / 2]).filter(lambda x: low <= x <= high))


@given(values(bounded=True), values(), st.booleans())
def test_differences_and_ratios_contain_those_of_every_pair_of_true_values(one, other, swap):
    (a, x), (b, y) = (other, one) if swap else (one, other)
    low, high = (a - b).interval
    assert low <= x - y <= high
    if y and b.interval != (0, 0):
        low, high = (a / b).interval
        assert low <= x / y * (1 + 1e-12) + 1e-12
        assert x / y * (1 - 1e-12) - 1e-12 <= high


@given(NUMBERS, NUMBERS)
def test_numbers_without_an_interval_stay_numbers(x, y):
    assert Value(x) - Value(y) == Value(x - y)
    assert (Value(x) / Value(y)).interval == pytest.approx((x / y, x / y) if y else (NAN, NAN), nan_ok=True)


@pytest.mark.parametrize(
    ("value", "interval"),
    [
        (at_least(10) - Value(4), (6, INF)),
        (Value(4) - at_least(10), (-INF, -6)),
        (at_least(10) - at_least(4), (-INF, INF)),
        (at_least(10) - at_most(4), (6, INF)),
        (at_least(10) - Value(4, 0.5), (5.5, INF)),
        (at_least(10) / Value(4), (2.5, INF)),
        (Value(4) / at_least(10), (0, 0.4)),
        (at_least(10) / at_least(4), (0, INF)),
        (at_least(10) / at_most(-4), (-INF, 0)),
        (at_least(10) / at_most(4), (-INF, INF)),
        (at_least(-1) / Value(4), (-0.25, INF)),
        (at_least(10) / Value(4, 4), (-INF, INF)),
        (Value(3) / (Value(4) / at_least(10)), (-INF, INF)),
        (Value(0) / at_least(10), (0, 0)),
        (UNKNOWN / Value(2), (-INF, INF)),
        (UNKNOWN - UNKNOWN, (-INF, INF)),
    ],
)
def test_what_is_known_of_a_run_that_was_cut_short(value, interval):
    assert value.interval == interval
    assert value.why == CUT_SHORT


@given(values())
def test_what_never_happens_makes_no_number_with_anything(pair):
    value, never = pair[0], Value(NAN)
    assert all(one.never for one in (value - never, never - value, value / never, never / value))
    assert not value.never


def test_at_a_floor_or_ceiling_two_values_are_neither_equal_nor_different():
    chance, other, half, right, full = (Value(x).beyond(0.05, 0.995) for x in (0.01, 0.05, 0.5, 0.995, 1.0))
    for pair in ((chance, other), (right, full)):
        assert all((a - b).interval == (-INF, INF) for a, b in (pair, pair[::-1]))
    assert (right / full).interval == (0, INF)
    assert (half - chance).interval == pytest.approx((0.45, INF))
    assert (half - full).interval == pytest.approx((-INF, -0.495))
    assert (full - chance).interval == pytest.approx((0.945, INF))
    assert half == Value(0.5)
    assert (chance - full).why == f"{FLOOR} and {CEILING}"
    assert at_least(0.01).beyond(0.05, INF) == at_least(0.01)  # it may rise above the floor
    assert Value(NAN).beyond(0.05, 0.995).never


@given(st.lists(values(), min_size=1, max_size=6), st.randoms())
def test_the_median_lies_in_its_interval_whatever_the_order_of_the_seeds(pairs, random):
    low, high = median_interval([value for value, _ in pairs])
    true = sorted(x for _, x in pairs)
    middle = (true[len(true) // 2] + true[(len(true) - 1) // 2]) / 2
    assert low <= middle <= high
    random.shuffle(pairs)
    assert median_interval([value for value, _ in pairs]) == (low, high)


@pytest.mark.parametrize(
    ("values", "interval"),
    [
        ([Value(1.0), Value(2.0), Value(NAN)], (2, 2)),
        ([Value(1.0), Value(NAN), Value(NAN)], (NAN, NAN)),
        ([Value(1.0), Value(NAN)], (NAN, NAN)),
        ([UNKNOWN, Value(NAN)], (NAN, NAN)),
        ([Value(5.0), Value(NAN), at_least(3.0)], (5, INF)),
        ([Value(5.0), Value(6.0), at_least(9.0)], (6, 6)),
        ([Value(5.0), at_least(6.0), at_least(9.0)], (6, INF)),
        ([UNKNOWN, UNKNOWN, Value(NAN)], (-INF, INF)),
    ],
)
def test_the_median_counts_what_never_happens_as_late(values, interval):
    for seeds in permutations(values):
        assert median_interval(seeds) == pytest.approx(interval, nan_ok=True)


def test_a_longer_run_is_known_better():
    for before, after in pairwise([at_least(3.0), at_least(5.0), Value(7.0)]):
        outer, inner = ((value / Value(2.0)).interval for value in (before, after))
        assert outer[0] <= inner[0] <= inner[1] <= outer[1]
