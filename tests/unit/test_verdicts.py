"""Verdicts: a rule judges the interval of each seed; draws that disagree, one draw, a mean; how many seeds hold."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grokking.claims import AtLeast, AtMost, Claims, Within, WithinFactor, experiment
from grokking.claims.judge import (
    DIFFERS,
    FAILED,
    NOT_RUN,
    PASSED,
    REFUTED,
    REPRODUCED,
    SUPPORTED,
    UNDECIDED,
    Judgement,
    in_words,
    judge,
    verdict,
)
from grokking.claims.rules import EACH, ENOUGH, MEAN, MEDIAN, mean_of
from grokking.claims.value import CUT_SHORT, FLOOR, Value, median_interval
from grokking.measures.evidence import Evidence
from grokking.page.claims import ours
from grokking.page.documents import claims_table
from grokking.store.provenance import ROOT
from grokking.study.load import load_study, stems

NAN, INF = math.nan, math.inf
E, F = experiment("e"), experiment("f")
ANYTHING = Value(NAN, bounds=(-INF, INF), why=CUT_SHORT)


def claim(quantity, rule, kind="paper", reason=""):
    claims = Claims()
    getattr(claims, kind)("fig.a", "Figure", "It is so.", quantity, rule, reason)
    return next(iter(claims))


def of(values, rule, quantity=None, kind="paper"):
    """The judgement on values, one per seed, as an object of claims.json."""
    one = claim(quantity or E.final("x"), rule, kind, "known")
    values = [value if isinstance(value, Value) else Value(value) for value in values]
    return Judgement(one, values, verdict(one, values), {}).to_mapping()


# An interval under a rule

RULES = [AtLeast(1), AtMost(1), Within(1, 0.5), WithinFactor(1, 2)]
ENDS = st.sampled_from([-INF, -3.0, 0.0, 0.4, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 9.0, INF])


@given(ENDS, ENDS)
def test_an_interval_holds_with_all_of_it_fails_with_all_of_it_or_is_undecided(one, other):
    low, high = sorted((one, other))
    if low == high and math.isinf(low):
        return
    points = [min(max(x, -99.0), 99.0) for x in (low, high, *np.linspace(max(low, -9), min(high, 9), 97))]
    for rule in RULES:
        inside = {rule.answer((x, x)) for x in points if low <= x <= high or abs(x) == 99}
        assert rule.answer((low, high)) is (inside.pop() if len(inside) == 1 else None), rule


@given(ENDS, ENDS, ENDS, ENDS)
def test_to_know_a_number_better_never_turns_its_answer(a, b, c, d):
    low, least, most, high = sorted((a, b, c, d))
    for rule in RULES:
        if (answer := rule.answer((low, high))) is not None:
            assert rule.answer((least, most)) is answer


def test_what_never_happens_breaks_every_rule():
    for rule in RULES:
        assert rule.answer((NAN, NAN)) is False
        assert rule.holds([Value(NAN)]) is rule.holds([Value(NAN)] * 3) is False


def test_a_slope_whose_interval_holds_both_answers_is_undecided():
    assert of([Value(0.9, 0.05)], AtMost(1))["verdict"] == REPRODUCED
    assert of([Value(0.9, 0.2)], AtMost(1))["verdict"] == UNDECIDED
    assert of([Value(1.5, 0.2)], AtMost(1))["verdict"] == DIFFERS
    assert in_words(of([Value(0.9, 0.2)], AtMost(1))) == "undecided (the interval holds both answers), one seed"


# Draws

SEEDS = st.lists(st.sampled_from([Value(2.0), Value(0.0), Value(NAN), ANYTHING]), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("values", "found", "words"),
    [
        ([2.0], REPRODUCED, "one seed"),
        ([0.0], DIFFERS, "one seed"),
        ([2.0, 2.0], REPRODUCED, "2 of 2 seeds"),
        ([2.0, 0.0], UNDECIDED, "1 of 2 seeds"),
        ([2.0, NAN], UNDECIDED, "1 of 2 seeds"),
        ([NAN, NAN], DIFFERS, "0 of 2 seeds"),
        ([2.0, ANYTHING], UNDECIDED, "1 of 2 seeds"),
        ([0.0, ANYTHING], UNDECIDED, "0 of 2 seeds"),
        ([2.0, 2.0, 2.0], REPRODUCED, "3 of 3 seeds"),
        ([2.0, 2.0, 0.0], DIFFERS, "2 of 3 seeds"),
        ([2.0, 2.0, ANYTHING], UNDECIDED, "2 of 3 seeds"),
        ([2.0, 0.0, ANYTHING], DIFFERS, "1 of 3 seeds"),  # whatever longer training tells
        ([2.0] * 4 + [NAN], DIFFERS, "4 of 5 seeds"),
    ],
)
def test_a_rule_for_every_seed_says_how_many_hold(values, found, words):
    judged = of(values, AtLeast(1))
    assert judged["verdict"] == found
    assert in_words(judged).endswith(f", {words}")
    assert f"{words}" in claims_table([judged])


@settings(deadline=None)  # the first mean loads scipy.stats
@given(SEEDS, st.permutations(range(6)))
def test_the_order_of_the_seeds_does_not_matter(values, order):
    shuffled = [values[place] for place in order if place < len(values)]
    for rule in (AtLeast(1), AtLeast(1, of=MEDIAN), AtLeast(1, of=MEAN), Within(2, 0.5), WithinFactor(2, 1.5)):
        assert rule.holds(values) is rule.holds(shuffled)


@given(SEEDS, st.sampled_from([AtLeast(1), AtLeast(1, of=MEDIAN), Within(2, 0.5)]))
def test_a_draw_that_agrees_never_turns_a_verdict(values, rule):
    answer, (low, high) = rule.holds(values), median_interval(values)
    assume(answer is not None and low == pytest.approx(high, nan_ok=True))
    agreeing = Value(low) if rule.of == MEDIAN else Value(2.0 if answer else 0.0)
    assert rule.holds([*values, agreeing]) is answer


@given(SEEDS.filter(lambda values: len(values) >= ENOUGH))
def test_a_draw_more_can_only_break_a_rule_for_every_seed(values):
    for more in (Value(2.0), Value(0.0), Value(NAN), ANYTHING):
        before, after = AtLeast(1).holds(values), AtLeast(1).holds([*values, more])
        assert after in {True: {True, False, None}, False: {False}, None: {None, False}}[before]
        assert after is before or AtLeast(1).answer(more.interval) is not True


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([2.0], True),
        ([2.0, 0.5], None),
        ([0.5, 4.0], False),  # though their median is allowed
        ([2.0, 0.5, 2.0], True),
        ([2.0, 0.5, NAN], True),
        ([2.0, NAN, NAN], False),
        ([2.0, 2.0, ANYTHING], True),
        ([2.0, 0.5, ANYTHING], None),
        ([2.0, 4.0, 0.5, 0.5], False),
    ],
)
def test_a_rule_about_the_median(values, found):
    values = [value if isinstance(value, Value) else Value(value) for value in values]
    assert Within(2, 0.6).holds(values) is found
    assert "seeds_that_hold" not in of(values, Within(2, 0.6))


def test_a_sentence_of_one_run_can_be_judged_by_the_median():
    judged = of([2.0, 2.0, 0.0], AtLeast(1, of=MEDIAN))
    assert (judged["verdict"], judged["rule"]) == (REPRODUCED, "median at least 1")
    assert of([2.0, 2.0, 0.0], AtLeast(1))["verdict"] == DIFFERS
    assert of([2.0, 4.0, 9.0], WithinFactor(2, 1.5, of=EACH))["rule"] == "every seed within a factor 1.5"


# The mean


def test_a_mean_is_judged_by_its_interval():
    """By hand: mean 2, standard error 1/√3, t(0.975, 2) = 4.30265."""
    half = 4.30265 / math.sqrt(3)
    low, mean, high = mean_of([Value(1.0), Value(2.0), Value(3.0)], ratio=False)
    assert (low, mean, high) == pytest.approx((2 - half, 2, 2 + half), rel=1e-5)
    judged = of([1.0, 2.0, 3.0], AtLeast(0, of=MEAN))
    assert judged["verdict"] == UNDECIDED
    assert judged["ours"]["mean"] == pytest.approx([2 - half, 2, 2 + half], rel=1e-4)
    assert judged["rule"] == "mean, with its 95 % interval, at least 0"
    assert ours(judged["ours"]) == "mean 2 (95 %: -0.4841 … 4.484)"
    assert of([1.0, 2.0, 3.0], AtLeast(-1, of=MEAN))["verdict"] == REPRODUCED
    assert of([1.0, 2.0, 3.0], AtLeast(5, of=MEAN))["verdict"] == DIFFERS


def test_the_mean_of_a_ratio_is_that_of_its_logarithm():
    low, mean, high = mean_of([Value(1.77), Value(0.61), Value(2.84)], ratio=True)
    logs = np.log([1.77, 0.61, 2.84])
    half = 4.30265 * logs.std(ddof=1) / math.sqrt(3)
    assert (low, mean, high) == pytest.approx(np.exp([logs.mean() - half, logs.mean(), logs.mean() + half]), rel=1e-5)
    ratio, difference = E.final("x") / F.final("x"), E.final("x") - F.final("x")
    means = [of([1.0, 4.0, 16.0], AtLeast(1, of=MEAN), quantity)["ours"]["mean"][1] for quantity in (ratio, difference)]
    assert means == [4.0, 7.0]
    assert mean_of([Value(-1.0), Value(1.0), Value(3.0)], ratio=True)[1] == 1


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([2.0], UNDECIDED),
        ([2.0, 2.0], UNDECIDED),
        ([0.0, 0.0], UNDECIDED),
        ([2.0, 2.0, 2.0], REPRODUCED),
        ([2.0, 2.0, NAN], DIFFERS),
        ([2.0, 2.0, ANYTHING], UNDECIDED),
        ([2.0, 2.0, Value(2.0, INF)], UNDECIDED),
    ],
)
def test_a_mean_needs_three_draws_that_were_measured(values, found):
    assert of(values, AtLeast(1, of=MEAN))["verdict"] == found


def test_an_undecided_mean_says_what_it_lacks():
    late = Value(9.0, bounds=(9.0, INF), why=CUT_SHORT)
    assert in_words(of([2.0, 2.0, late], AtLeast(1, of=MEAN))) == f"undecided ({CUT_SHORT})"
    assert in_words(of([2.0, 2.0], AtLeast(1, of=MEAN))) == "undecided (a mean needs three draws), two seeds"


# One draw against one draw

RUN = Evidence(pd.DataFrame({"step": [0, 1], "x": [0.5, 3.0]}), {})


def test_one_draw_decides_no_comparison_of_two_experiments():
    compared = claim(E.final("x") - F.final("x"), AtMost(0))
    evidence = {"e": [RUN], "f": [RUN]}
    (judged,) = judge([compared], evidence, True)
    assert in_words(judged.to_mapping()) == "undecided (a comparison needs two draws), one seed"
    assert judge([compared], {name: 2 * runs for name, runs in evidence.items()}, True)[0].verdict == REPRODUCED
    of_one_run = claim(E.final("x") / E.value_at("x", 0), AtLeast(2))
    assert judge([of_one_run], evidence, True)[0].verdict == REPRODUCED
    known_beforehand = claim(E.final("x") - F.final("x"), AtMost(0), kind="check")
    assert judge([known_beforehand], evidence, True)[0].verdict == PASSED


def test_without_a_seed_nothing_is_judged():
    assert judge([claim(E.final("x"), AtMost(9))], {"e": []}, True)[0].verdict == NOT_RUN


# Floors and ceilings


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (0.0100, 0.0102, UNDECIDED),  # chance against chance
        (0.9991, 0.9996, UNDECIDED),  # all right against all right
        (0.5, 0.0102, REPRODUCED),
        (0.0102, 0.5, DIFFERS),
        (1.0, 0.5, REPRODUCED),
        (0.5, 0.51, DIFFERS),
    ],
)
def test_two_accuracies_at_a_floor_or_ceiling_say_nothing(one, other, found):
    runs = {name: [Evidence(pd.DataFrame({"step": [0], "x": [x]}), {})] * 3 for name, x in (("e", one), ("f", other))}
    a, b = (each.final("x").beyond(floor=0.05, ceiling=0.995) for each in (E, F))
    (judged,) = judge([claim(a - b, AtLeast(0.01))], runs, True)
    assert judged.verdict == found
    numbers = judged.to_mapping()["ours"]["seeds"]
    assert numbers == pytest.approx([one - other] * 3, rel=1e-5)
    (alone,) = judge([claim(E.final("x"), AtMost(0.5))], runs, True)
    assert alone.verdict == (REPRODUCED if one <= 0.5 else DIFFERS)


def test_where_a_measure_saturates_is_a_range():
    with pytest.raises(ValueError, match=r"beyond\(floor=1, ceiling=0.9\): the floor must be below the ceiling"):
        E.final("x").beyond(floor=1, ceiling=0.9)


# Kinds, words and numbers


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("paper", (REPRODUCED, DIFFERS)),
        ("ours", (SUPPORTED, REFUTED)),
        ("check", (PASSED, FAILED)),
    ],
)
def test_each_kind_of_claim_has_words_of_its_own(kind, words):
    found = [of(values, AtLeast(1), kind=kind)["verdict"] for values in ([2.0] * 3, [0.0] * 3, [ANYTHING] * 3)]
    assert found == [*words, UNDECIDED]


def test_an_undecided_claim_says_by_which_rule():
    floor = Value(0.01).beyond(0.05, 1) - Value(0.01).beyond(0.05, 1)
    for values, why in (
        ([2.0, 0.0], "the draws disagree"),
        ([ANYTHING, 2.0, 2.0], CUT_SHORT),
        ([floor] * 3, FLOOR),
        ([floor, ANYTHING, ANYTHING], f"{FLOOR}; {CUT_SHORT}"),
        ([Value(1.0, 0.5)] * 3, "the interval holds both answers"),
    ):
        judged = of(values, AtLeast(1))
        assert (judged["verdict"], judged["undecided"]) == (UNDECIDED, why)
        assert judged["reason"] == "known"
    assert "undecided" not in of([2.0] * 3, AtLeast(1))


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([Value(1364.0, bounds=(1364.0, INF))] * 3, "≥ 1364"),
        ([1000.0, Value(1364.0, bounds=(1364.0, INF)), NAN], "1364 (1000 … 1364, ≥ in 1 of 3, never in 1 of 3)"),
        ([Value(0.3, bounds=(0.0, 0.3))] * 2, "≤ 0.3"),
        ([ANYTHING], "– (unknown in 1 of 1)"),
        ([Value(-0.25, bounds=(-INF, INF))] * 3, "-0.25 (unknown in 3 of 3)"),
        ([NAN] * 3, "never"),
        ([Value(1.5, 0.25)], "1.5 ± 0.25"),
    ],
)
def test_a_bound_is_shown_as_one(values, shown):
    judged = of(values, AtLeast(1))
    assert ours(judged["ours"]) == shown
    assert json.loads(json.dumps(judged)) == judged


@pytest.mark.parametrize("of", ["mode", "", None, 3])
def test_a_rule_judges_each_seed_the_median_or_the_mean(of):
    with pytest.raises(ValueError, match="must be each, median or mean"):
        AtLeast(1, of=of)


# The published verdicts


def value_in(judged, place):
    """The value of one seed of an object of claims.json."""
    numbers = judged["ours"]
    number, half_width = numbers["seeds"][place], numbers.get("half_width", 0.0)
    bounds = numbers["bounds"][place] if "bounds" in numbers else None
    number = NAN if number is None else number
    if bounds is None or bounds == [number, number]:
        return Value(number, 0.0 if number != number else INF if half_width is None else half_width)
    return Value(number, bounds=tuple(end if x is None else x for x, end in zip(bounds, (-INF, INF), strict=True)))


def test_a_published_verdict_follows_from_its_numbers():
    """Under the same rule, or is undecided, if it was published before claims could be."""
    older = {"holds": SUPPORTED, "does not hold": REFUTED}
    own = {one.id: one for one in load_study(ROOT, stems(ROOT, "papers"), "paper", None).claims}
    known = json.loads((ROOT / "results/published/claims.json").read_text(encoding="utf-8"))
    for judged in known:
        one = own.get(judged["id"])
        if one is None or not judged["ours"] or (one.kind, one.rule.text()) != (judged["kind"], judged["rule"]):
            continue
        found = verdict(one, [value_in(judged, place) for place in range(len(judged["ours"]["seeds"]))])
        before = older.get(judged["verdict"], judged["verdict"])
        assert found in (before, UNDECIDED), one.id
