"""Runs cut short: they reached a last step that is ours; what longer training may change is an interval."""

import math
from dataclasses import replace
from inspect import isabstract

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grokking.claims import AtLeast, AtMost, Claims, experiment
from grokking.claims.evidence import evidence_of
from grokking.claims.judge import DIFFERS, NOT_RUN, REPRODUCED, UNDECIDED, in_words, judge
from grokking.claims.value import CUT_SHORT
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
from grokking.store.paths import Results
from grokking.store.provenance import ROOT
from grokking.store.results import csv_bytes
from grokking.store.sealed import write_sealed
from grokking.store.source import Source
from grokking.study.load import load_study
from grokking.study.sources import sources_of
from tests.unit.small_runs import FLOW, QUADRATIC, TOKENS, spec
from tests.unit.test_measure_domains import subclasses

E, INF = experiment("e"), math.inf
STEPS = [0.0, 1.0, 10.0, 100.0, 1000.0]


def curve(*accuracies, steps=STEPS, cut_short=True):
    table = pd.DataFrame(
        {"step": steps[: len(accuracies)], "test_accuracy": accuracies, "norm": range(len(accuracies))}
    )
    return Evidence(table, {}, cut_short=cut_short)


MEMORISED = (0.0, 0.1, 0.05, 0.2)  # up to step 100


@pytest.mark.parametrize(
    ("quantity", "interval"),
    [
        (E.crossing("test_accuracy", 0.5), (100, INF)),
        (E.crossing("test_accuracy", 0.1), (1, 1)),
        (E.crossing("test_accuracy", 0.01, "down"), (100, INF)),
        (E.crossing("test_accuracy", 0.5, "down"), (-INF, INF)),  # it is there from the start
        (E.crossing("test_accuracy", 3, of_value_at=1), (100, INF)),
        (E.sustained("test_accuracy", 0.5), (100, INF)),
        (E.sustained("test_accuracy", 0.15), (10, INF)),  # its last value may be the first of three
        (E.value_when("norm", "test_accuracy", 0.5), (-INF, INF)),
        (E.value_when("norm", "test_accuracy", 0.1), (1, 1)),
        (E.maximum("test_accuracy"), (0.2, INF)),
        (E.maximum("test_accuracy", 1, 10), (0.1, 0.1)),  # the window was over before
        (E.maximum("test_accuracy", 1, 1000), (0.2, INF)),
        (E.minimum("test_accuracy", 1), (-INF, 0.05)),
        (E.largest_fall("test_accuracy"), (0.05, INF)),
        (E.step_of_maximum("test_accuracy"), (10, INF)),
        (E.final("test_accuracy"), (0.2, 0.2)),
        (E.value_at("test_accuracy", 10), (0.05, 0.05)),
        (E.mean("norm"), (1.5, 1.5)),
        (E.where(along="norm").crossing("test_accuracy", 0.5), (3, INF)),
    ],
)
def test_what_a_run_cut_short_tells(quantity, interval):
    (value,) = quantity.values({"e": [curve(*MEMORISED)]})
    assert value.interval == pytest.approx(interval)
    assert value.why == (CUT_SHORT if math.inf in map(abs, interval) else "")
    (ended,) = quantity.values({"e": [curve(*MEMORISED, cut_short=False)]})
    assert ended.bounds is None


MEASURES = (
    *(Crossing("y", 0.5), Crossing("y", 0.5, "down"), Crossing("y", 2, of_value_at=1), Sustained("y", 0.5, 2)),
    *(Maximum("y"), Maximum("y", 1, 7), Minimum("y"), Minimum("y", 1, 7), LargestFall("y"), StepOfMaximum("y")),
    *(ValueWhen("z", Crossing("y", 0.5)), ValueAt("y", 1), ValueAt("y", 3), Maximum("y", 3), Minimum("y", 3, 50)),
    *(Rows((("z", 1.0),), "", Maximum("y")), LargestRise("y"), Straightness("y", "fast")),
)
VALUES = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])


def read(measure, evidence):
    try:
        return measure.read(evidence)
    except NothingObserved:
        return None


def bounds_of(measure, evidence):
    try:
        return measure.bounds(evidence)
    except NothingObserved:
        return None


@given(st.lists(st.tuples(VALUES, VALUES), min_size=2, max_size=7), st.integers(1, 6))
@example([(0.0, 1.0), (0.5, 1.0), (0.75, 1.0)], 2)
@example([(0.75, 1.0), (0.25, 1.0), (0.75, 1.0)], 1)
def test_longer_training_stays_within_the_bounds(rows, kept):
    """Unless an event never happens."""
    table = pd.DataFrame(rows, columns=["y", "z"]).assign(step=[0.0, 1.0, 2.0, 5.0, 7.0, 30.0, 90.0][: len(rows)])
    table["test_accuracy"] = table["y"]
    whole, cut = Evidence(table, {}), Evidence(table[:kept], {})
    for measure in MEASURES:
        before, after, bounds = read(measure, cut), read(measure, whole), bounds_of(measure, cut)
        if after is None or (before is None and bounds != (-INF, INF)):
            continue
        if bounds is None:
            assert before == pytest.approx(after, nan_ok=True), measure
        else:
            assert math.isnan(after) or bounds[0] - 1e-9 <= after <= bounds[1], measure


def test_every_measure_says_what_longer_training_may_change():
    """But for those of the end of a run, of its rows as they are, and of nets of a sweep; a knee takes long to find."""
    others = {Final, Mean, Onset, Slope, Reference, Knee}
    assert {type(measure) for measure in MEASURES} | others == {
        one for one in subclasses(Measure) if not isabstract(one)
    }


def claim(quantity, rule):
    claims = Claims()
    claims.paper("a", "b", "says so", quantity, rule)
    return next(iter(claims))


@pytest.mark.parametrize(
    ("quantity", "rule", "cut", "ended"),
    [
        (E.crossing("test_accuracy", 0.5), AtLeast(90), REPRODUCED, DIFFERS),  # not before step 100, or never
        (E.crossing("test_accuracy", 0.5), AtMost(90), DIFFERS, DIFFERS),
        (E.crossing("test_accuracy", 0.5), AtLeast(200), UNDECIDED, DIFFERS),
        (E.maximum("test_accuracy"), AtMost(0.3), UNDECIDED, REPRODUCED),
        (E.maximum("test_accuracy"), AtLeast(0.9), UNDECIDED, DIFFERS),
        (E.maximum("test_accuracy"), AtMost(0.15), DIFFERS, DIFFERS),
        (E.final("test_accuracy") - E.maximum("test_accuracy"), AtMost(-0.05), UNDECIDED, DIFFERS),
        (E.value_when("norm", "test_accuracy", 0.5), AtLeast(-1e9), UNDECIDED, DIFFERS),
    ],
)
def test_a_run_cut_short_decides_what_it_can(quantity, rule, cut, ended):
    for cut_short, expected in ((True, cut), (False, ended)):
        (judged,) = judge([claim(quantity, rule)], {"e": [curve(*MEMORISED, cut_short=cut_short)]}, True)
        assert judged.verdict == expected
    words = in_words(judge([claim(quantity, rule)], {"e": [curve(*MEMORISED)]}, True)[0].to_mapping())
    assert words == (f"undecided ({CUT_SHORT}), one seed" if cut == UNDECIDED else f"{cut}, one seed")


@pytest.mark.parametrize(
    "quantity",
    [E.value_at("test_accuracy", 101), E.maximum("test_accuracy", 101), E.minimum("test_accuracy", 101, 900)],
)
def test_a_question_after_the_last_step_is_undecided_or_not_run(quantity):
    for cut_short, found in ((True, UNDECIDED), (False, NOT_RUN)):
        (judged,) = judge([claim(quantity, AtLeast(0.5))], {"e": [curve(*MEMORISED, cut_short=cut_short)]}, True)
        assert judged.verdict == found


# Sweeps: a row per net

NETS = pd.DataFrame(
    {
        "observed": [0.1, 0.2, 0.3, 0.4],
        "ended": ["budget", "budget", "level", "level"],
        "budget": 3000,
        "memorised": [np.nan, 70.0, 60.0, 50.0],
        "grokked": [np.nan, np.nan, 400.0, 100.0],
        "has_grokked": [0.0, 0.0, 1.0, 1.0],
        "cost": [3000, 3000, 400.0, 100.0],
        "test_accuracy": [0.1, 0.3, 1.0, 1.0],
        "largest_test_accuracy": [0.1, 0.4, 1.0, 1.0],
    }
)


@pytest.mark.parametrize(
    ("quantity", "interval"),
    [
        (E.where(observed=0.2).final("grokked"), (3000, INF)),
        (E.where(observed=0.2).final("cost"), (3000, INF)),
        (E.where(observed=0.2).final("memorised"), (70, 70)),
        (E.where(observed=0.1).final("memorised"), (3000, INF)),
        (E.where(observed=0.3).final("grokked"), (400, 400)),
        (E.where(observed=0.2).mean("largest_test_accuracy"), (0.4, 1)),
        (E.where(observed=0.2).mean("test_accuracy"), (0.3, 0.3)),
        (E.onset("has_grokked", along="observed"), (0.1, 0.3)),
        (E.minimum("has_grokked"), (0, 1)),
        (E.maximum("has_grokked"), (1, 1)),
        (E.slope("cost", against="observed"), (-INF, INF)),
        (E.slope("budget", against="observed"), (0, 0)),
    ],
)
def test_what_a_sweep_tells_of_which_some_nets_were_cut_short(quantity, interval):
    (value,) = quantity.values({"e": [Evidence(NETS, {}, cut_short=True)]})
    assert (value.bounds or (value.number, value.number)) == pytest.approx(interval, abs=1e-12)


def test_a_sweep_in_which_no_net_groks_may_still():
    none = NETS.assign(ended="budget", grokked=np.nan, has_grokked=0.0)
    onset = E.onset("has_grokked", along="observed")
    assert onset.values({"e": [Evidence(none, {}, cut_short=True)]})[0].interval == (0.1, INF)
    assert onset.values({"e": [Evidence(none, {})]})[0].never


# Which runs are cut short


@pytest.mark.parametrize("ended", ["budget", "level", "stationary", "diverged", "collapsed"])
@pytest.mark.parametrize("open_ended", [True, False])
def test_a_run_is_cut_short_by_a_budget_of_ours_alone(ended, open_ended, tmp_path):
    run, results = spec(TOKENS, QUADRATIC, FLOW, steps=10), Results(tmp_path)
    table = pd.DataFrame({"step": [0, 10], "test_accuracy": 0.1, "train_accuracy": 0.1, "ipr": 0.3})
    about = {"run": run.id, "spec": run.to_mapping(), "ended": ended}
    write_sealed(results.run(run.id), {"trajectory.csv": csv_bytes(table)}, about)
    write_sealed(results.analysis("by_step"), {"table.csv": b"step,x\n0,1\n"}, {})
    write_sealed(results.analysis("by_p"), {"table.csv": b"p,x\n7,1\n"}, {})
    one = Source(experiment="e", seed=0, evidence=run.task.data, runs=(run.id,), open_ended=open_ended)
    sources = {
        "run": one,
        "sweep": replace(one, evidence="sweep"),
        "analysis along the steps": replace(one, analysis="by_step"),
        "analysis": replace(one, analysis="by_p"),
    }
    found = {name for name, source in sources.items() if evidence_of(source, results).cut_short}
    assert found == (sources.keys() - {"analysis"} if open_ended and ended == "budget" else set())


def test_open_ended_experiments_and_analyses_of_them_are_known_as_such():
    study = load_study(ROOT, ["pku2024", "lyu2024"], "paper", None)
    names = ("transformer_0.3", "loss_mlp", "triples", "slow_part", "samples_decay", "lyu2024/fig1a")
    found = {source.experiment for source in sources_of(study, "pku2024", names) if source.open_ended}
    assert found == {"transformer_0.3", "loss_mlp", "slow_part"}
