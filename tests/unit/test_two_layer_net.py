"""The hand-written gradient, the losses and the net against autograd in float64."""

import math
from dataclasses import replace

import pytest
import torch
from torch.nn.functional import cross_entropy, mse_loss, one_hot

from grokking.kernels.activations import ACTIVATIONS
from grokking.kernels.losses import LOSSES
from grokking.models import TwoLayerNet
from grokking.models.two_layer_net import margin
from grokking.tasks import ModularAddition

P, H, DECAY = 7, 11, 0.03
DATA = ModularAddition(p=P, observed=0.5).draw(0)
PHI = {"relu": torch.relu, "square": torch.square, "gelu": torch.nn.functional.gelu}


def net(**values):
    return TwoLayerNet(width=H, dtype="float64", **values)


def outputs(theta, pairs, activation):
    """f(θ; a, b) with dense one-hot inputs, as the paper writes it."""
    W1, b1, W2 = theta[: 2 * P].T, theta[2 * P], theta[2 * P + 1 :]
    x = torch.cat([one_hot(pairs.a, P), one_hot(pairs.b, P)], dim=1).to(theta)
    return PHI[activation](x @ W1.T + b1) @ W2.T


def loss_of(theta, pairs, activation, loss):
    z = outputs(theta, pairs, activation)
    return cross_entropy(z, pairs.c) if loss == "cross_entropy" else mse_loss(z, one_hot(pairs.c, P).to(z))


def anywhere(seed=0):
    return torch.randn(3 * P + 1, H, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_velocity_is_minus_the_gradient(activation, loss):
    system = net(activation=activation, loss=loss).descent_system(DATA, DECAY, seed=0)
    theta = anywhere().requires_grad_()
    total = loss_of(theta, DATA.train, activation, loss) + DECAY / 2 * theta.square().sum()
    (gradient,) = torch.autograd.grad(total, theta)
    torch.testing.assert_close(system.velocity(0.0, theta.detach()), -gradient, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_log_loss_velocity_is_minus_the_gradient_of_the_logarithm(activation, loss):
    system = net(activation=activation, loss=loss).log_loss_system(DATA, DECAY, seed=0)
    theta = anywhere().requires_grad_()
    total = loss_of(theta, DATA.train, activation, loss).log() + DECAY / 2 * theta.square().sum()
    (gradient,) = torch.autograd.grad(total, theta)
    torch.testing.assert_close(system.velocity(0.0, theta.detach()), -gradient, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("rows", [1, 5, 1000])
def test_blocks_do_not_change_the_gradient(rows):
    system = net().descent_system(DATA, 0.0, seed=0)
    parts = replace(system.train, rows=rows)
    gradient = parts.gradient(anywhere(), system.loss.residuals)
    torch.testing.assert_close(gradient, system.gradient(anywhere()), rtol=1e-13, atol=1e-15)


def test_gradient_at_the_papers_size_against_autograd():
    data = ModularAddition(p=97, observed=0.4).draw(0)
    system = TwoLayerNet(width=64, dtype="float64").descent_system(data, 1e-4, seed=0)
    theta = system.initial.clone().requires_grad_()
    first = theta[:97][data.train.a] + theta[97:194][data.train.b] + theta[194]
    total = cross_entropy(torch.relu(first) @ theta[195:].T, data.train.c) + 1e-4 / 2 * theta.square().sum()
    (gradient,) = torch.autograd.grad(total, theta)
    torch.testing.assert_close(system.velocity(0.0, system.initial), -gradient, rtol=1e-11, atol=1e-15)


def test_single_precision_is_close_to_double():
    double = net().descent_system(DATA, DECAY, seed=3)
    single = TwoLayerNet(width=H).descent_system(DATA, DECAY, seed=3)
    assert single.initial.dtype == torch.float32
    torch.testing.assert_close(single.initial, double.initial.to(torch.float32))
    expected = double.velocity(0.0, double.initial).to(torch.float32)
    torch.testing.assert_close(single.velocity(0.0, single.initial), expected, rtol=1e-4, atol=1e-6)


def test_log_loss_and_its_gradient_far_below_the_smallest_number():
    """θ → cθ multiplies the outputs by c²: log L → -c² min margin, and ∇ log L stays finite where L underflows."""
    z = torch.tensor([[3000.0, 0.0, 100.0], [0.0, 2500.0, 400.0]], dtype=torch.float64)
    c = torch.tensor([0, 1])
    loss = LOSSES["cross_entropy"]
    assert loss.log_mean(z, c) == pytest.approx(-2100 + math.log1p(math.exp(-800)) - math.log(2))
    expected = torch.tensor([[0.0, 0.0, 0.0], [0.0, -1.0, 1.0]], dtype=torch.float64)
    torch.testing.assert_close(loss.log_residuals(z, c), expected, rtol=0, atol=1e-150)


def test_losses_are_those_of_torch():
    z, c = torch.randn(9, P, dtype=torch.float64, generator=torch.Generator().manual_seed(1)), torch.arange(9) % P
    assert LOSSES["cross_entropy"].log_mean(z, c) == pytest.approx(cross_entropy(z, c).log().item(), rel=1e-12)
    assert LOSSES["squared"].log_mean(z, c) == pytest.approx(mse_loss(z, one_hot(c, P).to(z)).log().item(), rel=1e-12)


def test_initialisation_has_the_papers_norms():
    """√(2h + p) = 46.3 for He × 1 (Figure 2a), α √(2h) with the last layer at zero (Figure 2b)."""
    full = TwoLayerNet(width=1024).theta(97, seed=0)
    assert full.norm().item() == pytest.approx(math.sqrt(2 * 1024 + 97), rel=0.01)
    assert not full[194].any()
    zeroed = TwoLayerNet(width=1024, init_scale=10.0, zero_last_layer=True).theta(97, seed=0)
    assert zeroed.norm().item() == pytest.approx(10 * math.sqrt(2 * 1024), rel=0.01)
    torch.testing.assert_close(zeroed[:194], 10 * full[:194])
    assert not zeroed[195:].any()
    assert not torch.equal(full, TwoLayerNet(width=1024).theta(97, seed=1))


def test_relu_net_is_two_homogeneous():
    system = net().descent_system(DATA, 0.0, seed=0)
    theta = anywhere()
    torch.testing.assert_close(system.train.outputs(3 * theta), 9 * system.train.outputs(theta))


def test_observation():
    system = net().descent_system(DATA, DECAY, seed=0)
    theta = anywhere()
    columns, table = system.observe(0.0, theta)
    for name, pairs in (("train", DATA.train), ("test", DATA.test)):
        z = outputs(theta, pairs, "relu")
        assert columns[f"{name}_loss"] == pytest.approx(cross_entropy(z, pairs.c).item())
        assert columns[f"{name}_accuracy"] == pytest.approx((z.argmax(1) == pairs.c).double().mean().item())
        assert torch.equal(table[pairs.a, pairs.b].long(), z.argmax(1))
    z = outputs(theta, DATA.train, "relu")
    by_hand = min(
        (row[c] - max(row[j] for j in range(P) if j != c)).item() for row, c in zip(z, DATA.train.c, strict=True)
    )
    assert margin(z, DATA.train.c) == pytest.approx(by_hand)
    assert columns["normalised_margin"] == pytest.approx(by_hand / theta.square().sum().item())
    gradient = -system.velocity(0.0, theta) - DECAY * theta
    cosine = (theta * -gradient).sum() / theta.norm() / gradient.norm()
    assert columns["gradient_cosine"] == pytest.approx(cosine.item())
