"""The hand-written gradient, the losses and the net against autograd in float64."""

import hashlib
import math
from dataclasses import replace

import pytest
import torch
from torch.nn.functional import cross_entropy, mse_loss, one_hot

from grokking.kernels.activations import SHIPPED, activation
from grokking.kernels.losses import LOSSES, cross_entropy_log_residuals
from grokking.kernels.pair_net import PairNet
from grokking.models.two_layer_net import TwoLayerNet
from grokking.nets.objective import Noise
from grokking.nets.two_layer_net import margin
from grokking.tasks.modular_addition import ModularAddition

P, H, DECAY = 7, 11, 0.03
DATA = ModularAddition(p=P, observed=0.5).draw(0)
NET = TwoLayerNet(width=H, dtype="float64")
ROWS = torch.tensor([3, 0, 17, 3])  # a batch may hold a pair twice
PHI = {"relu": torch.relu, "square": torch.square, "gelu": torch.nn.functional.gelu}


def outputs(theta, pairs, activation="relu"):
    """f(θ; a, b) with dense one-hot inputs, as the paper writes it."""
    W1, b1, W2 = theta[: 2 * P].T, theta[2 * P], theta[2 * P + 1 :]
    x = torch.cat([one_hot(pairs.a, P), one_hot(pairs.b, P)], dim=1).to(theta)
    return PHI[activation](x @ W1.T + b1) @ W2.T


def loss_of(theta, pairs, activation="relu", loss="cross_entropy"):
    z = outputs(theta, pairs, activation)
    return cross_entropy(z, pairs.c) if loss == "cross_entropy" else mse_loss(z, one_hot(pairs.c, P).to(z))


def anywhere(seed=0):
    return torch.randn(3 * P + 1, H, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def gradient_of(loss, theta):
    theta = theta.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(theta), theta)
    return gradient


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("phi", SHIPPED)
def test_gradient_of_a_net_of_pairs(phi, loss):
    net = PairNet(DATA.train, P, activation(phi), block_size=7, scale=0.3)
    z = torch.empty((len(DATA.train.c), P), dtype=torch.float64)
    found = net.gradient(anywhere(), LOSSES[loss].residuals, z)

    def scaled(theta):
        return torch.cat([theta[: 2 * P + 1], 0.3 * theta[2 * P + 1 :]])

    expected = gradient_of(lambda theta: loss_of(scaled(theta), DATA.train, phi, loss), anywhere())
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(z, outputs(scaled(anywhere()), DATA.train, phi))
    torch.testing.assert_close(z, net.outputs(anywhere()))


@pytest.mark.parametrize("phi", SHIPPED)
def test_gradient_of_coupled_pairs(phi):
    net = PairNet(DATA.train, P, activation(phi), block_size=7)
    found = net.coupled_gradient(anywhere(), cross_entropy_log_residuals)
    expected = gradient_of(lambda theta: loss_of(theta, DATA.train, phi).log(), anywhere())
    torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("rows", [None, ROWS], ids=["all", "a batch"])
def test_gradients_of_the_loss_and_of_its_logarithm(rows):
    pairs = DATA.train if rows is None else type(DATA.train)(*(part[rows] for part in DATA.train))
    for make, total in ((NET.objective, loss_of), (NET.log_loss_objective, lambda *args: loss_of(*args).log())):
        expected = gradient_of(lambda theta, total=total: total(theta, pairs), anywhere())
        found = make(DATA, 0).gradient(anywhere(), rows)
        torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-14)


def test_flow_is_down_the_loss_with_weight_decay():
    system = NET.objective(DATA, 0).flow(DECAY)
    expected = gradient_of(lambda theta: loss_of(theta, DATA.train) + DECAY / 2 * theta.square().sum(), anywhere())
    torch.testing.assert_close(system.velocity(0.0, anywhere()), -expected, rtol=1e-12, atol=1e-14)


def test_noise_on_classes_is_refused():
    ours = NET.objective(DATA, 0)
    with pytest.raises(ValueError, match="real targets"):
        ours.gradient(ours.initial, ROWS, Noise(seed=0, step=1, labels=ROWS.double().numpy()))


@pytest.mark.parametrize("rows", [1, 5, 1000])
def test_blocks_do_not_change_the_gradient(rows):
    ours = NET.objective(DATA, 0)
    parts = replace(ours.train, block_size=rows)
    gradient = parts.gradient(anywhere(), ours.loss.residuals)
    torch.testing.assert_close(gradient, ours.gradient(anywhere()), rtol=1e-13, atol=1e-15)


def test_gradient_at_the_papers_size_against_autograd():
    data = ModularAddition(p=97, observed=0.4).draw(0)
    ours = TwoLayerNet(width=64, dtype="float64").objective(data, 0)

    def loss(theta):
        first = theta[:97][data.train.a] + theta[97:194][data.train.b] + theta[194]
        return cross_entropy(torch.relu(first) @ theta[195:].T, data.train.c)

    expected = gradient_of(loss, ours.initial)
    torch.testing.assert_close(ours.gradient(ours.initial), expected, rtol=1e-11, atol=1e-15)


def test_single_precision_is_close_to_double():
    double, single = (TwoLayerNet(width=H, dtype=dtype).objective(DATA, 3) for dtype in ("float64", "float32"))
    assert single.initial.dtype == torch.float32
    torch.testing.assert_close(single.initial, double.initial.to(torch.float32))
    expected = double.gradient(double.initial).to(torch.float32)
    torch.testing.assert_close(single.gradient(single.initial), expected, rtol=1e-4, atol=1e-6)


def test_log_loss_and_its_gradient_far_below_the_smallest_number():
    """θ → cθ multiplies the outputs by c²: log L → -c² min margin, and ∇ log L stays finite where L underflows."""
    z = torch.tensor([[3000.0, 0.0, 100.0], [0.0, 2500.0, 400.0]], dtype=torch.float64)
    c = torch.tensor([0, 1])
    loss = LOSSES["cross_entropy"]
    assert loss.log_mean(z, c) == pytest.approx(-2100 + math.log1p(math.exp(-800)) - math.log(2))
    expected = torch.tensor([[0.0, 0.0, 0.0], [0.0, -1.0, 1.0]], dtype=torch.float64)
    torch.testing.assert_close(cross_entropy_log_residuals(z, c), expected, rtol=0, atol=1e-150)


def test_losses_are_those_of_torch():
    z, c = torch.randn(9, P, dtype=torch.float64, generator=torch.Generator().manual_seed(1)), torch.arange(9) % P
    assert LOSSES["cross_entropy"].log_mean(z, c) == pytest.approx(cross_entropy(z, c).log().item(), rel=1e-12)
    assert LOSSES["squared"].log_mean(z, c) == pytest.approx(mse_loss(z, one_hot(c, P).to(z)).log().item(), rel=1e-12)


def test_initialisation_has_the_papers_norms():
    """√(2h + p) = 46.3 for He × 1 (Figure 2a), α √(2h) with the last layer at zero (Figure 2b)."""
    full = TwoLayerNet(width=1024).initial_weights(97, 0)
    assert full.norm().item() == pytest.approx(math.sqrt(2 * 1024 + 97), rel=0.01)
    assert not full[194].any()
    zeroed = TwoLayerNet(width=1024, init_scale=10.0, zero_last_layer=True).initial_weights(97, 0)
    assert zeroed.norm().item() == pytest.approx(10 * math.sqrt(2 * 1024), rel=0.01)
    torch.testing.assert_close(zeroed[:194], 10 * full[:194])
    assert not zeroed[195:].any()
    assert not torch.equal(full, TwoLayerNet(width=1024).initial_weights(97, 1))


def test_initial_weights_are_the_same_bytes_everywhere():
    nets = (TwoLayerNet(8), TwoLayerNet(8, init_scale=10.0, zero_last_layer=True, dtype="float64"))
    hashes = [hashlib.sha256(net.initial_weights(5, 3).numpy().tobytes()).hexdigest()[:16] for net in nets]
    assert hashes == ["acb46b9e38ce3e40", "7a901fe0ca903bce"]


def test_relu_net_is_two_homogeneous():
    net = NET.objective(DATA, 0).train
    torch.testing.assert_close(net.outputs(3 * anywhere()), 9 * net.outputs(anywhere()))


def test_observation():
    theta = anywhere()
    columns, table = NET.objective(DATA, 0).observe(theta)
    for name, pairs in (("train", DATA.train), ("test", DATA.test)):
        z = outputs(theta, pairs)
        assert columns[f"{name}_loss"] == pytest.approx(cross_entropy(z, pairs.c).item())
        assert columns[f"{name}_accuracy"] == pytest.approx((z.argmax(1) == pairs.c).double().mean().item())
        assert torch.equal(table[pairs.a, pairs.b].long(), z.argmax(1))
    z = outputs(theta, DATA.train)
    by_hand = min(
        (row[c] - max(row[j] for j in range(P) if j != c)).item() for row, c in zip(z, DATA.train.c, strict=True)
    )
    assert margin(z, DATA.train.c) == pytest.approx(by_hand)
    assert columns["normalised_margin"] == pytest.approx(by_hand / theta.square().sum().item())
    gradient = gradient_of(lambda theta: loss_of(theta, DATA.train), theta)
    cosine = (theta * -gradient).sum() / theta.norm() / gradient.norm()
    assert columns["gradient_cosine"] == pytest.approx(cosine.item())


def test_logarithms_are_observed_down_the_logarithm():
    plain, _ = NET.objective(DATA, 0).observe(anywhere())
    columns, _ = NET.log_loss_objective(DATA, 0).observe(anywhere())
    for name in ("train", "test"):
        assert columns[f"log_{name}_loss"] == pytest.approx(math.log(plain[f"{name}_loss"]), rel=1e-12)
    assert columns["gradient_cosine"] == pytest.approx(plain["gradient_cosine"], rel=1e-12)


def test_error_scale_sees_each_layer():
    theta = anywhere()
    theta[: 2 * P + 1] *= 1e3
    scale = NET.objective(DATA, 0).error_scale(theta)
    assert scale[:, 0].tolist() == pytest.approx(
        [theta[: 2 * P + 1].norm().item()] * (2 * P + 1) + [theta[2 * P + 1 :].norm().item()] * P
    )
