"""The quadratic net of Gromov 2023 against its formula and autograd."""

import hashlib
from dataclasses import replace

import pytest
import torch
from torch.nn.functional import mse_loss, one_hot

from grokking.kernels.gram_gradient import gram_gradient
from grokking.kernels.losses import LOSSES
from grokking.kernels.pair_net import PairNet
from grokking.models.quadratic_net import QuadraticNet
from grokking.starts.closed_form import ClosedForm
from grokking.starts.start import Beginning
from grokking.tasks.modular_addition import ModularAddition
from grokking.tasks.modular_function import ModularFunction

P, N = 7, 11
DATA = ModularFunction(p=P, observed=0.6, function="n^2 + m").draw(0)
NET = QuadraticNet(width=N, dtype="float64")
NARROW = replace(NET, width=P - 2)  # its gradient comes without the outputs
ROWS = torch.tensor([3, 0, 20, 3])  # a batch may hold a pair twice


def outputs(theta, pairs):
    """f(x) = (1/DN) W₂ (W₁ x)² with dense one-hot inputs, as the paper writes it."""
    W1, W2 = theta[: 2 * P].T, theta[2 * P :]
    x = torch.cat([one_hot(pairs.a, P), one_hot(pairs.b, P)], dim=1).to(theta)
    return (x @ W1.T).square() @ W2.T / (2 * P * theta.shape[1])


def loss_of(theta, pairs=DATA.train):
    return mse_loss(outputs(theta, pairs), one_hot(pairs.c, P).to(theta))


def gradient_of(theta, pairs=DATA.train):
    theta = theta.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss_of(theta, pairs), theta)
    return gradient


@pytest.mark.parametrize("net", [NET, NARROW], ids=["wide", "narrow"])
def test_outputs_and_columns_are_those_of_the_formula(net):
    ours = net.objective(DATA, 1)
    theta = 5 * ours.initial.clone()
    columns, table = ours.observe(theta)
    for name, pairs in (("train", DATA.train), ("test", DATA.test)):
        z = outputs(theta, pairs)
        assert columns[f"{name}_loss"] == pytest.approx(float(loss_of(theta, pairs)))
        assert columns[f"{name}_accuracy"] == pytest.approx(float((z.argmax(1) == pairs.c).double().mean()))
        assert torch.equal(table[pairs.a, pairs.b].long(), z.argmax(1))
    gradient = gradient_of(theta)
    assert columns["first_gradient"] == pytest.approx(float(gradient[: 2 * P].norm()))
    assert columns["second_gradient"] == pytest.approx(float(gradient[2 * P :].norm()))
    assert columns["first_norm"] == pytest.approx(float(theta[: 2 * P].norm()))
    assert columns["second_norm"] == pytest.approx(float(theta[2 * P :].norm()))
    assert columns["parameter_norm"] == pytest.approx(float(theta.norm()))


def test_ipr_is_of_the_first_layer():
    """Single waves in the first layer, and noise in the second."""
    theta = NET.initial_weights(P, 0)
    numbers = torch.arange(P, dtype=torch.float64)[:, None]
    theta[: 2 * P] = torch.cos(2 * torch.pi / P * (numbers * (1 + torch.arange(N) % 3))).repeat(2, 1)
    assert NET.objective(DATA, 0).observe(theta)[0]["ipr"] == pytest.approx(1)


def closed_form(net, data, seed):
    return ClosedForm().weights(Beginning(net.objective(data, seed), net, data, seed, None))


def test_moved_is_the_relative_distance_from_where_the_run_began():
    ours = NET.objective(DATA, 1)
    assert ours.observe(ours.initial)[0]["moved"] == 0
    assert ours.observe(1.5 * ours.initial)[0]["moved"] == pytest.approx(0.5)
    ours.initial = closed_form(NET, DATA, 1)
    assert ours.observe(2 * ours.initial)[0]["moved"] == pytest.approx(1)


def test_the_training_set_passes_forward_once_when_observed(monkeypatch):
    ours = NET.objective(DATA, 1)
    seen = []
    monkeypatch.setattr(PairNet, "outputs", lambda net, theta: seen.append(net) or outputs(theta, net.pairs))
    ours.observe(ours.initial)
    assert seen == [ours.test]


@pytest.mark.parametrize("rows", [5, 1000])
def test_gradient_without_the_outputs_is_the_same(rows):
    net = replace(NET.objective(DATA, 1).train, block_size=rows)
    theta = NET.initial_weights(P, 2)
    z = torch.empty((len(DATA.train.c), P), dtype=torch.float64)
    expected = net.gradient(theta, LOSSES["squared"].residuals)
    torch.testing.assert_close(gram_gradient(net, theta, z), expected, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(z, outputs(theta, DATA.train))


@pytest.mark.parametrize("rows", [None, ROWS], ids=["all", "a batch"])
@pytest.mark.parametrize("net", [NET, NARROW], ids=["wide", "narrow"])
def test_gradient(net, rows):
    pairs = DATA.train if rows is None else type(DATA.train)(*(part[rows] for part in DATA.train))
    ours = net.objective(DATA, 1)
    torch.testing.assert_close(
        ours.gradient(ours.initial, rows), gradient_of(ours.initial, pairs), rtol=1e-12, atol=1e-14
    )


def test_losses_are_those_of_torch():
    z, c = torch.randn(9, P, dtype=torch.float64, generator=torch.Generator().manual_seed(1)), torch.arange(9) % P
    assert LOSSES["squared"].log_mean(z, c) == pytest.approx(mse_loss(z, one_hot(c, P).to(z)).log().item(), rel=1e-12)


def test_a_wide_net_starts_at_the_loss_of_zero_output():
    ours = QuadraticNet(width=500).objective(ModularFunction(p=97, observed=0.49).draw(0), 0)
    assert ours.observe(ours.initial)[0]["train_loss"] == pytest.approx(1 / 97, rel=0.01)


def test_initial_weights_are_the_same_bytes_everywhere():
    hashes = [
        hashlib.sha256(QuadraticNet(8, dtype=dtype).initial_weights(5, 3).numpy().tobytes()).hexdigest()[:16]
        for dtype in ("float32", "float64")
    ]
    assert hashes == ["eebfdfbfcd867368", "3c0e1b001980f4bc"]


def test_closed_form_start_solves_addition():
    data = ModularAddition(p=13, observed=0.5).draw(0)
    net = QuadraticNet(width=3000)
    theta = closed_form(net, data, 0)
    columns, _ = net.objective(data, 0).observe(theta)
    assert theta.dtype == torch.float32
    assert (columns["train_accuracy"], columns["test_accuracy"]) == (1, 1)
