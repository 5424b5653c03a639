"""All that is random in a run or a table is drawn from streams of its own seed."""

from dataclasses import replace

import numpy as np
import pytest

from grokking.analyses.analysis import Analysis
from grokking.analyses.tables.alignment import align_run
from grokking.analyses.tables.references import solve_references
from grokking.analyses.tables.replay import Replay
from grokking.analyses.tables.snapshots import Snapshots
from grokking.analyses.tables.trained_net import TrainedNet
from grokking.parts.fields import build_part
from grokking.parts.registry import parts
from grokking.store.references import write_references
from tests.unit.small_runs import DIAGONAL, FLOW, KINDS, QUADRATIC, RELU, TOKENS, carry_out, spec

SEED = 7
MARGIN = {"name": "margin_classification", "n": 8, "d": 10, "gamma": 1, "n_test": 20}
RUNS = {
    **KINDS,
    "two classes": spec(MARGIN, DIAGONAL, FLOW),
    "closed form": spec({**TOKENS, "p": 11}, QUADRATIC, FLOW, start={"name": "closed_form"}),
    "kernel": spec(TOKENS, {**RELU, "zero_last_layer": True}, FLOW),
}
PLANTED = {"d": 4, "rank": 1, "observed": 0.5}
SIZES = {"multiples": [1, 2], "n_test": 50}
SCALES = {"decay_exponent": 1, "scales": [10]}
ANALYSES = (
    {"name": "classification_transition", "n": 4, "d": 10, "k": 1, **SCALES},
    {"name": "regression_transition", **PLANTED, **SCALES, "perturbation": 0.1},
    {"name": "decay_error", **PLANTED, "weight_decays": [0.1]},
    {"name": "recovery", "d": 4, "ranks": [1], "observed": [0.5]},
    {"name": "sample_complexity", "norm": 1, "dimensions": [8], "sparsities": [1], **SIZES},
    {"name": "ipr_values", "p": 5, "width": 4},
    {"name": "wave_accuracy", "p": 5, "widths": [4]},
)
READERS = {"lstm": Snapshots.read, "adam": TrainedNet.read, "mlp": Replay.read}


@pytest.fixture
def entered(monkeypatch):
    """The seeds of all streams of random numbers that are entered."""
    seeds, make = set(), np.random.default_rng

    def recorded(key):
        seeds.add(key[0])
        return make(key)

    monkeypatch.setattr(np.random, "default_rng", recorded)
    return seeds


def of_seed(name):
    return replace(RUNS[name], seed=SEED)


@pytest.mark.parametrize("name", RUNS)
def test_a_run_draws_from_streams_of_its_seed(name, tmp_path, entered):
    carry_out(of_seed(name), tmp_path)
    assert entered == {SEED}


@pytest.mark.parametrize("name", READERS)
def test_a_finished_run_is_read_with_draws_from_streams_of_its_seed(name, tmp_path, entered):
    run = carry_out(of_seed(name), tmp_path)
    entered.clear()
    READERS[name](run)
    assert entered == {SEED}


def test_references_and_alignment_are_drawn_from_streams_of_the_seed(tmp_path, entered):
    run, references = carry_out(of_seed("kernel"), tmp_path), tmp_path / "references"
    entered.clear()
    write_references(references, solve_references(of_seed("kernel").problem), {})
    align_run(run, references)
    assert entered == {SEED}


@pytest.mark.parametrize("settings", ANALYSES, ids=lambda settings: settings["name"])
def test_a_table_of_theory_is_drawn_from_streams_of_its_seed(settings, entered):
    assert len(build_part(parts(Analysis), settings, "analysis").table(SEED))
    assert entered == {SEED}
