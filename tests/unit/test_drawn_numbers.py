"""Data, splits, initial weights, batches and noise have their numbers, each from a stream of its own."""

import json
import re
import sys
from collections import defaultdict
from itertools import combinations, product

import numpy as np
import pytest

from grokking.models.model import Model
from grokking.parts.registry import parts
from grokking.rng import stream
from grokking.store.provenance import ROOT
from grokking.tasks.task import Task
from tests.portable import drawn
from tests.portable.__main__ import FILE
from tests.portable.test_portable import portable
from tests.unit.seeded import forget
from tests.unit.test_seeds import CASES

PURPOSES = {
    purpose
    for file in (ROOT / "src").rglob("*.py")
    for purpose in re.findall(r"(?:stream\([\w.]+, |\.generator\()\"(.+?)\"", file.read_text(encoding="utf-8"))
}
HASHES = {name: found for name, found in json.loads(FILE.read_text()).items() if name.startswith("drawn")}


@portable
def test_what_is_drawn_for_two_seeds_has_its_bytes():
    """`python -m tests.portable write` writes them anew."""
    assert drawn.hashes() == HASHES


def test_every_task_and_model_is_drawn():
    assert set(drawn.TASKS) == set(parts(Task))
    assert set(drawn.MODELS) == set(parts(Model))


def test_two_seeds_have_other_numbers_except_where_a_net_starts_from_a_multiple_of_one():
    same = [name for name in HASHES if name.endswith("0") and HASHES[name] == HASHES[name[:-1] + "1"]]
    assert same == [f"drawn: initial weights: {name}, seed 0" for name in ("diagonal_net", "factorization")]


@pytest.mark.parametrize("name", sorted(set(drawn.MODELS) - {"diagonal_net", "factorization"}))
def test_no_two_parameters_of_a_net_start_with_the_same_numbers(name):
    """Up to a factor; rows of a matrix included. Biases and gains are constant."""
    settings, learned = drawn.MODELS[name]
    data = drawn.task(learned).draw(1)
    objective = parts(Model)[name](**settings).objective(data, 1)
    layout, theta = objective.layout, objective.initial.double()
    rows = [row for one in layout.views(theta).values() for row in one.reshape(-1, one.shape[-1])] if layout else theta
    beginnings = [row[:4].numpy() for row in rows if len(row) >= 4 and float(row.std()) > 0]
    assert len(beginnings) > 5
    alike = [abs(a @ b) / np.linalg.norm(a) / np.linalg.norm(b) for a, b in combinations(beginnings, 2)]
    assert max(alike) < 1 - 1e-6


@pytest.fixture
def entered(monkeypatch):
    """The places of the code that enter each stream, and the calls that enter one twice."""
    forget()
    places, twice, make = defaultdict(set), [], np.random.default_rng
    frames = {}

    def recorded(key):
        frame = sys._getframe(2)  # below `stream`
        frame = frame.f_back if frame.f_code.co_name == "generator" else frame
        places[tuple(key)].add((frame.f_code.co_filename, frame.f_code.co_name))
        if tuple(key) in frames.setdefault(frame, set()):
            twice.append((frame.f_code.co_name, key))
        frames[frame].add(tuple(key))
        return make(key)

    monkeypatch.setattr(np.random, "default_rng", recorded)
    return places, twice


@pytest.mark.parametrize("case", [case for case in CASES if case.startswith("run ")])
def test_no_two_places_draw_from_one_stream_and_none_draws_from_it_twice(case, entered, tmp_path):
    places, twice = entered
    CASES[case](tmp_path)
    assert places
    assert {key: found for key, found in places.items() if len(found) > 1} == {}
    assert twice == []


def test_the_streams_of_purposes_seeds_and_parts_are_independent():
    assert {"train", "sample", "init", "batches", "label noise", "dropout"} <= PURPOSES
    keys = list(product((0, 1, 2), sorted(PURPOSES), (0, 1, 2)))
    correlations = np.corrcoef([stream(*key).standard_normal(500) for key in keys])
    assert np.abs(correlations[np.triu_indices(len(keys), 1)]).max() < 0.3
