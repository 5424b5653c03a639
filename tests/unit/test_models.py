"""Hand-written flows against autograd, and the dual reduction against the full system."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from torch.nn.functional import softplus

from grokking.kernels.margin_losses import MARGIN_LOSSES
from grokking.models import DiagonalNet, Factorization
from grokking.models.diagonal_shapes import SHAPES
from grokking.tasks import MultiplicationTable, SparseClassification

DECAY = 0.03


def diagonal(**values):
    data = SparseClassification(n=6, d=15, k=3, n_test=20).draw(0)
    return DiagonalNet(init_norm=3.0, **values), data


def minus_gradient(loss, theta):
    theta = theta.clone().requires_grad_()
    (loss(theta) + DECAY / 2 * theta.square().sum()).backward()
    return -theta.grad


def random_like(theta):
    return torch.randn(theta.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("loss_name", MARGIN_LOSSES)
@pytest.mark.parametrize("depth", SHAPES)
def test_diagonal_net_velocity_is_minus_the_gradient(depth, loss_name):
    net, data = diagonal(depth=depth, loss=loss_name)
    system = net.descent_system(data, DECAY, seed=0)
    theta = random_like(system.initial)

    def loss(theta):
        u, v = theta
        q = data.y * (data.X @ (u**depth - v**depth))
        return (softplus(-q) if loss_name == "logistic" else torch.exp(-q)).mean()

    torch.testing.assert_close(system.velocity(0.0, theta), minus_gradient(loss, theta), rtol=1e-12, atol=1e-14)
    assert system.observe(0.0, theta)[0]["train_loss"] == pytest.approx(loss(theta).item(), rel=1e-13)


def test_factorization_velocity_is_minus_the_gradient():
    data = MultiplicationTable(d=6, observed=0.5).draw(0)
    system = Factorization(init_scale=2.0).descent_system(data, DECAY, seed=0)
    theta = random_like(system.initial)

    def loss(theta):
        U, V = theta
        return (U @ U.T - V @ V.T - data.target)[data.observed].square().mean()

    torch.testing.assert_close(system.velocity(0.0, theta), minus_gradient(loss, theta), rtol=1e-12, atol=1e-14)
    assert system.observe(0.0, theta)[0]["train_loss"] == pytest.approx(loss(theta).item(), rel=1e-13)


@pytest.mark.parametrize("initial_output", ["diagonal", "factorization"])
def test_output_is_zero_at_initialisation(initial_output):
    """Assumption 3.2 of Lyu et al. 2024."""
    if initial_output == "diagonal":
        net, data = diagonal()
        system = net.descent_system(data, DECAY, seed=0)
        assert system.initial.norm().item() == pytest.approx(3.0, rel=1e-14)
    else:
        system = Factorization(10.0).descent_system(MultiplicationTable(d=97, observed=0.05).draw(0), DECAY, seed=0)
        assert system.initial.norm().item() == pytest.approx(math.sqrt(2 * 97 * 100))
    assert not system.observe(0.0, system.initial)[1].any()


@pytest.mark.parametrize("loss", MARGIN_LOSSES)
@pytest.mark.parametrize("depth", SHAPES)
def test_dual_flow_is_the_flow_of_the_net(depth, loss):
    """Both systems integrated by SciPy's Radau at tight tolerance: weights, loss and norm agree all along."""
    net, data = diagonal(depth=depth, loss=loss)
    primal, dual = net.descent_system(data, DECAY, seed=0), net.flow_system(data, DECAY, seed=0)
    times = np.geomspace(0.01, 150, 12)

    def solve(system):
        shape = system.initial.shape

        def rhs(t, y):
            return system.velocity(t, torch.from_numpy(y).reshape(shape)).flatten().numpy()

        found = solve_ivp(rhs, (0, times[-1]), system.initial.flatten().numpy(), "Radau", times, rtol=1e-10, atol=1e-13)
        return torch.from_numpy(found.y.T.copy()).reshape(-1, *shape)

    thetas, ss = solve(primal), solve(dual)
    t = torch.from_numpy(times)
    w_primal = primal.predictors(t, torch.stack([primal.observe(0.0, theta)[1] for theta in thetas]))
    w_dual = dual.predictors(t, torch.stack([dual.observe(0.0, s)[1] for s in ss]))
    torch.testing.assert_close(w_primal, w_dual, rtol=1e-6, atol=1e-9)
    for time, theta, s in zip(times, thetas, ss, strict=True):
        assert primal.observe(time, theta)[0] == pytest.approx(dual.observe(time, s)[0], rel=1e-6)


def test_dual_flow_survives_huge_initial_scales_and_late_times():
    _, data = diagonal()
    dual = DiagonalNet(init_norm=1e150).flow_system(data, 1.0, seed=0)
    s = 0.1 * torch.ones(6, dtype=torch.float64)
    assert torch.isfinite(dual.velocity(700.0, 280 * s)).all()
    assert math.isfinite(dual.observe(700.0, s)[0]["parameter_norm"])
