"""The column `epoch_accuracy` is the accuracy that a plain torch loop records before each step, over the epoch."""

import functools
import math

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

import grokking
from benchmarks.plain_nets import PlainLSTM, PlainMLP, PlainTransformer
from grokking.dynamics.steps.batches import Batches
from grokking.kernels.prefix_tree import prefix_tree
from grokking.nets.objective import Noise
from grokking.nets.perceptron import Perceptron
from grokking.nets.recurrent_net import RecurrentNet
from grokking.nets.tree_transformer import TransformerNet
from grokking.parts.errors import ConfigError
from grokking.rng import stream
from grokking.runs.contract import try_parts
from grokking.store.observations import steps_of
from grokking.store.settings import steps_per_epoch
from grokking.store.trajectory import read_trajectory
from tests.unit.own_files import interrupted, own  # noqa: F401
from tests.unit.small_runs import KINDS, SUMS, TRANSFORMER, carry_out, content, spec, steps

COUNT, BATCH, RATE, DECAY = 30, 8, 0.03, 0.1
PLAIN = {Perceptron: PlainMLP, RecurrentNet: PlainLSTM, TransformerNet: PlainTransformer}
EVERY_STEP = {"learning_rate": RATE, "steps": COUNT, "even_points": COUNT}
DOUBLE = {"dtype": "float64"}
MLP = {"name": "mlp", "width": 8, **DOUBLE}
NETS = {
    "mlp": MLP,
    "transformer": {**TRANSFORMER, **DOUBLE},
    "transformer with dropout": {**TRANSFORMER, "dropout": 0.3, **DOUBLE},
    "lstm": {"name": "lstm", "width": 6, **DOUBLE},
}


def table_of(run, folder):
    return read_trajectory(carry_out(run, folder)).table


def masks_of(ours, rows, noise):
    """The dropout masks of a step by name, [batch, tokens, width]; in the last layer only "=" matters."""
    tree = prefix_tree(ours.operands[rows], ours.data.p, shared=False)
    path, whole = tree.levels[-1].paths[tree.leaf], {}
    for name, mask in ours.masks(tree, noise).items():
        at_the_end = len(mask) < len(tree.token_kinds)
        whole[name] = mask[tree.leaf][:, None].expand(-1, path.shape[1], -1) if at_the_end else mask[path]
    return whole


def with_dropout(net, masks):
    """Hooks by which the plain transformer has these masks."""
    first = net.layers[0].register_forward_pre_hook(lambda _, inputs: (inputs[0] * masks["embedding"], *inputs[1:]))
    hooks = [first]
    for i, layer in enumerate(net.layers):
        attention, feed_forward = masks[f"{i}.attention"], masks[f"{i}.feed_forward"]
        hooks.append(layer.attention.register_forward_hook(lambda _, __, out, mask=attention: (out[0] * mask, out[1])))
        hooks.append(layer.feed_forward.register_forward_hook(lambda _, __, out, mask=feed_forward: out * mask))
    return hooks


def loop(run):
    """A training loop of torch: after each step the mean accuracy of the epoch's batches; and the final θ."""
    ours = run.model.objective(run.task.draw(run.seed), run.seed)
    net = PLAIN[type(ours.net)](ours.net).double()
    theta = ours.initial.clone().requires_grad_()
    optimizer = torch.optim.AdamW([theta], lr=RATE, weight_decay=DECAY)
    means, of_epoch, batches = [], [], []
    for step in range(1, COUNT + 1):
        if not batches:
            order = stream(run.seed, "batches", (step - 1) // (ours.samples // BATCH)).permutation(ours.samples)
            batches = [order[i : i + BATCH] for i in range(0, ours.samples - BATCH + 1, BATCH)]  # drop_last
            of_epoch = []
        rows, hooks = torch.from_numpy(batches.pop(0)), []
        if ours.stochastic:
            hooks = with_dropout(net, masks_of(ours, rows, Noise(run.seed, step)))
        z = torch.func.functional_call(net, net.parameters_of(ours.layout.views(theta)), (ours.operands[rows],))
        of_epoch.append((z.argmax(1) == ours.results[rows]).double().mean().item())
        optimizer.zero_grad()
        cross_entropy(z, ours.results[rows]).backward()
        optimizer.step()
        for hook in hooks:
            hook.remove()
        means.append(np.mean(of_epoch))
    return means, theta.detach()


@pytest.mark.parametrize("name", NETS)
def test_it_is_what_a_torch_loop_records_before_each_update(name, tmp_path):
    """At each step, thus also amid an epoch and at its end; of 34 samples the incomplete batch is dropped."""
    run = spec(SUMS, NETS[name], steps("adamw", batch=BATCH), weight_decay=DECAY, **EVERY_STEP)
    found = read_trajectory(carry_out(run, tmp_path))
    means, theta = loop(run)
    torch.testing.assert_close(found.weights, theta, rtol=1e-6, atol=1e-8)
    assert found.table["step"].to_list() == list(range(COUNT + 1))
    assert math.isnan(found.table["epoch_accuracy"][0])
    assert found.table["epoch_accuracy"][1:].to_list() == pytest.approx(means)
    assert len(set(means)) > 5


FULL = {
    "plain steps": steps("gradient_descent"),
    "momentum with a filter": steps("sgd", filter={"name": "exponential_average"}),
    "a batch of more than all": steps("adam", batch=1000),
}


@pytest.mark.parametrize("name", FULL)
def test_with_full_batches_it_is_the_training_accuracy_before_the_step(name, tmp_path):
    """Also where labels of the training set are flipped: the net is right if it answers the flipped label."""
    table = table_of(spec({**SUMS, "flipped": 0.3}, MLP, FULL[name], **{**EVERY_STEP, "learning_rate": 0.3}), tmp_path)
    assert table["epoch_accuracy"][1:].to_list() == pytest.approx(table["train_accuracy"][:-1].to_list())
    assert table["train_accuracy"].nunique() > 3


def test_with_replacement_an_epoch_is_as_many_draws_as_a_pass_has_batches(tmp_path):
    """34 // 8 = 4 batches; a learning rate of almost 0 leaves the initial answers."""
    run = spec(SUMS, MLP, steps("sgd", batch=BATCH, replacement=True), **{**EVERY_STEP, "learning_rate": 1e-30})
    found, ours = table_of(run, tmp_path), run.model.objective(run.task.draw(0), 0)
    right = (ours.outputs(ours.initial).argmax(1) == ours.data.labels)[ours.data.observed].double()
    batches = Batches(34, BATCH, True, 0)
    of_batch = [right[batches.rows(step)].mean().item() for step in range(1, COUNT + 1)]
    expected = [np.mean(of_batch[step - step % 4 : step + 1]) for step in range(COUNT)]
    assert found["epoch_accuracy"][1:].to_list() == pytest.approx(expected)


@pytest.mark.parametrize("dynamics", [steps("sgd"), steps("sgd", batch=8), steps("sgd", batch=34),
                                      steps("sgd", batch=40, replacement=True)])  # fmt: skip
def test_epochs_of_runs_and_of_tables_have_the_same_length(dynamics):
    run = spec(SUMS, MLP, dynamics)
    batches = Batches(34, run.dynamics.batch, run.dynamics.replacement, 0)
    assert batches.per_epoch == steps_per_epoch(run)


@pytest.mark.parametrize("step", [6, 8, 9])
def test_a_run_interrupted_within_an_epoch_or_at_its_end_goes_on_counting(step, tmp_path, monkeypatch):
    run = spec(SUMS, MLP, steps("adamw", batch=BATCH), **EVERY_STEP)
    once = carry_out(run, tmp_path / "once")
    assert content(interrupted(run, tmp_path / "twice", step, monkeypatch)) == content(once)


@pytest.mark.parametrize("name", KINDS)
def test_runs_of_nets_for_sums_that_take_steps_have_the_column_and_no_others(name):
    run = KINDS[name]
    assert ("epoch_accuracy" in run.columns) == (name in ("transformer", "lstm", "mlp"))
    assert ("epoch_accuracy" in run.observed) == ("epoch_accuracy" in run.columns)


def test_a_flow_of_a_net_for_sums_has_no_batches_to_count(tmp_path):
    run = spec(SUMS, MLP, {"name": "gradient_flow"}, steps=5)
    assert "epoch_accuracy" not in run.columns
    assert "epoch_accuracy" not in table_of(run, tmp_path)


OWN_OPTIMIZER = """
    from dataclasses import dataclass
    from typing import ClassVar
    from grokking.dynamics.optimizer import Optimizer

    @dataclass(frozen=True, kw_only=True)
    class Mine(Optimizer):
        name: ClassVar = "mine"

        def step(self, theta, gradient, memory, learning_rate, decay):
            memory["epoch"] = memory.get("epoch", 0) + 1
            theta.sub_(learning_rate * gradient)
            gradient.zero_()
"""


def test_a_users_optimiser_is_counted_as_well(own, tmp_path):  # noqa: F811
    own("mine", OWN_OPTIMIZER)
    mine, plain = (spec(SUMS, MLP, steps(name, batch=BATCH), **EVERY_STEP) for name in ("mine", "gradient_descent"))
    assert table_of(mine, tmp_path).equals(table_of(plain, tmp_path))


def test_a_users_net_that_says_it_counts_must_count(monkeypatch):
    run, ours = KINDS["mlp"], type(KINDS["mlp"].model)
    data = run.task.draw(0)
    monkeypatch.setattr("grokking.runs.contract.uses_own", lambda part: part is run.model)
    monkeypatch.setattr(ours, "counts_right", False)
    with pytest.raises(ConfigError, match="counts_right: False: must be True, as its objective says"):
        try_parts(run, data, functools.partial(run.model.objective, data, 0))


@pytest.mark.parametrize(("name", "epochs"), [("mlp", 2), ("lstm", 25)])
def test_the_nets_of_figure_2_are_observed_at_the_ends_of_epochs(name, epochs):
    """Every second and every 25th; they end after 100 epochs at the level."""
    run = grokking.run(f"pku2024/{name}")
    ends = range(0, run.steps + 1, epochs * steps_per_epoch(run))
    assert ends[-1] == run.steps
    assert set(ends) <= set(steps_of(run))
    assert run.stop.observations * epochs == 100
