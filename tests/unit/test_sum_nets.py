"""Nets on trees of prefixes against the same nets as plain torch.nn modules, sample by sample, in float64."""

import hashlib
import itertools

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from benchmarks.plain_nets import PlainLSTM, PlainMLP, PlainTransformer, tokens_of
from grokking.data.sums import SumData
from grokking.kernels.prefix_tree import prefix_tree
from grokking.kernels.softmax import cross_entropy_gradient
from grokking.models.lstm import LSTM
from grokking.models.mlp import MLP
from grokking.models.transformer import Transformer
from grokking.nets.autograd_net import AutogradNet
from grokking.nets.objective import Noise
from grokking.nets.perceptron import Perceptron
from grokking.nets.recurrent_net import RecurrentNet
from grokking.nets.sum_objective import SumObjective
from grokking.nets.tree_transformer import TransformerNet
from grokking.tasks.modular_sum import ModularSum

P = 7
SMALL = {"width": 12, "heads": 3, "hidden": 20, "dtype": "float64"}
TRANSFORMERS = {
    "default": Transformer(**SMALL),
    "one layer": Transformer(**SMALL, layers=1),
    "three layers, pre-norm, gelu": Transformer(**SMALL, layers=3, norm="pre", activation="gelu"),
    "no norm": Transformer(**SMALL, norm="none"),
    "one layer, pre-norm, sines": Transformer(**SMALL, layers=1, norm="pre", positions="sinusoidal"),
    "no positions": Transformer(**SMALL, positions="none"),
}
OTHERS = {
    "lstm": LSTM(width=10, dtype="float64"),
    "lstm of three layers": LSTM(width=6, layers=3, dtype="float64"),
    "mlp": MLP(width=10, dtype="float64"),
    "mlp of one layer": MLP(width=10, layers=1, activation="gelu", dtype="float64"),
}
MODELS = TRANSFORMERS | OTHERS


def data_of(operands, p=P, samples=60):
    """Unordered samples, some of them twice."""
    found = np.random.default_rng(operands).integers(0, p, (samples, operands))
    observed = np.arange(samples) % 3 > 0
    return SumData(p, torch.from_numpy(found), torch.from_numpy(observed))


def plain(ours):
    """The plain net and the function from our θ to its parameters."""
    kinds = {TransformerNet: PlainTransformer, RecurrentNet: PlainLSTM, Perceptron: PlainMLP}
    net = kinds[type(ours.net)](ours.net).double()
    return net, lambda theta: net.parameters_of(ours.layout.views(theta))


def started(model, operands):
    ours = model.objective(data_of(operands), 0)
    theta = ours.initial + 0.1 * torch.randn(ours.initial.shape, generator=torch.manual_seed(1), dtype=torch.float64)
    return ours, theta


def plain_outputs(ours, theta, operands):
    net, parameters = plain(ours)
    return torch.func.functional_call(net, parameters(theta), (operands,))


@pytest.mark.parametrize("operands", [1, 2, 3, 5])
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_outputs_and_gradients_are_those_of_the_plain_net(model, operands):
    ours, theta = started(model, operands)
    expected = plain_outputs(ours, theta, ours.data.operands)
    torch.testing.assert_close(ours.outputs(theta), expected.detach(), rtol=1e-10, atol=1e-10)
    assert expected.shape == (60, P + 2)
    for rows in (None, torch.tensor([3, 17, 5, 5, 30, 2])):
        chosen = slice(None) if rows is None else rows
        leaf = theta.clone().requires_grad_()
        loss = cross_entropy(plain_outputs(ours, leaf, ours.operands[chosen]), ours.results[chosen])
        (gradient,) = torch.autograd.grad(loss, leaf)
        assert gradient.norm() > 1e-3
        torch.testing.assert_close(ours.gradient(theta, rows), gradient, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_observed_losses_and_accuracies(model):
    ours, theta = started(model, 3)
    outputs, data = plain_outputs(ours, theta, ours.data.operands).detach(), ours.data
    columns, answers = ours.observe(theta)
    assert answers.dtype == torch.int16
    assert torch.equal(answers.long(), outputs.argmax(1))
    for name, part in (("train", data.observed), ("test", ~data.observed)):
        assert columns[f"{name}_loss"] == pytest.approx(float(cross_entropy(outputs[part], data.results[part])))
        right = outputs[part].argmax(1) == data.results[part]
        assert columns[f"{name}_accuracy"] == pytest.approx(float(right.double().mean()))
    assert columns["parameter_norm"] == pytest.approx(float(theta.norm()))


@pytest.mark.parametrize(("p", "batch", "levels"), [(2, 5, [2, 4, 5]), (3, 30, [3, 9, 27]), (P, 4, [4, 4, 4])])
def test_the_levels_of_a_tree_hold_all_prefixes_or_one_for_each_sample(p, batch, levels):
    operands = torch.randint(0, p, (batch, 3), generator=torch.manual_seed(0))
    tree = prefix_tree(operands, p)
    assert [len(level) for level in tree.levels] == levels
    tokens = tokens_of(operands, p)
    for sample, leaf in enumerate(tree.leaf.tolist()):
        path = tree.levels[-1].paths[leaf]
        assert torch.equal(tree.tokens[path], tokens[sample])
        for position, row in enumerate(path.tolist()):
            assert int(tree.token_kinds[row]) == (position // 2) * (p + 1) + min(int(tokens[sample, position]), p)
    assert len(tree.tokens) == len(tree.token_kinds) == 2 * sum(levels)
    assert tree.answers == slice(2 * sum(levels) - levels[-1], 2 * sum(levels))


def test_paths_and_steps_of_a_tree_agree():
    tree = prefix_tree(torch.randint(0, P, (30, 4), generator=torch.manual_seed(0)), P)
    assert tree.steps[0][1:] == (None, None)
    for number, (rows, before, parent) in enumerate(tree.steps):
        path = tree.levels[number // 2].paths[:, : number + 1]
        assert torch.equal(path[:, -1], torch.arange(rows.start, rows.stop))
        assert bool((path.diff(dim=1) > 0).all())
        if before is not None:
            came = torch.arange(before.start, before.stop)
            assert torch.equal(path[:, -2], came if parent is None else came[parent])
    assert tree.steps[-1][0] == tree.answers
    assert tree.answers.stop == len(tree.tokens)


def test_a_tree_that_is_not_shared_has_all_samples_at_every_level():
    operands = torch.zeros((30, 3), dtype=torch.int64)
    assert [len(level) for level in prefix_tree(operands, 3, shared=False).levels] == [30, 30, 30]
    assert [len(level) for level in prefix_tree(operands, 3).levels] == [3, 9, 27]


# Dropout


def test_dropout_masks_are_the_steps_own_and_keep_the_mean():
    model = Transformer(**SMALL, dropout=0.25)
    ours, theta = started(model, 2)
    assert ours.stochastic
    tree = prefix_tree(ours.operands, P, shared=False)
    first, again, other = (ours.masks(tree, Noise(3, step)) for step in (1, 1, 2))
    assert first.keys() == {"embedding", *(f"{i}.{half}" for i in (0, 1) for half in ("attention", "feed_forward"))}
    for name, mask in first.items():
        assert torch.equal(mask, again[name])
        assert not torch.equal(mask, other[name])
        assert set(mask.unique().tolist()) == {0.0, 1 / 0.75}
    means = [float(ours.masks(tree, Noise(3, step))["embedding"].mean()) for step in range(30)]
    assert np.mean(means) == pytest.approx(1, abs=0.01)
    assert not torch.equal(ours.gradient(theta, None, Noise(3, 1)), ours.gradient(theta))


@pytest.mark.parametrize("norm", ["post", "pre", "stream", "none"])
def test_the_gradient_with_dropout_is_the_derivative_of_the_loss_with_the_same_masks(norm):
    ours, theta = started(Transformer(**SMALL, dropout=0.25, norm=norm, layers=3), 2)
    noise, rows = Noise(0, 5), torch.tensor([1, 8, 8, 20])
    gradient = ours.gradient(theta, rows, noise)

    def loss(theta):
        tree = prefix_tree(ours.operands[rows], P, shared=False)
        weights = ours.layout.views(theta)
        z, _ = ours.forward(weights, weights, tree, noise)
        return float(cross_entropy(z, ours.results[rows]))

    generator = torch.Generator().manual_seed(2)
    for _ in range(5):
        direction = torch.randn(theta.shape, generator=generator, dtype=torch.float64)
        slope = (loss(theta + 1e-6 * direction) - loss(theta - 1e-6 * direction)) / 2e-6
        assert slope == pytest.approx(float(gradient @ direction), rel=1e-6, abs=1e-8)


def test_dropout_of_none_is_none():
    with_masks, theta = started(Transformer(**SMALL, dropout=0.5), 2)
    without, _ = started(Transformer(**SMALL), 2)
    assert torch.equal(with_masks.gradient(theta), without.gradient(theta))
    assert not without.stochastic


# Starts


def test_initial_transformer():
    ours = Transformer(width=64, init_scale=2.0, dtype="float64").objective(data_of(2, p=97), 0)
    weights = ours.layout.views(ours.initial)
    for name in ("embedding", "positions"):
        assert float(weights[name].std()) == pytest.approx(0.2, rel=0.1)
    for name in ("0.query", "1.key_value", "0.out", "1.up", "read_out"):
        assert float(weights[name].std()) == pytest.approx(2 / 8, rel=0.05)
    assert float(weights["0.down"].std()) == pytest.approx(2 / 512**0.5, rel=0.05)
    assert bool((weights["0.attention.gain"] == 1).all())
    assert bool((weights["1.feed_forward.bias"] == 0).all())


def test_initial_weights_of_torch():
    lstm = LSTM(width=64, dtype="float64").objective(data_of(2, p=97), 0)
    assert float(lstm.initial.abs().max()) == pytest.approx(1 / 8, rel=1e-3)
    assert float(lstm.initial.std()) == pytest.approx(1 / 8 / 3**0.5, rel=0.02)
    mlp = MLP(width=64, dtype="float64").objective(data_of(2, p=97), 0)
    weights = mlp.layout.views(mlp.initial)
    for name, inputs in (("input", 4 * 99), ("0.bias", 4 * 99), ("1.weight", 64), ("read_out.bias", 64)):
        assert float(weights[name].abs().max()) == pytest.approx(inputs**-0.5, rel=0.05)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("default", "a2a650c5c817152a"), ("lstm", "34d4a7b0f001c00a"), ("mlp", "ff233213a8fa6ccd")],
)
def test_initial_weights_are_the_same_bytes_everywhere(name, expected):
    initial = MODELS[name].objective(data_of(2), 3).initial
    assert hashlib.sha256(initial.numpy().tobytes()).hexdigest()[:16] == expected


def test_sines_are_those_of_vaswani():
    found = Transformer(**SMALL, positions="sinusoidal", context=9).fixed_positions()
    for position, i in itertools.product(range(9), range(6)):
        angle = position / 10_000 ** (2 * i / 12)
        assert found[position, 2 * i : 2 * i + 2].tolist() == pytest.approx([np.sin(angle), np.cos(angle)])
    assert Transformer(**SMALL).fixed_positions() is None
    assert not Transformer(**SMALL, positions="none").fixed_positions().any()


def test_a_net_of_two_operands_can_go_on_with_more():
    data = [ModularSum(p=P, observed=0.5, operands=K).draw(0) for K in (2, 4)]
    for model in (*TRANSFORMERS.values(), OTHERS["lstm"]):
        shapes = {tuple(model.objective(one, 0).initial.shape) for one in data}
        assert len(shapes) == 1


# A net of one's own


@pytest.mark.parametrize("model", [OTHERS["lstm"], TRANSFORMERS["default"]], ids=["lstm", "transformer"])
def test_a_net_in_plain_torch_trains_like_one_on_a_tree(model):
    ours, theta = started(model, 3)
    net, _ = plain(ours)

    def outputs(W, tokens):
        assert torch.equal(tokens, tokens_of(tokens[:, ::2], P))
        return torch.func.functional_call(net, net.parameters_of(W), (tokens[:, ::2],))

    other = SumObjective(ours.data, AutogradNet(ours.layout, outputs), ours.initial)
    for rows in (None, torch.tensor([5, 5, 9, 2])):
        torch.testing.assert_close(other.gradient(theta, rows), ours.gradient(theta, rows), rtol=1e-9, atol=1e-11)
    torch.testing.assert_close(other.outputs(theta), ours.outputs(theta), rtol=1e-10, atol=1e-12)


# Rounding


def test_residuals_are_those_of_torch_to_the_bit_or_exact():
    generator = torch.Generator().manual_seed(0)
    z = 6 * torch.randn(50, 9, generator=generator)
    c = z.argmax(1)
    z[torch.arange(25), c[:25]] += 20  # fitted far below the rounding of float32
    leaf = z.clone().requires_grad_()
    cross_entropy(leaf, c).backward()
    assert torch.equal(cross_entropy_gradient(z, c), leaf.grad)
    leaf64 = z.double().requires_grad_()
    cross_entropy(leaf64, c).backward()
    right = torch.arange(50), c
    assert (leaf.grad[right][:25] == 0).all()
    assert (leaf64.grad[right][:25] != 0).all()
    for exact in (False, True):
        model = Transformer(width=8, heads=2, hidden=8, exact_residuals=exact)
        found = model.objective(data_of(2), 0).residuals(z, c).double()
        error = (found[right] / leaf64.grad[right] - 1).abs()
        assert error.max() < 1e-3 if exact else (error[:25] == 1).all()  # float64 rounds as well
