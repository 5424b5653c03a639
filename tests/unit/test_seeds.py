"""All that is random is drawn from streams of its own seed, by every function that takes a seed."""

import re
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from typing import ClassVar

import pytest
import torch

from grokking import api
from grokking.analyses.analysis import Analysis
from grokking.analyses.tables.alignment import align_run
from grokking.analyses.tables.references import solve_references
from grokking.analyses.tables.replay import Replay
from grokking.dynamics.steps.generators import kept_generators, seed_generators
from grokking.models.own_net import OwnNet
from grokking.parts.fields import build_part
from grokking.parts.registry import parts
from grokking.report.comparison import label
from grokking.runs.start import started_objective
from grokking.starts.final_weights import FinalWeights
from grokking.store.paths import Results
from grokking.store.provenance import ROOT
from grokking.store.references import write_references
from grokking.store.results import TABLE
from grokking.store.trajectory import WEIGHTS
from grokking.study.built import results_behind
from grokking.study.experiment import Experiment
from grokking.study.load import load_study, stems
from grokking.study.sources import run_source, seeds_of
from tests.portable.drawn import TASKS
from tests.unit.seeded import TAKERS, content, recorded
from tests.unit.small_runs import (
    DIAGONAL,
    FLOW,
    KINDS,
    LINEAR,
    QUADRATIC,
    SUMS,
    TOKENS,
    TRANSFORMER,
    carry_out,
    spec,
    steps,
)
from tests.unit.small_runs import content as bytes_of
from tests.unit.test_train import killed

SEED = 7
MARGIN = {"name": "margin_classification", "n": 8, "d": 10, "gamma": 1, "n_test": 20}
KEPT = {"snapshots_per_decade": 2}
ADAM = {"learning_rate": 0.01, **KEPT}
RUNS = {
    **{name: run for name, run in KINDS.items() if name not in ("wide", "level")},  # others are of their kinds
    "two classes": spec(MARGIN, DIAGONAL, FLOW),
    "closed form": spec({**TOKENS, "p": 11}, QUADRATIC, FLOW, start={"name": "closed_form"}),
    "kernel": spec(
        {**TOKENS, "p": 5}, {"name": "two_layer_net", "width": 40, "zero_last_layer": True}, FLOW, weight_decay=1e-3
    ),
    "pairs": spec(TOKENS, QUADRATIC, steps("adam", batch=8), **ADAM),
    "sums": spec(SUMS, TRANSFORMER, steps("adam", batch=8), **ADAM),
    "signs": spec(LINEAR, DIAGONAL, FLOW, **KEPT),
    "table": spec({"name": "table", **TASKS["table"]}, QUADRATIC, steps("adam"), **ADAM),
    "function table": spec({"name": "function_table", **TASKS["function_table"]}, TRANSFORMER, steps("adam"), **ADAM),
}
PLANTED = {"d": 3, "rank": 1, "observed": 0.5}
SIZES = {"multiples": [4, 8], "n_test": 50}
SCALES = {"decay_exponent": 1, "scales": [3]}
THEORY = (
    {"name": "classification_transition", "n": 4, "d": 10, "k": 1, **SCALES},
    {"name": "regression_transition", **PLANTED, **SCALES, "perturbation": 0.1},
    {"name": "decay_error", **PLANTED, "weight_decays": [1.0]},
    {"name": "completion_landscape", **PLANTED, "weight_decay": 0.1, "starts": 1},
    {"name": "recovery", "d": 4, "ranks": [1], "observed": [0.5]},
    {"name": "sample_complexity", "norm": 1, "dimensions": [8], "sparsities": [1], **SIZES},
    {"name": "ipr_values", "p": 5, "width": 4},
    {"name": "wave_accuracy", "p": 5, "widths": [4]},
)
OF_RUNS = (
    ("kernel", {"name": "kink_stationarity", "thresholds": [0.1]}),
    ("mlp", {"name": "linearised_net", "iterations": 2}),
    ("pairs", {"name": "preactivations", "first": "n", "second": "m", "output": 2}),
    ("pairs", {"name": "neuron_phases"}),
    ("pairs", {"name": "population_loss"}),
    ("pairs", {"name": "critical_samples"}),
    ("signs", {"name": "tangent_kernel", "samples": 5, "classes": 2}),
    ("sums", {"name": "embedding_spectrum"}),
    ("sums", {"name": "fourier_spectrum"}),
    ("sums", {"name": "fourier_progress", "samples": 3}),
    ("sums", {"name": "slow_part", "length": 16, "coordinates": 5, "samples": 8, "times": [3]}),
)
REFERENCES = ("kernel", "flow", "completion", "label_noise")
PAPERS = stems(ROOT, "papers")
# What is the same for all seeds: the initial weights of two nets; and what is computed from data or runs,
# which are those of the seed already.
SEEDLESS = {
    "dynamics.steps.generators:seed_generators": "nothing: it seeds generators",
    "models.diagonal_net:DiagonalNet.objective": "θ(0) = α (1, 1)",
    "models.factorization:Factorization.objective": "θ(0) = α (I, I)",
    "starts.final_weights:FinalWeights.weights": "the other run's",
    "starts.initialisation:Initialisation.weights": "the objective's",
    "theory.phases.completion:references": "of the data",
    "theory.phases.linear:references": "of the data",
    "theory.phases.regression:references": "of the data",
    **{
        f"analyses.tables.{name}:table": "of the runs"
        for name in (
            *("critical_samples", "embedding_spectrum", "fourier_spectrum", "kink_stationarity", "linearised_net"),
            *("neuron_phases", "population_loss", "preactivations", "slow_part"),
        )
    },
}


@dataclass(frozen=True, kw_only=True)
class Bag(OwnNet):
    """A net of one's own."""

    name: ClassVar = "bag"

    def shapes(self, tokens, length):
        return {"embedding": (tokens, 4), "read_out": (tokens, 4)}

    def outputs(self, W, x):
        return W["embedding"][x].sum(1) @ W["read_out"].T


def of_seed(name, seed=SEED):
    """A run of a seed, no longer than it must be."""
    return replace(RUNS[name], seed=seed, steps=min(RUNS[name].steps, 200))


def analysis(settings):
    return build_part(parts(Analysis), settings, "analysis")


def trained(name):
    """A case: what training a run calls."""
    return lambda folder: carry_out(of_seed(name), folder)


def analysed(name, settings):
    def case(folder):
        found = analysis({**settings, "of": ["x"]}).table(SEED, [[carry_out(of_seed(name), folder)]])
        assert len(found)

    return case


def solved(name):
    def case(folder):
        run, references = of_seed(name), folder / f"references of {name}"
        write_references(references, solve_references(run.problem), {})
        align_run(carry_out(run, folder), references)

    return case


def begun_elsewhere(folder):
    first = of_seed("sums")
    then = replace(first, start=FinalWeights(first.id))
    started_objective(then, then.task.draw(SEED), carry_out(first, folder))


def seeded_generators(folder):
    with kept_generators():
        seed_generators(SEED, 3, torch.device("cpu"))


CASES = {
    **{f"run {name}": trained(name) for name in RUNS},
    **{one["name"]: lambda folder, one=one: analysis(one).table(SEED) for one in THEORY},
    **{one["name"]: analysed(name, one) for name, one in OF_RUNS},
    **{f"references {name}": solved(name) for name in REFERENCES},
    "replay": lambda folder: Replay.read(carry_out(of_seed("mlp"), folder)),
    "own net": lambda folder: Bag().objective(RUNS["mlp"].task.draw(SEED), SEED),
    "start": begun_elsewhere,
    "generators": seeded_generators,
}


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    """What a case calls: the calls of functions that take a seed, and the seeds that they are handed."""
    folder = tmp_path_factory.mktemp("results")

    @cache
    def of(name):
        with recorded() as (calls, seeds):
            CASES[name](folder)
        return calls, seeds

    return of


@pytest.fixture(scope="module")
def asked(taken):
    """The calls of a study of several seeds and of the Python API, beside those of the cases."""
    both = Experiment("net", "mine", tuple(of_seed("mlp", seed) for seed in (0, 1)))
    with recorded() as (calls, _):
        run_source("net", both, 0)
        study = load_study(ROOT, PAPERS, "smoke", 2)
        list(results_behind(study, Results(ROOT)))
        api.run("pku2024/triples_continued", 1)
        label("paper/experiment", 1)
    return [calls, *(taken(name)[0] for name in CASES)]


@pytest.mark.parametrize("case", CASES)
def test_each_function_is_handed_the_seed_of_the_run_or_the_analysis(case, taken):
    _, seeds = taken(case)
    assert set().union(*seeds.values()) == {SEED}


def test_every_function_that_takes_a_seed_is_called_here(asked):
    assert set(TAKERS) - set().union(*asked) == set()


# An analysis' own `table` calls that of its module, and a constructor keeps the seed.
DRAWING = [name for name in TAKERS if not name.endswith((".table", ".__init__"))]


@pytest.mark.parametrize("name", DRAWING)
def test_another_seed_gives_something_else_and_the_same_seed_the_same_again(name, asked):
    found = [calls[name] for calls in asked if name in calls]
    one, again, other = ([content(call.of(seed)) for call in found] for seed in (1, 1, 0))
    assert one == again
    assert (one == other) == (name in SEEDLESS)


@pytest.mark.parametrize("name", ["adam", "label_noise", "transformer", "mlp"])
def test_a_run_that_goes_on_from_its_checkpoint_draws_from_streams_of_its_seed(name, tmp_path, monkeypatch):
    run = of_seed(name)
    undisturbed = bytes_of(carry_out(run, tmp_path / "a"))
    with monkeypatch.context() as patch:
        assert not killed(run, tmp_path / "b", patch, 2)
    with recorded() as (_, seeds):
        found = bytes_of(carry_out(run, tmp_path / "b"))
    assert found == undisturbed
    assert set().union(*seeds.values()) == {SEED}


@pytest.mark.parametrize("name", [name for name in KINDS if name not in ("wide", "level", "diverged")])
def test_two_seeds_end_differently(name, tmp_path):
    one, other = (bytes_of(carry_out(of_seed(name, seed), tmp_path)) for seed in (0, 1))
    assert one[WEIGHTS] != other[WEIGHTS]
    assert one[TABLE] != other[TABLE]


@pytest.mark.parametrize("preset", ["paper", "smoke"])
def test_what_a_seed_of_an_experiment_reads_is_of_that_seed(preset):
    """The run that it starts from, the runs of an analysis, the run and the problem of a curve."""
    study = load_study(ROOT, PAPERS, preset, None)
    for paper in study.papers.values():
        for name, experiment in paper.experiments.items():
            for run in experiment.runs:
                assert run.parent is None or seed_in(run.parent) == run.seed
            for source in seeds_of(study, paper.name, name):
                assert {seed_in(one) for one in (*source.runs, source.problem) if one} == {source.seed}
        for analysis_spec in chain.from_iterable(paper.analyses.values()):
            assert {seed_in(one) for one in analysis_spec.runs} <= {analysis_spec.seed}


def seed_in(name):
    """The seed in the id of a run or a problem."""
    return int(re.search(r"-s(\d+)-", name)[1])
