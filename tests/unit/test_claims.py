"""Measures on curves with known answers, rules at their edges, verdicts and tables."""

import numpy as np
import pandas as pd
import pytest

from grokking.claims.claim import Claim
from grokking.claims.judge import judge
from grokking.claims.measures import parse_measure
from grokking.claims.rules import AtLeast, AtMost, Within, WithinFactor, median
from grokking.measures.events import compare_events, events
from grokking.measures.evidence import Evidence, NothingObserved
from grokking.report.claims import claims_table
from grokking.specs.fields import ConfigError

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


def read(**values):
    return parse_measure(values, "here").read(EVIDENCE)


def test_values():
    assert read(name="value_at", column="test_accuracy", step=10) == 0.5
    assert read(name="value_at", column="parameter_norm", step=32) == pytest.approx(2.5, abs=0.01)
    assert read(name="final", column="test_loss") == 0.01
    assert read(name="maximum", column="test_loss", start=1, end=100) == 0.8
    assert read(name="minimum", column="test_loss", start=1, end=100) == 0.4
    assert read(name="step_of_maximum", column="test_accuracy") == 1000
    assert read(name="reference", predictor="kernel", fact="test_accuracy") == 0.45


def test_a_reference_without_the_property_names_those_there_are():
    with pytest.raises(ConfigError, match=r"'kernel.margin': no such property; allowed: kernel.test_accuracy"):
        read(name="reference", predictor="kernel", fact="margin")


@pytest.mark.parametrize(
    "measure",
    [
        {"name": "value_at", "column": "test_loss", "step": 1001},  # the run ends before
        {"name": "maximum", "column": "test_loss", "start": 11, "end": 99},
        {"name": "minimum", "column": "test_loss", "start": 1001},
        {"name": "maximum", "column": "undefined"},
        {"name": "step_of_maximum", "column": "undefined"},
        {"name": "exponent", "of": "undefined", "against": "step"},
        {"name": "rows", "where": {"step": 5}, "axis": "step", "of": {"name": "final", "column": "test_loss"}},
    ],
)
def test_nothing_to_measure_is_not_run_and_never_reproduced(measure):
    undefined = Evidence(EVIDENCE.table.assign(undefined=NAN), {})
    with pytest.raises(NothingObserved):
        parse_measure(measure, "here").read(undefined)
    for rule in ({"name": "at_most", "bound": 1e9}, {"name": "at_least", "bound": 0}):
        judged = judge([claim(0.5, measure=measure, rule=rule)], {"e": [undefined]}, at_paper_size=True)[0]
        assert judged.verdict == "not run"
        assert judged.to_mapping()["ours"] is None


def test_one_seed_with_nothing_to_measure_is_enough_for_not_run():
    short = Evidence(EVIDENCE.table[:3], {})
    late = claim(0.5, measure={"name": "value_at", "column": "test_accuracy", "step": 100}, paper=0.9)
    assert judge([late], {"e": [EVIDENCE, EVIDENCE]}, at_paper_size=True)[0].verdict == "reproduced"
    assert judge([late], {"e": [EVIDENCE, short]}, at_paper_size=True)[0].verdict == "not run"


@pytest.mark.parametrize("shift", [-0.4, 0.0, 0.3])
def test_a_peak_between_two_observations_is_found(shift):
    logs = np.arange(6.0)
    peaked = pd.DataFrame({"step": [0, *np.exp(logs)], "loss": [0.1, *(2 - (logs - 3 - shift) ** 2 / 30)]})
    found = parse_measure({"name": "step_of_maximum", "column": "loss"}, "here").read(Evidence(peaked, {}))
    assert found == pytest.approx(np.exp(3 + shift))


def test_a_peak_at_an_end_is_the_end():
    assert read(name="step_of_maximum", column="test_loss") == 0
    flat = Evidence(pd.DataFrame({"step": STEPS, "loss": 1.0}), {})
    assert parse_measure({"name": "step_of_maximum", "column": "loss"}, "here").read(flat) == 0


def test_onset_is_where_a_sweep_holds_from_then_on():
    nets = pd.DataFrame({"observed": [0.3, 0.1, 0.4, 0.2, 0.3], "has_grokked": [1.0, 1, 1, 0, 1], "seed": 0})
    onset = parse_measure({"name": "onset", "column": "has_grokked", "along": "observed"}, "here")
    assert onset.read(Evidence(nets, {})) == 0.3  # 0.1 groks, but 0.2 does not
    assert np.isnan(onset.read(Evidence(nets.assign(has_grokked=[1, 1, 0, 1, 1]), {})))
    assert onset.read(Evidence(nets.assign(has_grokked=1), {})) == 0.1
    with pytest.raises(NothingObserved):
        onset.read(Evidence(nets[:0], {}))


def test_crossings_are_interpolated_on_the_log_axis():
    assert read(name="crossing", column="test_accuracy", level=0.7) == pytest.approx(10**1.5)
    assert read(name="crossing", column="test_loss", level=0.6, direction="down") == pytest.approx(10**0.5)
    assert read(name="crossing", column="test_loss", level=0.5, direction="down", of_value_at=1) == pytest.approx(10)
    assert np.isnan(read(name="crossing", column="test_loss", level=2.0))


def test_starting_beyond_a_level_is_not_crossing_it():
    assert read(name="crossing", column="test_accuracy", level=0.4) < 1  # up from 0 at step 0
    assert np.isnan(read(name="crossing", column="test_accuracy", level=0.3, direction="down"))


def test_the_value_of_one_column_when_another_crosses():
    crossing = {"column": "test_accuracy", "level": 0.7}
    assert read(name="value_when", column="parameter_norm", crossing=crossing) == pytest.approx(2.5)
    never = {"column": "test_loss", "level": 2.0}
    assert np.isnan(read(name="value_when", column="parameter_norm", crossing=never))
    with pytest.raises(ConfigError, match="value_when takes a column and a crossing"):
        read(name="value_when", column="parameter_norm")


def test_a_difference_between_experiments_is_taken_seed_by_seed():
    later = Evidence(EVIDENCE.table.assign(step=[10 * s for s in STEPS]), {})
    one = claim(0.7, minus="base", paper=9 * 10**1.5)
    judged = judge([one], {"e": [later, later], "base": [EVIDENCE, EVIDENCE]}, at_paper_size=True)[0]
    assert judged.values == pytest.approx([9 * 10**1.5] * 2)
    assert judged.verdict == "reproduced"


def test_a_difference_needs_as_many_seeds_on_both_sides():
    with pytest.raises(ConfigError, match=r"p.fig.test: 'base': must have as many seeds as e, 3; it has 1"):
        judge([claim(0.7, minus="base")], {"e": [EVIDENCE] * 3, "base": [EVIDENCE]}, at_paper_size=True)


def test_pairs():
    kernel = {"name": "reference", "predictor": "kernel", "fact": "test_accuracy"}
    plateau = {"name": "value_at", "column": "test_accuracy", "step": 1}
    assert read(name="difference", of=plateau, to=kernel) == pytest.approx(0.05)
    assert read(name="ratio", of=plateau, to=kernel) == pytest.approx(0.5 / 0.45)


def test_unknown_column_is_named():
    with pytest.raises(ValueError, match="column: 'accuracy': no such column; allowed: step, test_accuracy"):
        read(name="final", column="accuracy")


@pytest.mark.parametrize(
    ("rule", "values", "paper", "holds"),
    [
        (WithinFactor(1.25), [80.0], 100, True),
        (WithinFactor(1.25), [79.9], 100, False),
        (WithinFactor(1.25), [125.0], 100, True),
        (WithinFactor(1.25), [125.1], 100, False),
        (WithinFactor(1.25), [1, 100, 1000], 100, True),  # the median decides
        (WithinFactor(1.25), [100, NAN, NAN], 100, False),
        (WithinFactor(1.25), [100, 100, NAN], 100, True),
        (WithinFactor(1.25), [100], None, False),
        (Within(0.02), [0.53], 0.514, True),
        (Within(0.02), [0.535], 0.514, False),
        (Within(0.02), [NAN], 0.514, False),
        (AtLeast(0.99), [1.0, 0.99], None, True),
        (AtLeast(0.99), [1.0, 0.98], None, False),
        (AtLeast(0.99), [1.0, NAN], None, False),
        (AtMost(0.1), [0.1, 0.0], None, True),
        (AtMost(0.1), [0.1, 0.11], None, False),
        (AtMost(0.1), [0.0, NAN], None, False),
    ],
)
def test_rules(rule, values, paper, holds):
    assert rule.holds(np.array(values, dtype=float), paper) is holds


def test_median_counts_missing_events_as_late():
    assert median(np.array([1.0, 2.0, NAN])) == 2
    assert np.isnan(median(np.array([1.0, NAN, NAN])))


def claim(level, **more):
    values = {
        "id": "p.fig.test", "source": "Figure", "statement": "It crosses.", "experiment": "e",
        "measure": {"name": "crossing", "column": "test_accuracy", "level": level},
        "paper": 30, "rule": {"name": "within_factor", "factor": 1.25}, **more,
    }  # fmt: skip
    return Claim.from_mapping(values, "here")


def test_verdicts():
    good, bad = claim(0.7), claim(0.99, reason="another draw")
    verdicts = [j.verdict for j in judge([good, bad], {"e": [EVIDENCE] * 3}, at_paper_size=True)]
    assert verdicts == ["reproduced", "differs"]
    assert [j.verdict for j in judge([good], {"e": [EVIDENCE]}, at_paper_size=False)] == ["not run"]
    assert [j.verdict for j in judge([good], {}, at_paper_size=True)] == ["not run"]


def test_claims_as_json_and_as_table():
    judged = [j.to_mapping() for j in judge([claim(0.99, reason="another draw")], {"e": [EVIDENCE]}, True)]
    assert list(judged[0]) == ["id", "source", "statement", "paper", "ours", "rule", "verdict", "reason"]
    assert judged[0]["ours"]["seeds"] == [pytest.approx(794.328, rel=1e-5)]
    text = claims_table(judged)
    assert "**differs**" in text
    assert "another draw" in text
    assert "1 claims: 0 reproduced, 1 differs, 0 not run." in text


def test_an_event_that_never_happens_is_null():
    judged = judge([claim(2.0)], {"e": [EVIDENCE]}, True)[0].to_mapping()
    assert judged["ours"] == {"median": None, "min": None, "max": None, "seeds": [None]}
    assert judged["verdict"] == "differs"
    assert "never" in claims_table([judged])


def test_events_of_a_run_and_their_comparison():
    found = events(EVIDENCE.table)
    assert found["test_accuracy up to 99%"] == pytest.approx(794.328, rel=1e-5)
    assert found["parameter_norm down to 50% of its start"] == pytest.approx(100)
    assert "parameter_norm down to 10% of its start" not in found
    rows = compare_events({"a": 1.0, "b": 0.0}, {"a": 1.1, "b": 0.0, "c": 5.0}).set_index("event")
    assert rows["ratio"].to_list()[:2] == pytest.approx([1.1, 1.0])
    assert np.isnan(rows.loc["c", "ratio"])


TABLE = pd.DataFrame(
    {
        "alpha": [10.0, 10, 10, 1e12, 1e12, 1e12],
        "relative_time": [0.5, 1.0, 2.0, 0.5, 1.0, 2.0],
        "cosine": [1.0, 0.8, 0.6, 1.0, 0.9, 0.1],
        "error": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "square": [1.0, 4.0, 9.0, 16.0, 25.0, np.nan],
    }
)


def of_rows(where, of, axis="relative_time"):
    return parse_measure({"name": "rows", "where": where, "axis": axis, "of": of}, "here").read(Evidence(TABLE, {}))


def test_rows_measure_a_part_of_a_theorems_table():
    crossing = {"name": "crossing", "column": "cosine", "level": 0.5, "direction": "down"}
    assert of_rows({"alpha": 1e12}, crossing) == pytest.approx(np.sqrt(2))
    assert np.isnan(of_rows({"alpha": 10}, crossing))
    assert of_rows({"alpha": 10}, {"name": "value_at", "column": "cosine", "step": 0.5}) == 1
    assert of_rows({"alpha": 10}, {"name": "maximum", "column": "error"}) == 3
    assert of_rows({"alpha": 10}, {"name": "minimum", "column": "error", "start": 0.7}) == 2
    with pytest.raises(NothingObserved, match="alpha 100"):  # not at these sizes
        of_rows({"alpha": 100}, crossing)


def test_rows_are_chosen_by_name_too():
    named = TABLE.assign(kind=["a", *["b"] * (len(TABLE) - 1)], value=range(len(TABLE)))
    measure = {"name": "rows", "where": {"kind": "b"}, "axis": "value", "of": {"name": "mean", "column": "value"}}
    assert parse_measure(measure, "here").read(Evidence(named, {})) == len(TABLE) / 2


def test_rows_name_what_they_lack():
    with pytest.raises(ConfigError, match=r"'nonsense': no such column; allowed: alpha"):
        of_rows({"nonsense": 1}, {"name": "final", "column": "error"})
    with pytest.raises(ConfigError, match="rows takes where"):
        parse_measure({"name": "rows", "where": {"alpha": 1}}, "here")


def test_exponent_is_the_slope_in_logarithms():
    assert parse_measure({"name": "exponent", "of": "square", "against": "error"}, "here").read(
        Evidence(TABLE, {})
    ) == pytest.approx(2)
