"""Quantities on curves with known answers, rules at their edges, verdicts, files of claims and tables."""

import json
import operator
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from grokking.claims import AtLeast, AtMost, Claims, Within, WithinFactor, experiment, limit
from grokking.claims.evidence import evidence_of
from grokking.claims.judge import (
    DIFFERS,
    FAILED,
    NOT_BUILT,
    NOT_RUN,
    PASSED,
    REFUTED,
    REPRODUCED,
    SUPPORTED,
    UNDECIDED,
    in_words,
    judge,
)
from grokking.claims.load import claims_in, read_claims
from grokking.claims.subject import Subject
from grokking.claims.value import Value, median
from grokking.measures.events import compare_events, events
from grokking.measures.evidence import Evidence, NothingObserved
from grokking.page.documents import claims_table, summary
from grokking.parts.errors import ConfigError
from grokking.store.paths import Results
from grokking.store.sealed import write_sealed
from grokking.store.source import Source
from grokking.study.load import load_study, stems

ROOT = Path(__file__).parents[2]
STEPS = [0, 1, 10, 100, 1000]
EVIDENCE = Evidence(
    pd.DataFrame({
        "step": STEPS,
        "test_accuracy": [0.0, 0.5, 0.5, 0.9, 1.0],
        "test_loss": [1.0, 0.8, 0.4, 0.6, 0.01],
        "parameter_norm": [4.0, 4.0, 3.0, 2.0, 1.0],
    }),
    {"kernel": {"test_accuracy": 0.45}},
)  # fmt: skip
NAN = float("nan")
E = experiment("e")


def read(quantity, *evidence):
    """The number for the one seed there is."""
    (value,) = quantity.values({"e": evidence or [EVIDENCE]})
    return value.number


# Quantities


def test_values():
    assert read(E.value_at("test_accuracy", 10)) == 0.5
    assert read(E.value_at("parameter_norm", 32)) == pytest.approx(2.5, abs=0.01)
    assert read(E.final("test_loss")) == 0.01
    assert read(E.maximum("test_loss")) == 1
    assert read(E.maximum("test_loss", 1, 100)) == 0.8
    assert read(E.minimum("test_loss", 1, 100)) == 0.4
    assert read(E.mean("parameter_norm")) == pytest.approx(2.8)
    assert read(E.step_of_maximum("test_accuracy")) == 1000
    assert read(E.reference("kernel", "test_accuracy")) == 0.45


def test_a_reference_without_the_property_names_those_there_are():
    with pytest.raises(ConfigError, match=r"'kernel.margin': no such property; allowed: kernel.test_accuracy"):
        read(E.reference("kernel", "margin"))


def test_unknown_column_is_named():
    with pytest.raises(ConfigError, match="column: 'accuracy': no such column; allowed: step, test_accuracy"):
        read(E.final("accuracy"))


@pytest.mark.parametrize("shift", [-0.4, 0.0, 0.3])
def test_a_peak_between_two_observations_is_found(shift):
    logs = np.arange(6.0)
    peaked = pd.DataFrame({"step": [0, *np.exp(logs)], "loss": [0.1, *(2 - (logs - 3 - shift) ** 2 / 30)]})
    assert read(E.step_of_maximum("loss"), Evidence(peaked, {})) == pytest.approx(np.exp(3 + shift))


def test_a_peak_at_an_end_is_the_end():
    assert read(E.step_of_maximum("test_loss")) == 0
    flat = Evidence(pd.DataFrame({"step": STEPS, "loss": 1.0}), {})
    assert read(E.step_of_maximum("loss"), flat) == 0


def test_onset_is_where_a_sweep_holds_from_then_on():
    nets = pd.DataFrame({"observed": [0.3, 0.1, 0.4, 0.2, 0.3], "has_grokked": [1.0, 1, 1, 0, 1], "seed": 0})
    onset = E.onset("has_grokked", along="observed")
    assert read(onset, Evidence(nets, {})) == 0.3  # 0.1 groks, but 0.2 does not
    assert np.isnan(read(onset, Evidence(nets.assign(has_grokked=[1, 1, 0, 1, 1]), {})))
    assert read(onset, Evidence(nets.assign(has_grokked=1), {})) == 0.1
    assert onset.values({"e": [Evidence(nets[:0], {})]}) == [None]


def test_crossings_are_interpolated_on_the_log_axis():
    assert read(E.crossing("test_accuracy", 0.7)) == pytest.approx(10**1.5)
    assert read(E.crossing("test_loss", 0.6, "down")) == pytest.approx(10**0.5)
    assert read(E.crossing("test_loss", 0.5, "down", of_value_at=1)) == pytest.approx(10)
    assert np.isnan(read(E.crossing("test_loss", 2.0)))


def test_starting_beyond_a_level_is_not_crossing_it():
    assert read(E.crossing("test_accuracy", 0.4)) < 1  # up from 0 at step 0
    assert np.isnan(read(E.crossing("test_accuracy", 0.3, "down")))


def test_a_crossing_before_a_first_late_look_is_not_invented():
    late = Evidence(EVIDENCE.table[EVIDENCE.table["step"].isin([0, 100, 1000])], {})
    assert E.crossing("test_accuracy", 0.5).values({"e": [late]}) == [None]
    assert read(E.crossing("test_accuracy", 0.95), late) == pytest.approx(10**2.5)


def test_the_value_of_one_column_when_another_crosses():
    assert read(E.value_when("parameter_norm", "test_accuracy", 0.7)) == pytest.approx(2.5)
    assert np.isnan(read(E.value_when("parameter_norm", "test_loss", 2.0)))


TABLE = pd.DataFrame(
    {
        "alpha": [10.0, 10, 10, 1e12, 1e12, 1e12],
        "relative_time": [0.5, 1.0, 2.0, 0.5, 1.0, 2.0],
        "cosine": [1.0, 0.8, 0.6, 1.0, 0.9, 0.1],
        "error": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "square": [1.0, 4.0, 9.0, 16.0, 25.0, np.nan],
        "kind": ["a", "b", "b", "b", "b", "b"],
    }
)


def of_table(quantity, table=TABLE):
    return read(quantity, Evidence(table, {}))


def test_part_of_a_table():
    large, small = (E.where("relative_time", alpha=alpha) for alpha in (1e12, 10))
    assert of_table(large.crossing("cosine", 0.5, "down")) == pytest.approx(np.sqrt(2))
    assert np.isnan(of_table(small.crossing("cosine", 0.5, "down")))
    assert of_table(small.value_at("cosine", 0.5)) == 1
    assert of_table(small.maximum("error")) == 3
    assert of_table(small.minimum("error", 0.7)) == 2
    assert of_table(E.where(kind="b").mean("error")) == 4
    assert of_table(E.where(alpha=10, kind="b").maximum("error")) == 3
    assert E.where(alpha=100).final("error").values({"e": [Evidence(TABLE, {})]}) == [None]  # not at these sizes
    with pytest.raises(ConfigError, match=r"'nonsense': no such column; allowed: alpha"):
        of_table(E.where(nonsense=1).final("error"))


def test_the_axis_sorts_the_rows():
    backwards = TABLE[::-1]
    assert of_table(E.where("relative_time", alpha=10).final("error"), backwards) == 3
    assert of_table(E.where(alpha=10).final("error"), backwards) == 1


def test_a_slope_comes_with_its_interval():
    exact = E.slope("square", against="error")
    assert of_table(exact) == pytest.approx(2)
    x = np.array([1.0, 2, 4, 8])
    noisy = Evidence(pd.DataFrame({"x": x, "y": x**1.5 * np.exp([0.1, -0.1, -0.1, 0.1])}), {})
    (value,) = E.slope("y", against="x").values({"e": [noisy]})
    # By hand: x̄ = 1.5 log 2, S_xx = 5 log²2, residuals ±0.1 are orthogonal to the line, t(0.975, 2) = 4.3027
    assert value.number == pytest.approx(1.5)
    assert value.half_width == pytest.approx(4.30265 * np.sqrt(0.04 / 2 / (5 * np.log(2) ** 2)), rel=1e-4)
    rows = E.where(kind="k").slope("y", against="x")
    (same,) = rows.values({"e": [Evidence(noisy.table.assign(kind="k"), {})]})
    assert same == value


def test_differences_and_ratios_are_taken_seed_by_seed():
    later = Evidence(EVIDENCE.table.assign(step=[10 * s for s in STEPS]), {})
    crossing, other = E.crossing("test_accuracy", 0.7), experiment("f").crossing("test_accuracy", 0.7)
    both = {"e": [later, EVIDENCE], "f": [EVIDENCE, EVIDENCE]}
    assert [value.number for value in (crossing - other).values(both)] == pytest.approx([9 * 10**1.5, 0])
    assert [value.number for value in (crossing / other).values(both)] == pytest.approx([10, 1])
    assert (crossing / other - crossing).experiments == ("e", "f")
    assert np.isnan(read(crossing / E.value_at("test_accuracy", 0)))


def test_experiments_are_compared_seed_by_seed_whatever_their_seeds():
    def of_seeds(losses):
        return [replace(EVIDENCE, table=EVIDENCE.table.assign(test_loss=x), seed=seed) for seed, x in losses.items()]

    value = {name: experiment(name).final("test_loss") for name in "ab"}
    evidence = {"a": of_seeds({4: 10, 5: 20, 6: 30}), "b": of_seeds({5: 1, 6: 3})}
    difference = value["a"] - value["b"]
    assert difference.values(evidence) == [None, Value(19), Value(27)]
    beside = experiment("a").beside("b").final("test_loss")
    assert (beside - value["b"]).values(evidence) == [Value(19), Value(27)]


LINES = {"e": (1.5, 0.2), "f": (0.9, 0.05)}  # slope, and the standard deviation of the noise in log y


def drawn(name, rng):
    """Points on a line in log x and log y, with noise."""
    slope, noise = LINES[name]
    x = np.geomspace(1, 100, 12)
    return Evidence(pd.DataFrame({"x": x, "y": x**slope * np.exp(noise * rng.standard_normal(12))}), {})


def test_a_limit_is_the_intercept_of_a_line_with_its_interval():
    def at(y):
        return {str(x): [replace(EVIDENCE, table=pd.DataFrame({"y": [value]}))] for x, value in y.items()}

    def tends(y):
        (value,) = limit({x: experiment(str(x)).final("y") for x in y}).values(at(y))
        return value

    exact = tends({x: 1 - 0.8 * x for x in (0.14, 0.11, 0.09, 0.07)})
    assert exact.number == pytest.approx(1)
    assert exact.half_width < 1e-9
    bent = tends({x: 1 - 8 * x**2 for x in (0.14, 0.11, 0.09, 0.07)})
    assert bent.half_width > 0.01  # the gap does not close in proportion to x
    unobserved = limit({x: experiment(str(x)).final("y") for x in (0.1, 0.2, 0.3)}).values(at({0.1: 1.0, 0.2: 1.0}))
    assert unobserved == [None]
    with pytest.raises(ValueError, match="needs 3 or more"):
        limit({0.1: E.final("y"), 0.2: E.final("y")})


@pytest.mark.parametrize("compare", [operator.sub, operator.truediv])
def test_a_difference_and_a_ratio_of_slopes_keep_an_interval_that_covers(compare):
    """Of 400 pairs of experiments about 95 % have the true number within it, none of which has it without width."""
    rng = np.random.default_rng(0)
    evidence = {name: [drawn(name, rng) for _ in range(400)] for name in LINES}
    first, second = (experiment(name).slope("y", against="x") for name in LINES)
    values = compare(first, second).values(evidence)
    intervals = [value.interval for value in values]
    truth = compare(LINES["e"][0], LINES["f"][0])
    assert np.mean([low <= truth <= high for low, high in intervals]) == pytest.approx(0.95, abs=0.03)
    spread = np.std([value.number for value in values])
    assert np.mean([value.half_width for value in values]) == pytest.approx(
        2.2 * spread, rel=0.1
    )  # t(0.975, 10) = 2.23


@pytest.mark.parametrize("other", [E.value_at("test_loss", 10), E.final("parameter_norm")])
def test_a_slope_keeps_its_interval_beside_a_number_that_has_none(other):
    noisy = pd.DataFrame({"x": [1.0, 2, 4, 8], "y": [1.0, 3, 5, 11]})
    evidence = {"e": [EVIDENCE], "s": [Evidence(noisy, {})]}
    slope = experiment("s").slope("y", against="x")
    (alone,), (number,) = slope.values(evidence), other.values(evidence)
    assert alone.half_width > 0
    less, over, under = (
        quantity.values(evidence)[0].half_width for quantity in (slope - other, slope / other, other / slope)
    )
    assert less == alone.half_width
    assert over == pytest.approx(alone.half_width / number.number)
    assert under == pytest.approx(number.number * alone.half_width / alone.number**2)


def test_a_ratio_of_what_never_happens_has_no_interval():
    never, happens = (E.crossing("test_accuracy", level) for level in (2.0, 0.7))
    for quantity in (never / happens, happens / never, never / never, happens / E.value_at("test_accuracy", 0)):
        (judged,) = judge([claim(quantity, AtLeast(1))], {"e": [EVIDENCE]}, True)
        assert judged.to_mapping()["ours"] == {"median": None, "min": None, "max": None, "seeds": [None]}


def test_a_ratio_to_what_may_be_0_has_no_bound():
    flat = pd.DataFrame({"x": [1.0, 2, 4, 8], "y": [1.0, 1.2, 0.9, 1.1]})
    evidence = {"e": [EVIDENCE], "s": [Evidence(flat, {})]}
    over = E.final("parameter_norm") / experiment("s").slope("y", against="x")
    assert over.values(evidence)[0].half_width == np.inf
    (judged,) = judge([claim(over, AtLeast(0))], evidence, True)
    assert "± ∞ |" in claims_table([judged.to_mapping()])
    threefold = {name: 3 * one for name, one in evidence.items()}
    assert verdicts([claim(over, AtLeast(-1e9)), claim(over, AtMost(1e9))], threefold) == [UNDECIDED, UNDECIDED]


# Rules


@pytest.mark.parametrize(
    ("rule", "values", "holds"),
    [
        (WithinFactor(100, 1.25), [80.0], True),
        (WithinFactor(100, 1.25), [79.9], False),
        (WithinFactor(100, 1.25), [125.0], True),
        (WithinFactor(100, 1.25), [125.1], False),
        (WithinFactor(100, 1.25), [1, 100, 1000], True),  # the median decides
        (WithinFactor(100, 1.25), [100, NAN, NAN], False),
        (WithinFactor(100, 1.25), [100, 100, NAN], True),
        (Within(0.514, 0.02), [0.53], True),
        (Within(0.514, 0.02), [0.535], False),
        (Within(0.514, 0.02), [0.493], False),
        (Within(0.514, 0.02), [NAN], False),
        (AtLeast(0.99), [1.0, 0.99], True),
        (AtLeast(0.99), [1.0, 1.0, 0.98], False),
        (AtLeast(0.99), [1.0, 1.0, NAN], False),
        (AtMost(0.1), [0.1, 0.0], True),
        (AtMost(0.1), [0.1, 0.1, 0.11], False),
        (AtMost(0.1), [0.0, 0.0, NAN], False),
    ],
)
def test_rules(rule, values, holds):
    assert rule.holds([Value(value) for value in values]) is holds


@pytest.mark.parametrize(
    ("rule", "value"), [(WithinFactor(1, 1.2), 1.1), (Within(1, 0.2), 0.9), (AtLeast(0.5), 0.6), (AtMost(1.5), 1.4)]
)
def test_all_of_an_interval_must_satisfy_a_rule(rule, value):
    assert rule.holds([Value(value, 0.09)]) is True
    assert rule.holds([Value(value, 0.21)]) is None


@pytest.mark.parametrize(("rule", "values"), [(WithinFactor, (10, 1)), (WithinFactor, (0, 2)), (Within, (1, 0))])
def test_rules_that_nothing_could_satisfy_are_refused(rule, values):
    with pytest.raises(ValueError, match="above"):
        rule(*values)


def test_median_counts_missing_events_as_late():
    assert median(np.array([1.0, 2.0, NAN])) == 2
    assert np.isnan(median(np.array([1.0, NAN, NAN])))


# Verdicts


def claim(quantity, rule, reason="", add="paper"):
    claims = Claims()
    getattr(claims, add)("fig.test", "Figure", "It crosses.", quantity, rule, reason)
    return next(iter(claims))


GOOD = claim(E.crossing("test_accuracy", 0.7), WithinFactor(30, 1.25))
BAD = claim(E.crossing("test_accuracy", 0.99), WithinFactor(30, 1.25), reason="another draw")


def verdicts(claims, evidence, at_paper_size=True):
    return [one.verdict for one in judge(claims, evidence, at_paper_size)]


def test_verdicts():
    assert verdicts([GOOD, BAD], {"e": [EVIDENCE] * 3}) == [REPRODUCED, DIFFERS]
    assert verdicts([GOOD], {"e": [EVIDENCE]}, at_paper_size=False) == [NOT_RUN]
    assert verdicts([GOOD], {"e": []}) == [NOT_RUN]
    assert verdicts([GOOD], {}) == [NOT_BUILT]  # left out of a build with `hours`


def test_statements_of_ours_and_checks_have_verdicts_of_their_own():
    mine = [claim(E.final("test_accuracy"), AtLeast(bound), add="ours") for bound in (0.9, 1.1)]
    assert verdicts(mine, {"e": [EVIDENCE]}) == [SUPPORTED, REFUTED]
    checks = [claim(E.final("test_accuracy"), AtLeast(bound), add="check") for bound in (0.9, 1.1)]
    assert verdicts(checks, {"e": [EVIDENCE]}) == [PASSED, FAILED]


@pytest.mark.parametrize(
    "quantity",
    [
        E.value_at("test_loss", 1001),  # the run ends before
        E.maximum("test_loss", 11, 99),
        E.minimum("test_loss", 1001),
        E.maximum("undefined"),
        E.step_of_maximum("undefined"),
        E.slope("undefined", against="step"),
        E.where(step=5).final("test_loss"),
        E.final("test_loss") - experiment("absent").final("test_loss"),
        E.final("test_loss") / E.value_at("test_loss", 1001),
    ],
)
def test_nothing_to_measure_is_not_run_and_never_reproduced(quantity):
    undefined = Evidence(EVIDENCE.table.assign(undefined=NAN), {})
    for rule in (AtMost(1e9), AtLeast(-1e9)):
        (judged,) = judge([claim(quantity, rule)], {"e": [undefined], "absent": []}, at_paper_size=True)
        assert judged.verdict == NOT_RUN
        assert judged.to_mapping()["ours"] is None


def test_one_seed_with_nothing_to_measure_is_enough_for_not_run():
    short = Evidence(EVIDENCE.table[:3], {})
    late = claim(E.value_at("test_accuracy", 100), Within(0.9, 0.1))
    assert verdicts([late], {"e": [EVIDENCE, EVIDENCE]}) == [REPRODUCED]
    assert verdicts([late], {"e": [EVIDENCE, short]}) == [NOT_RUN]


def test_three_seeds_against_one_are_not_cut_to_one():
    pair = claim(E.final("test_loss") - experiment("f").final("test_loss"), Within(0, 1))
    assert verdicts([pair], {"e": [EVIDENCE] * 3, "f": [EVIDENCE] * 3}) == [REPRODUCED]
    assert verdicts([pair], {"e": [EVIDENCE] * 3, "f": [EVIDENCE]}) == [NOT_RUN]
    assert verdicts([pair], {"e": [EVIDENCE], "f": [EVIDENCE] * 3}) == [NOT_RUN]


def test_the_first_seeds_may_be_compared_with_an_experiment_that_has_fewer():
    pair = claim(E.beside("f").final("test_loss") - experiment("f").final("test_loss"), Within(0, 1))
    other = Evidence(EVIDENCE.table.assign(test_loss=9.0), {})
    assert verdicts([pair], {"e": [EVIDENCE, EVIDENCE, other, other], "f": [EVIDENCE] * 2}) == [REPRODUCED]
    assert verdicts([pair], {"e": [other, other, EVIDENCE], "f": [EVIDENCE] * 2}) == [DIFFERS]
    assert verdicts([pair], {"e": [EVIDENCE, other, other], "f": [EVIDENCE] * 3}) == [DIFFERS]  # median
    assert verdicts([pair], {"e": [EVIDENCE], "f": [EVIDENCE] * 2}) == [NOT_RUN]
    assert verdicts([pair], {"e": [EVIDENCE], "f": []}) == [NOT_RUN]
    assert E.beside("f").where(along="time", a=1).other == "f"
    assert E.beside("f").final("test_loss").experiments == ("e", "f")


def seeds_of(reading, paper, study):
    """How many numbers a reading is: one for each seed of what it is read off."""
    homes = [study.home(paper, name) for name in reading.experiments]
    return min(len(home.experiments[x].seeds if x in home.experiments else home.analyses[x]) for home, x in homes)


@pytest.mark.parametrize("seeds", [None, 1, 2, 5])
def test_claims_compare_as_many_seeds_on_both_sides(seeds):
    study = load_study(ROOT, ["lyu2024", "gromov2023", "pku2024"], "paper", seeds)
    for paper in study.papers.values():
        for one in paper.claims:
            (count,) = {seeds_of(reading, paper.name, study) for reading in one.quantity.readings}
            assert count >= 1, one.id


def test_every_claim_on_the_first_two_papers_has_three_draws_where_everything_is_built():
    study = load_study(ROOT, ["lyu2024", "gromov2023"], "paper", None, everything=True)
    readings = [(one.id, reading, paper) for paper in study.papers.values() for one in paper.claims
                for reading in one.quantity.readings]  # fmt: skip
    assert [id for id, reading, paper in readings if seeds_of(reading, paper.name, study) < 3] == []


def test_a_slope_through_two_points_settles_nothing():
    two = Evidence(pd.DataFrame({"x": [1.0, 2.0], "y": [1.0, 2.0]}), {})
    claims = [claim(E.slope("y", against="x"), Within(paper, 0.2)) for paper in (1, 9)]
    assert verdicts(claims, {"e": [two] * 3}) == [UNDECIDED, UNDECIDED]


def test_a_claim_on_a_column_that_is_not_there_is_named():
    with pytest.raises(ConfigError, match=r"config/claims: 'fig.test': column: 'accuracy': no such column"):
        judge([claim(E.final("accuracy"), AtLeast(1))], {"e": [EVIDENCE]}, True)


@pytest.mark.parametrize(
    ("seeds", "words"), [(1, "reproduced, one seed"), (2, "reproduced, two seeds"), (3, "reproduced")]
)
def test_few_draws_are_told(seeds, words):
    (judged,) = judge([GOOD], {"e": [EVIDENCE] * seeds}, True)
    assert in_words(judged.to_mapping()) == words
    assert f"| {words} |" in claims_table([judged.to_mapping()])


def test_claims_as_json_and_as_table():
    judged = [j.to_mapping() for j in judge([BAD], {"e": [EVIDENCE]}, True)]
    assert list(judged[0]) == [
        "id",
        "kind",
        "source",
        "statement",
        "paper",
        "judged_on",
        "ours",
        "rule",
        "verdict",
        "reason",
    ]
    assert judged[0]["ours"]["seeds"] == [pytest.approx(794.328, rel=1e-5)]
    assert json.loads(json.dumps(judged)) == judged
    text = claims_table(judged)
    assert "**differs, one seed**" in text
    assert "another draw" in text
    assert "1 claims: 1 of the papers (1 differs); 1 rest on fewer than three seeds." in text
    assert summary([]) == "0 claims; 0 rest on fewer than three seeds."


def test_a_judged_claim_names_the_seeds_of_its_numbers():
    """With which the gate compares it; of an experiment beside a smaller one, those that are used."""
    evidence = {
        name: [replace(EVIDENCE, seed=seed) for seed in seeds] for name, seeds in (("e", (4, 5, 9)), ("f", (5,)))
    }
    quantities = (
        E.final("test_loss"),
        E.final("test_loss") / experiment("f").final("test_loss"),
        E.beside("f").mean("step"),
    )
    judged = judge([claim(quantity, AtMost(40)) for quantity in quantities], evidence, True)
    seeds = [one.to_mapping()["judged_on"] for one in judged]
    assert seeds == [{"e": [4, 5, 9]}, {"e": [4, 5, 9], "f": [5]}, {"e": [5], "f": [5]}]


def test_evidence_has_the_seed_of_its_source(tmp_path):
    folder = Results(tmp_path).analysis("t")
    write_sealed(folder, {"table.csv": b"x\n1\n"}, {"analysis": "t"})
    source = Source(experiment="e", seed=4, evidence="e", analysis="t")
    assert evidence_of(source, Results(tmp_path)).seed == 4


def test_claims_show_the_median_and_the_range_to_six_digits():
    losses = (0.123456789, 0.5, 30.0)
    seeds = [Evidence(EVIDENCE.table.assign(test_loss=loss), {}) for loss in losses]
    (judged,) = judge([claim(E.final("test_loss"), AtMost(40))], {"e": seeds}, True)
    expected = {"median": 0.5, "min": 0.123457, "max": 30.0, "seeds": [0.123457, 0.5, 30.0]}
    assert judged.to_mapping()["ours"] == expected


def test_the_kinds_of_claims_have_a_table_each():
    others = [claim(E.final("test_accuracy"), AtLeast(0.9), add=kind) for kind in ("check", "ours")]
    text = claims_table([one.to_mapping() for one in judge([GOOD, *others], {"e": [EVIDENCE] * 3}, True)])
    _, first, second, third = text.split("## ")
    assert "| reproduced |" in first
    assert "| supported, 3 of 3 seeds |" in second
    assert "| passed, 3 of 3 seeds |" in third
    assert text.endswith(
        "3 claims: 1 of the papers (1 reproduced); 1 of ours (1 supported); 1 to check the code (1 passed); "
        "0 rest on fewer than three seeds.\n"
    )


def test_an_event_that_never_happens_is_null():
    never = claim(E.crossing("test_accuracy", 2.0), WithinFactor(30, 2))
    judged = judge([never], {"e": [EVIDENCE]}, True)[0].to_mapping()
    assert judged["ours"] == {"median": None, "min": None, "max": None, "seeds": [None]}
    assert judged["verdict"] == DIFFERS
    assert "never" in claims_table([judged])


# Files of claims

GOOD_FILE = """
from grokking.claims import AtLeast, Claims, experiment

claims = Claims()
claims.paper("fig1.end", "Figure 1", "It ends high.", experiment("mine").final("test_accuracy"), AtLeast(0.9))
"""


def test_a_file_of_claims(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(GOOD_FILE)
    (only,) = read_claims(file, "config/claims/mine.py")
    assert only.id == "mine.fig1.end"
    assert only.experiments == ("mine",)
    assert verdicts([only], {"mine": [EVIDENCE]}) == [REPRODUCED]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("claims = Claims()", "claims = []", "line 5: AttributeError"),
        ('experiment("mine").final("test_accuracy")', "0.9", "line 5: ValueError: .fig1.end.: takes a number"),
        ("claims = Claims()", "claims = Claims(", "line 4: '(' was never closed"),
        ("claims.paper(", "more = Claims()\ndel claims\nmore.paper(", "must define claims = Claims()"),
        ("AtLeast(0.9)", "0.9", "line 5: ValueError: .fig1.end.: takes a number .*, then a rule such as AtLeast(0.9)"),
        ('"fig1.end"', '"Fig 1"', "line 5: ValueError: 'Fig 1': an id is words of a-z 0-9 _ with dots between"),
        ('final("test_accuracy")', 'crossing("test_accuracy", -1)', "line 5: ConfigError: mine: Crossing.level: -1"),
        ('final("test_accuracy")', 'crossing("a", 1, "upwards")', "line 5: ConfigError: .*must be up or down"),
        ('experiment("mine").final', "experiment.final", "line 5: AttributeError"),
    ],
)
def test_a_mistake_in_a_file_of_claims_is_one_line_with_its_place(old, new, message):
    text = GOOD_FILE.replace(old, new)
    assert text != GOOD_FILE
    with pytest.raises(ConfigError, match=message.replace("(", r"\(").replace(")", r"\)")) as error:
        claims_in(text, "mine", "config/claims/mine.py")
    assert str(error.value).startswith("config/claims/mine.py")
    assert "\n" not in str(error.value)


def test_an_id_is_given_once():
    with pytest.raises(ConfigError, match=r"line 6: ValueError: 'fig1.end': must be different for every claim"):
        claims_in(GOOD_FILE + GOOD_FILE.splitlines()[-1], "mine", "config/claims/mine.py")


def test_the_example_in_the_docs_is_a_file_of_claims_that_can_fail():
    text = (ROOT / "docs/claims.md").read_text(encoding="utf-8")
    slow = Evidence(EVIDENCE.table.assign(test_accuracy=[0, 0, 0, 0.4, 1.0]), {})
    example = claims_in(text.split("```python\n")[1].split("```")[0], "mine", "docs/claims.md")
    assert verdicts(example, {"wide": [EVIDENCE] * 2, "narrow": [slow] * 2}) == [DIFFERS, SUPPORTED]
    assert verdicts(example, {"wide": [slow] * 2, "narrow": [EVIDENCE] * 2})[1] == REFUTED
    assert verdicts(example, {"wide": [slow], "narrow": [EVIDENCE]})[1] == UNDECIDED
    named = re.findall(r"`(\w+)\(", text.split("| method of an experiment")[1].split("\n\n")[0])
    assert set(named) == {name for name in vars(Subject) if not name.startswith("_")} - {
        "name",
        "chosen",
        "along",
        "other",
    }


@pytest.fixture(scope="module")
def papers():
    return load_study(ROOT, stems(ROOT, "papers"), "paper", None).papers


def test_every_claim_of_the_papers_can_fail(papers):
    """Far above, far below or without its value, no claim holds."""
    for paper in papers.values():
        for one in paper.claims:
            held = [one.rule.holds([Value(value)] * 3) for value in (-1e300, 1e300, NAN)]
            assert held.count(True) <= 1, one.id
            assert held[2] is False, one.id


def test_no_two_claims_of_a_paper_say_the_same(papers):
    for paper in papers.values():
        said = [(repr(one.quantity), repr(one.rule)) for one in paper.claims]
        assert len(set(said)) == len(said)


# Events


def test_events_of_a_run_and_their_comparison():
    found = events(EVIDENCE.table)
    assert found["test_accuracy up to 99%"] == pytest.approx(794.328, rel=1e-5)
    assert found["parameter_norm down to 50% of its start"] == pytest.approx(100)
    assert "parameter_norm down to 10% of its start" not in found
    rows = compare_events({"a": 1.0, "b": 0.0}, {"a": 1.1, "b": 0.0, "c": 5.0}).set_index("event")
    assert rows["ratio"].to_list()[:2] == pytest.approx([1.1, 1.0])
    assert np.isnan(rows.loc["c", "ratio"])


def test_nothing_observed_is_an_error_of_its_own():
    with pytest.raises(NothingObserved):
        E.value_at("test_loss", 1001).measure.read(EVIDENCE)
