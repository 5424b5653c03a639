"""K-ary addition: which samples there are, on which side, and whose mirror was trained on."""

import itertools
import math

import numpy as np
import pytest
import torch

from grokking.data.sums import SumData
from grokking.parts.errors import ConfigError
from grokking.specs.run import RunSpec
from grokking.store.settings import steps_per_epoch
from grokking.tasks.modular_sum import ModularSum

P = 7


def rows(data):
    return [tuple(row) for row in data.operands.tolist()]


@pytest.mark.parametrize("operands", [1, 2, 3])
def test_all_sums_once_each_in_order(operands):
    data = ModularSum(p=P, observed=0.5, operands=operands).draw(0)
    assert rows(data) == list(itertools.product(range(P), repeat=operands))
    assert data.results.tolist() == [sum(row) % P for row in rows(data)]
    assert int(data.observed.sum()) == P**operands // 2


@pytest.mark.parametrize("operands", [3, 6])
def test_a_sample_has_no_repetition_and_is_even(operands):
    task = ModularSum(p=97, observed=0.3, operands=operands, samples=5000)
    data = task.draw(1)
    assert data.operands.shape == (5000, operands)
    assert len(set(rows(data))) == 5000
    assert rows(data) == sorted(rows(data))
    assert int(data.observed.sum()) == task.train_samples == 1500
    for column in data.operands.T:
        assert np.bincount(column, minlength=97).min() > 20  # 52 on average
    share = data.observed[data.operands[:, 0] < 48].double().mean()
    assert float(share) == pytest.approx(0.3, abs=0.04)


def test_samples_are_independent_draws():
    first, second, other_seed = (
        ModularSum(p=97, observed=0.5, operands=3, samples=1000, sample=sample).draw(seed)
        for sample, seed in ((0, 0), (1, 0), (0, 1))
    )
    for other in (second, other_seed):
        assert len(set(rows(first)) & set(rows(other))) < 20
        assert not torch.equal(first.observed, other.observed)
    again = ModularSum(p=97, observed=0.5, operands=3, samples=1000).draw(0)
    assert torch.equal(first.operands, again.operands)
    assert torch.equal(first.observed, again.observed)


@pytest.mark.parametrize("operands", [2, 3])
def test_ascending_sums(operands):
    task = ModularSum(p=P, observed=10, operands=operands, ascending=True)
    data = task.draw(0)
    assert rows(data) == list(itertools.combinations_with_replacement(range(P), operands))
    assert task.available == len(data.operands) == math.comb(P + operands - 1, operands)
    assert int(data.observed.sum()) == task.train_samples == 10
    assert not data.mirrored.any()


def test_mirrored_samples_are_those_with_another_order_in_the_training_set():
    data = ModularSum(p=P, observed=0.3, operands=3).draw(0)
    trained = [row for row, side in zip(rows(data), data.observed.tolist(), strict=True) if side]
    orders = {order for row in trained for order in itertools.permutations(row)}
    expected = [row in orders and not side for row, side in zip(rows(data), data.observed.tolist(), strict=True)]
    assert data.mirrored.tolist() == expected
    assert 0 < sum(expected) < int((~data.observed).sum())


def test_the_mirrored_share_of_pairs_is_the_fraction():
    data = ModularSum(p=97, observed=0.3).draw(0)
    assert float(data.mirrored.sum() / (~data.observed).sum()) == pytest.approx(0.3, abs=0.02)


def test_accuracies_of_a_net_that_knows_that_addition_commutes_and_no_more():
    data = ModularSum(p=P, observed=0.5).draw(0)
    answers = torch.where(data.observed | data.mirrored, data.results, (data.results + 1) % P)
    found = data.evaluate(torch.stack([answers, data.results]))
    share = float(data.mirrored.sum() / (~data.observed).sum())
    assert found == {
        "train_accuracy": [1, 1],
        "test_accuracy": [pytest.approx(share), 1],
        "mirrored_accuracy": [1, 1],
        "unmirrored_accuracy": [0, 1],
    }


def test_a_part_without_samples_has_no_accuracy():
    data = SumData(3, torch.tensor([[0, 1], [1, 2]]), torch.tensor([True, False]))
    found = data.evaluate(data.results[None])
    assert math.isnan(found["mirrored_accuracy"][0])
    assert found["unmirrored_accuracy"] == [1]


TASK = {"name": "modular_sum", "p": 97, "observed": 0.5}
RUN = {"model": {"name": "mlp"}, "dynamics": {"name": "adam"}, "learning_rate": 1, "steps": 1, "seed": 0}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"operands": 4}, "88529281 sums are too many to take all: set samples, at most 1000000"),
        ({"operands": 9, "samples": 10}, r"at most 2\^53"),
        ({"p": 3, "samples": 10}, "samples must be at most 9"),
        ({"ascending": True, "samples": 10}, "ascending takes all sums"),
        ({"observed": 9409}, "at least one of 9409"),
        ({"ascending": True, "observed": 4753}, "at least one of 4753"),
    ],
)
def test_refusals(changes, message):
    with pytest.raises(ConfigError, match=message):
        RunSpec.from_mapping({"task": TASK | changes, **RUN}, "here")


def test_a_sum_longer_than_the_context_is_refused():
    task, model = TASK | {"operands": 5, "samples": 100}, {"name": "transformer", "context": 8}
    with pytest.raises(ConfigError, match=r"model\.context: 8: must be at least 10"):
        RunSpec.from_mapping({"task": task, **RUN, "model": model}, "here")


@pytest.mark.parametrize("changes", [{"heads": 3}, {"positions": "sinusoidal", "width": 9, "heads": 3}])
def test_widths_that_do_not_divide_are_refused(changes):
    with pytest.raises(ConfigError, match="width"):
        RunSpec.from_mapping({"task": TASK, **RUN, "model": {"name": "transformer", **changes}}, "here")


def test_dropout_and_a_flow_do_not_go_together():
    with pytest.raises(ConfigError, match=r"model\.dropout: 0\.1: must be 0"):
        RunSpec.from_mapping(
            {
                "task": TASK,
                **RUN,
                "model": {"name": "transformer", "dropout": 0.1},
                "dynamics": {"name": "gradient_flow"},
            },
            "here",
        )


@pytest.mark.parametrize(("batch", "steps"), [(0, 1), (256, 18), (4704, 1), (10_000, 1)])
def test_steps_per_epoch(batch, steps):
    run = RunSpec.from_mapping({"task": TASK, **RUN, "dynamics": {"name": "adam", "batch": batch}}, "here")
    assert run.task.train_samples == 4704
    assert steps_per_epoch(run) == steps
