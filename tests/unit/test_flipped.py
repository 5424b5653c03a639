"""Flipped labels: which ones change, by seed, and who sees them."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from grokking.parts.errors import ConfigError
from grokking.store.provenance import ROOT
from grokking.store.trajectory import read_trajectory
from grokking.study.load import load_study
from grokking.tasks.flipped import number_flipped
from tests.unit.small_runs import RELU, SUMS, TOKENS, carry_out, spec

TASKS = {
    "modular_addition": ({"name": "modular_addition", "p": 13, "observed": 0.6}, RELU),
    "division": ({"name": "modular_function", "function": "n/m", "p": 12, "observed": 0.6}, RELU),
    "modular_sum": ({"name": "modular_sum", "p": 5, "operands": 3, "observed": 0.6}, {"name": "mlp", "width": 8}),
    "samples": ({"name": "modular_sum", "p": 13, "samples": 90, "observed": 0.6}, {"name": "mlp", "width": 8}),
}


def task_of(name, flipped=0):
    values, model = TASKS[name]
    return spec({**values, "flipped": flipped}, model, {"name": "adam", "batch": 8}).task


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("seed", [0, 1])
def test_so_many_training_labels_are_others_and_nothing_else_changes(name, seed):
    task, plain = task_of(name, 0.25), task_of(name)
    data, right = task.draw(seed), plain.draw(seed)
    changed = data.labels != data.results
    assert int(changed.sum()) == int(task.train_samples * 0.25)
    assert not (changed & ~data.observed).any()
    assert torch.equal(data.results, right.results)
    assert torch.equal(data.observed, right.observed)
    assert torch.equal(right.labels, right.results)
    classes = len(data.results) if data.results.ndim == 2 else data.p
    assert data.labels[data.observed].min() >= 0
    assert data.labels.max() < classes


@pytest.mark.parametrize("name", TASKS)
def test_two_seeds_flip_other_labels_and_one_seed_always_the_same(name):
    task = task_of(name, 20)
    one, again, other = (task.draw(seed) for seed in (0, 0, 1))
    assert torch.equal(one.labels, again.labels)
    assert not torch.equal(one.flips, other.flips)
    shifts = [data.flips[data.observed] for data in (one, other)]
    assert not torch.equal(*shifts)


def test_more_flipped_labels_include_the_fewer():
    few, many = (task_of("modular_sum", count).draw(3) for count in (4, 30))
    assert torch.equal(few.flips[few.flips > 0], many.flips[few.flips > 0])


def test_every_other_label_is_equally_likely():
    shifts = np.concatenate([task_of("modular_sum", 75).draw(seed).flips.numpy() for seed in range(40)])
    counts = np.bincount(shifts[shifts > 0], minlength=5)
    assert counts[0] == 0
    assert counts[1:] == pytest.approx(np.full(4, 750), rel=0.1)


def test_the_run_trains_on_the_flipped_labels_and_is_tested_on_the_right_ones(tmp_path):
    for task, model in ((TOKENS, RELU), (SUMS, {"name": "mlp", "width": 32})):
        run = spec({**task, "flipped": 8}, model, {"name": "adam", "batch": 8}, learning_rate=0.03, steps=400)
        data, table = run.task.draw(0), read_trajectory(carry_out(run, tmp_path)).table
        assert table["train_accuracy"].iloc[-1] == 1
        answers = torch.where(data.observed, data.labels, data.results)[None]
        assert {name: value[0] for name, value in data.evaluate(answers).items()}["test_accuracy"] == 1
        right = data.evaluate(data.results[None])["train_accuracy"][0]
        assert right == pytest.approx(1 - 8 / run.task.train_samples)


def test_the_id_without_flips_is_as_it_was():
    run = spec(TOKENS, RELU, {"name": "adam"})
    assert "flipped" not in run.identity["task"]
    assert spec({**TOKENS, "flipped": 0}, RELU, {"name": "adam"}).id == run.id
    assert replace(run, task=replace(run.task, flipped=0.5)).id != run.id


def test_the_paper_of_the_recipes_flips_one_label_in_twenty(tmp_path):
    text = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
    block = next(block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "flipped" in block)
    for folder in ("papers", "presets"):
        (tmp_path / "config" / folder).mkdir(parents=True)
    (tmp_path / "config/papers/mine.yaml").write_text(block, encoding="utf-8")
    study = load_study(tmp_path, ["mine"], "paper", None)
    right, wrong = (study.papers["mine"].experiments[name].runs[0] for name in ("right", "flipped"))
    assert replace(wrong, task=right.task) == right
    assert int((wrong.task.draw(0).flips > 0).sum()) == 4704 // 20


@pytest.mark.parametrize(("flipped", "count"), [(0, 0), (1, 1), (0.1, 3), (0.29, 8), (30, 30)])
def test_flipped_is_a_fraction_or_a_count(flipped, count):
    assert number_flipped(30, flipped, 7) == count


@pytest.mark.parametrize("flipped", [35, 1.5, -0.1, 0.001, "all"])
def test_a_number_of_flips_that_cannot_be_is_refused(flipped):
    with pytest.raises(ConfigError, match=r"flipped.*must (flip at least|be a fraction)"):
        spec({**TOKENS, "flipped": flipped}, RELU, {"name": "adam"})


def test_a_single_class_has_no_other_label():
    with pytest.raises(ValueError, match="to one of 2 or more"):
        number_flipped(5, 1, 1)
