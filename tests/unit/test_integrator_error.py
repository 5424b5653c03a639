"""The table of milestones, on curves whose crossings are known."""

import numpy as np
import pandas as pd
import pytest

from grokking.claims import AtLeast, Claims, Within, WithinFactor, experiment
from grokking.measures.evidence import Evidence
from grokking.report.integrator_error import HEADER, milestones


def run(crossing, seed=None):
    """Test accuracy that rises linearly in log step and passes 50 % at step `crossing`."""
    steps = np.array([1.0, crossing, crossing**2])
    return Evidence(pd.DataFrame({"step": steps, "test_accuracy": [0.0, 0.5, 1.0]}), {}, seed)


def claim(quantity, rule):
    claims = Claims()
    claims.paper("a", "b", "says so", quantity, rule)
    return next(iter(claims))


CROSSING = experiment("c").crossing("test_accuracy", 0.5)


def rows(claims, seeds, tight):
    lines = milestones("c", claims, [run(s) for s in seeds], [run(s) for s in tight]).splitlines()
    assert lines[0] == "## c"
    return [dict(zip(HEADER, (cell.strip() for cell in line.strip("|").split("|")), strict=True)) for line in lines[4:]]


def test_paper_seeds_and_integrator_stand_side_by_side():
    (row,) = rows([claim(CROSSING, WithinFactor(120, 2))], seeds=[101, 100, 110], tight=[100])
    assert float(row["our median"]) == pytest.approx(101)
    assert float(row["paper / median"]) == pytest.approx(120 / 101, rel=1e-3)
    assert row["paper is among our seeds"] == "no"
    assert float(row["seeds"]) == pytest.approx(1.1)
    assert float(row["integrator"]) == pytest.approx(1.01)


def test_a_tight_run_is_compared_with_the_run_of_its_seed():
    text = milestones("c", [claim(CROSSING, WithinFactor(120, 2))], [run(100, 4), run(110, 5)], [run(100, 5)])
    assert text.splitlines()[-1].split("|")[-2].strip() == "1.1"


def test_a_value_at_a_step_is_no_milestone():
    others = [
        claim(experiment("c").final("test_accuracy"), Within(1, 0.1)),
        claim(CROSSING - experiment("d").crossing("test_accuracy", 0.5), WithinFactor(10, 2)),
        claim(experiment("d").crossing("test_accuracy", 0.5), WithinFactor(10, 2)),
        claim(CROSSING, AtLeast(1, paper=10)),
    ]
    assert milestones("c", others, [run(9)], [run(10)]) == ""
    assert rows([claim(CROSSING, WithinFactor(10, 2))], [9, 11], [10])[0]["paper is among our seeds"] == "yes"


def test_of_several_tight_runs_the_worst_counts():
    (row,) = rows([claim(CROSSING, WithinFactor(120, 2))], seeds=[100, 110, 120], tight=[101, 100])
    assert float(row["integrator"]) == pytest.approx(1.1)
    (row,) = rows([claim(CROSSING, WithinFactor(120, 2))], seeds=[100, 110, 120], tight=[125, 110])
    assert float(row["integrator"]) == pytest.approx(0.8)


def test_a_seed_that_ends_before_the_milestone_leaves_its_row_empty():
    """The judge says `not run` there."""
    at_half = experiment("c").value_when("test_accuracy", "test_accuracy", 0.5)
    late = pd.DataFrame({"step": [0.0, 100.0], "test_accuracy": [0.0, 1.0]})  # passes 50 % before its first look
    text = milestones("c", [claim(at_half, Within(0.5, 0.1))], [run(10), Evidence(late, {})], [run(10)])
    assert text.splitlines()[-1] == "| says so | 0.5 | – | – | – | – | 1 |"


def test_fewer_seeds_than_tight_runs_are_compared_one_to_one():
    (row,) = rows([claim(CROSSING, WithinFactor(120, 2))], seeds=[110], tight=[100, 50])
    assert float(row["integrator"]) == pytest.approx(1.1)


def test_a_seed_that_was_cut_short_has_no_milestone_yet():
    cut = Evidence(pd.DataFrame({"step": [1.0, 50.0], "test_accuracy": [0.0, 0.2]}), {}, cut_short=True)
    text = milestones("c", [claim(CROSSING, WithinFactor(120, 2))], [run(100), cut], [run(100)])
    assert text.splitlines()[-1].split("|")[3].strip() == "–"
