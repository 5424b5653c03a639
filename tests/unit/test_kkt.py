"""The KKT residuals of the runs against autograd, a brute-force sum, and points where they are known."""

import math

import pytest
import torch

from grokking.data.linear import LinearData
from grokking.kernels.losses import cross_entropy_mean_margin
from grokking.kernels.margin_losses import MARGIN_LOSSES
from grokking.models.diagonal_net import DiagonalNet
from grokking.models.factorization import Factorization
from grokking.models.two_layer_net import TwoLayerNet
from grokking.nets.diagonal_shapes import SHAPES
from grokking.nets.factorization import product
from grokking.nets.objective import GradientFlowSystem
from grokking.tasks.modular_addition import ModularAddition
from grokking.tasks.multiplication_table import MultiplicationTable
from grokking.tasks.sparse_regression import SparseRegression


def linear(X, y):
    return LinearData(torch.tensor(X, dtype=torch.float64), torch.tensor(y, dtype=torch.float64), lambda: iter(()))


DATA = linear([[1.0, 2, -1], [0.5, -1, 1]], [1.0, -1.0])


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def cosine_by_autograd(loss, theta):
    theta = theta.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(theta), theta)
    return -float(torch.cosine_similarity(theta.detach().flatten(), gradient.flatten(), dim=0))


@pytest.mark.parametrize("loss", MARGIN_LOSSES)
@pytest.mark.parametrize("depth", SHAPES)
def test_cosine_of_a_diagonal_net(depth, loss):
    theta = random(2, 3).abs()
    ours = DiagonalNet(init_norm=1.0, depth=depth, loss=loss).objective(DATA, 0)
    expected = cosine_by_autograd(
        lambda theta: MARGIN_LOSSES[loss].value(DATA.y * (DATA.X @ (theta[0] ** depth - theta[1] ** depth))).mean(),
        theta,
    )
    assert ours.observe(theta)[0]["gradient_cosine"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("depth", SHAPES)
def test_cosine_of_a_diagonal_net_with_squared_loss(depth):
    data, theta = SparseRegression(n=4, d=6, kappa=2).draw(0), random(2, 6)
    ours = DiagonalNet(init_norm=1.0, depth=depth, loss="squared").objective(data, 0)
    expected = cosine_by_autograd(
        lambda theta: (data.X @ (theta[0] ** depth - theta[1] ** depth) - data.y).square().mean(), theta
    )
    columns = ours.observe(theta)[0]
    assert columns["gradient_cosine"] == pytest.approx(expected, rel=1e-12)
    assert columns["parameter_norm"] == pytest.approx(float(theta.norm()))


@pytest.mark.parametrize("depth", SHAPES)
def test_both_coordinates_of_a_diagonal_net_show_the_same(depth):
    s, t, decay = random(2) / 40, 3.0, 0.1
    ours = DiagonalNet(init_norm=5.0, depth=depth).objective(DATA, 0)
    z = DATA.X.T @ s
    u, v = ((2 * z).exp(), (-2 * z).exp()) if depth == 2 else (1 / (1 - 3 * z), 1 / (1 + 3 * z))
    theta = 5 / math.sqrt(6) * math.exp(-decay * t) * torch.stack([u, v])
    dual, _ = ours.flow(decay).observe(t, s)
    direct, _ = ours.observe(theta)
    torch.testing.assert_close(ours.flow(decay).weights(t, s), theta)
    assert dual == pytest.approx(direct, rel=1e-12, nan_ok=True)


def test_cosine_of_a_factorization():
    data = MultiplicationTable(d=5, observed=0.6).draw(0)
    theta = random(2, 5, 5)
    ours = Factorization(init_scale=1.0).objective(data, 0)
    expected = cosine_by_autograd(lambda theta: (product(theta) - data.target)[data.observed].square().mean(), theta)
    assert ours.observe(theta)[0]["gradient_cosine"] == pytest.approx(expected, rel=1e-12)


def test_one_sample_is_a_kkt_point_of_its_own_max_margin():
    """With n = 1 and u ∝ x, v = 0 for x ≥ 0 of equal entries, θ is parallel to the gradient of the margin."""
    data = linear([[2.0, 2.0, 2.0]], [1.0])
    theta = torch.tensor([[0.7, 0.7, 0.7], [0.0, 0.0, 0.0]], dtype=torch.float64)
    seen, _ = DiagonalNet(init_norm=1.0).objective(data, 0).observe(theta)
    assert seen["gradient_cosine"] == pytest.approx(1)
    assert seen["complementarity"] == pytest.approx(0, abs=1e-15)


def test_mean_margin_is_the_sum_it_says():
    z, c = random(4, 3), torch.tensor([0, 2, 1, 1])
    p = torch.softmax(z, 1)
    terms = [(p[i, j], z[i, c[i]] - z[i, j]) for i in range(4) for j in range(3) if j != c[i]]
    expected = sum(mu * q for mu, q in terms) / sum(mu for mu, _ in terms)
    assert cross_entropy_mean_margin(z, c) == pytest.approx(float(expected), rel=1e-12)


def test_complementarity_vanishes_as_the_outputs_grow():
    """At 10^4 times the size, all weight is on the least margin, and the loss itself is far below underflow."""
    data = ModularAddition(p=5, observed=0.5).draw(0)
    ours = TwoLayerNet(width=64, dtype="float64").objective(data, 0)
    fitted, system = ours.initial.clone(), GradientFlowSystem(ours, 0.0)
    for _ in range(400):
        fitted += 4 * system.velocity(0.0, fitted)
    seen = [ours.observe(scale * fitted)[0] for scale in (1, 100)]
    assert seen[0]["train_accuracy"] == 1
    assert seen[0]["complementarity"] > 0.01
    assert 0 <= seen[1]["complementarity"] < 1e-3


def test_complementarity_is_unknown_before_all_data_are_fitted():
    ours = TwoLayerNet(width=8).objective(ModularAddition(p=5, observed=0.5).draw(0), 0)
    assert math.isnan(ours.observe(ours.initial)[0]["complementarity"])
