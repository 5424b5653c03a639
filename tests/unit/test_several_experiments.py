"""An analysis of several experiments: which runs it is given, its name, and what is refused."""

import re
from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grokking.analyses.analysis import Analysis, RunAnalysis
from grokking.analyses.ipr_values import IPRValues
from grokking.analyses.spec import AnalysisSpec
from grokking.parts.errors import ConfigError
from grokking.parts.registry import parts
from grokking.study.load import load_study

THEORY = IPRValues(p=7, width=4)
PAPER = """
experiments:
  base:
    abstract: true
    task: {{name: modular_addition, p: 5, observed: 0.5}}
    model: {{name: quadratic_net, width: 4}}
    dynamics: {{name: gradient_descent}}
    learning_rate: 1
    steps: 10
  one: {{like: base, seeds: 1}}
  two: {{like: base, seeds: 2, learning_rate: 2}}
  three: {{like: base, seeds: 3, learning_rate: [3, 4]}}
analyses:
  ratio: {{name: ratio, {settings}}}
comparisons:
  both: {{flow: one, descent: two}}
"""


@dataclass(frozen=True)
class Ratio(RunAnalysis):
    """The analysis of the tests, of up to three experiments."""

    name: ClassVar = "ratio"
    columns: ClassVar = ("ratio",)
    most: ClassVar = 3

    def table(self, seed, runs=()):
        raise NotImplementedError


@pytest.fixture
def study_with(tmp_path, monkeypatch):
    """A function from the settings of the analysis to the study that has it."""
    monkeypatch.setitem(parts(Analysis), "ratio", Ratio)
    (tmp_path / "config/papers").mkdir(parents=True)

    def load(settings, seeds=None):
        text = PAPER.format(settings=settings)
        (tmp_path / "config/papers/mine.yaml").write_text(text, encoding="utf-8")
        return load_study(tmp_path, ["mine"], "paper", seeds).papers["mine"]

    return load


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_runs_are_grouped_as_their_experiments_have_them(sizes):
    runs = tuple(f"run {i}" for i in range(sum(sizes)))
    spec = AnalysisSpec(Ratio(("a",)), 0, runs, tuple(sizes) if len(sizes) > 1 else ())
    groups = spec.by_experiment(runs)
    assert [len(group) for group in groups] == sizes
    assert tuple(run for group in groups for run in group) == runs


def test_without_runs_there_is_no_group():
    assert AnalysisSpec(THEORY, 0).by_experiment(()) == []


@pytest.mark.parametrize("seed", [0, 1])
def test_it_is_given_the_runs_of_its_seed_experiment_by_experiment(study_with, seed):
    mine = study_with("of: [three, two], seeds: 2")
    spec = mine.analyses["ratio"][seed]
    expected = [[run.id for run in mine.experiments[name].of_seed(seed)] for name in ("three", "two")]
    assert [list(group) for group in spec.by_experiment(spec.runs)] == expected
    assert spec.sizes == (2, 1)


def test_one_experiment_may_be_written_without_a_list(study_with):
    plain, listed = (study_with(f"of: {of}").analyses["ratio"] for of in ("three", "[three]"))
    assert plain == listed
    assert plain[0].sizes == ()


def test_its_name_follows_from_the_runs_and_how_they_are_grouped():
    def name(of, runs, sizes):
        return AnalysisSpec(Ratio(of), 0, runs, sizes).id

    first = name(("a", "b"), ("x", "y", "z"), (1, 2))
    assert first == name(("c", "d"), ("x", "y", "z"), (1, 2))  # whatever the experiments are called
    others = [
        name(("a", "b"), ("x", "y", "z"), (2, 1)),
        name(("a", "b"), ("y", "x", "z"), (1, 2)),
        name(("a", "b"), ("x", "y"), (1, 1)),
        name(("a",), ("x", "y", "z"), ()),
    ]
    assert len({first, *others}) == 5


def test_it_is_its_own_description():
    spec = AnalysisSpec(THEORY, 1, ("x", "y", "z"), (1, 2))
    assert AnalysisSpec.from_mapping(spec.to_mapping(), "here") == spec


@pytest.mark.parametrize(("seeds", "expected"), [(None, 2), (1, 1), (3, 2)])
def test_as_many_seeds_as_are_asked_for_and_all_experiments_have(study_with, seeds, expected):
    """A comparison keeps its two seeds where others get three."""
    mine = study_with("of: [three, two], seeds: 2", seeds)
    assert len(mine.analyses["ratio"]) == expected
    assert len(mine.experiments["three"].seeds) == (3 if seeds is None else seeds)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("of: [two, one], seeds: 2", "analyses.ratio.of: 'one': has no seed 1, only 0; give this one"),
        ("of: [one, two], seeds: 2", "analyses.ratio.of: 'one': has no seed 1, only 0; give this one"),
        ("of: [two, none]", "analyses.ratio.of: 'none': no such experiment; allowed: one, two, three"),
        ("of: [two, base]", "analyses.ratio.of: 'base': is abstract, a base without runs; allowed: one"),
        ("of: [two, two]", "of must name each experiment once"),
        ("of: [one, two, three, base]", "of must name at most 3 experiments"),
        ("of: []", "analyses.ratio.of: []: must be a list; each entry must be text"),
        ("seeds: 2", "analyses.ratio.of: missing; must be a list; each entry must be text"),
    ],
)
def test_what_it_cannot_read_is_refused(study_with, settings, message):
    with pytest.raises(ConfigError, match=re.escape(message)) as error:
        study_with(settings)
    assert str(error.value).startswith("config/papers/mine.yaml: analyses.ratio")
