"""Batches and noise are functions of the step's number: what each holds, and that it can be entered anywhere."""

import hashlib

import numpy as np
import pytest
import torch

from grokking.dynamics.steps import batches as module
from grokking.dynamics.steps.batches import Batches


def rows(batches, steps):
    return torch.stack([batches.rows(step) for step in steps])


def noise(batches, step):
    return batches.noise_of(range(step, step + 1))[0]


def test_a_pass_sees_no_sample_twice_and_leaves_out_an_incomplete_batch():
    batches = Batches(23, 5, False, 0)
    seen = [rows(batches, range(4 * epoch + 1, 4 * epoch + 5)).flatten() for epoch in range(3)]
    for one in seen:
        assert len(set(one.tolist())) == 20
        assert 0 <= int(one.min()) < int(one.max()) < 23
    assert not torch.equal(seen[0], seen[1])
    assert {sample for one in seen for sample in one.tolist()} == set(range(23))


def test_a_batch_that_divides_the_samples_sees_all_of_them():
    assert sorted(rows(Batches(12, 4, False, 3), [7, 8, 9]).flatten().tolist()) == list(range(12))


@pytest.mark.parametrize("size", [0, 9, 10])
def test_all_samples_are_no_batch(size):
    batches = Batches(9, size, False, 0)
    assert batches.full
    assert batches.rows(5) is None
    assert batches.size == len(noise(batches, 5)) == 9


def test_draws_with_replacement_are_independent_and_even(monkeypatch):
    monkeypatch.setattr(module, "DRAWN_TOGETHER", 800)
    seen = rows(Batches(5, 8, True, 0), range(1, 2001))
    assert seen.shape == (2000, 8)
    counts = torch.bincount(seen.flatten(), minlength=5) / 16_000
    assert torch.allclose(counts, torch.full((5,), 0.2), atol=0.015)
    assert not torch.equal(seen[:100], seen[100:200])
    pairs = torch.bincount(5 * seen[:, 0] + seen[:, 1], minlength=25) / 2000
    assert torch.allclose(pairs, torch.full((25,), 0.04), atol=0.02)


@pytest.mark.parametrize("batches", [Batches(23, 5, False, 1), Batches(23, 5, True, 1)])
def test_a_step_sees_the_same_wherever_one_enters(batches, monkeypatch):
    """In any order, and after everything that was kept in memory is gone; blocks end within the steps asked for."""
    monkeypatch.setattr(module, "DRAWN_TOGETHER", 35)
    forwards = [(batches.rows(step), noise(batches, step)) for step in range(1, 31)]
    for step in reversed(range(1, 31)):
        for kept in (module.passed, module.independent, module.normal):
            kept.cache_clear()
        assert torch.equal(batches.rows(step), forwards[step - 1][0])
        assert np.array_equal(noise(batches, step), forwards[step - 1][1])
    for some in (range(3, 20), range(4, 9), range(5, 6), range(1, 31)):
        assert np.array_equal(batches.rows_of(some), [forwards[step - 1][0].numpy() for step in some])
        assert np.array_equal(batches.noise_of(some), [forwards[step - 1][1] for step in some])


def test_noise_is_standard_normal_and_new_at_every_step(monkeypatch):
    monkeypatch.setattr(module, "DRAWN_TOGETHER", 800)
    drawn = np.stack([noise(Batches(4, 0, False, 0), step) for step in range(1, 5001)])
    assert drawn.shape == (5000, 4)
    assert len(np.unique(drawn)) == drawn.size
    assert abs(drawn.mean()) < 0.03
    assert drawn.std() == pytest.approx(1, abs=0.03)
    assert np.abs(np.corrcoef(drawn.T) - np.eye(4)).max() < 0.05


def test_seeds_differ():
    one, other = (rows(Batches(50, 5, False, seed), range(1, 11)) for seed in (0, 1))
    assert not torch.equal(one, other)


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (lambda: Batches(50, 20, False, 3).rows_of(range(1, 9)), "ed0701ffa08fcba6"),
        (lambda: Batches(50, 20, True, 3).rows_of(range(1, 9)), "d0d0d0b132aebeb9"),
        (lambda: Batches(50, 20, True, 3).noise_of(range(1, 9)), "d1b2ab782083b3e1"),
    ],
    ids=["passes", "with replacement", "noise"],
)
def test_batches_and_noise_are_the_same_bytes_everywhere(draw, expected):
    assert hashlib.sha256(draw().tobytes()).hexdigest()[:16] == expected
