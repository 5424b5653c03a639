"""The Clarke subgradients of a net with kinks: autograd, a KKT point known in closed form, and a second solver."""

import itertools
import math

import cvxpy as cp
import numpy as np
import pytest
import torch

from grokking.data.operation import Pairs
from grokking.failures import NotSolved
from grokking.theory import nearest_gradient as solver
from grokking.theory.clarke import clarke_gradients, preactivations
from grokking.theory.nearest_gradient import nearest_gradient, nearest_in_cone

P, WIDTH = 5, 4
PAIRS = Pairs(*torch.tensor([[0, 0, 1, 2, 3, 4, 4, 2], [0, 3, 1, 4, 2, 2, 0, 1], [0, 3, 2, 1, 0, 1, 4, 3]]))


class FreeReLU(torch.autograd.Function):
    """max(x, 0) whose derivative is given."""

    @staticmethod
    def forward(context, x, slopes):
        context.save_for_backward(slopes)
        return x.relu()

    @staticmethod
    def backward(context, *gradients):
        (slopes,) = context.saved_tensors
        return gradients[0] * slopes, None


def random_net(seed=0):
    return torch.randn(3 * P + 1, WIDTH, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def loss(theta, slopes=None):
    x = theta[PAIRS.a] + theta[P + PAIRS.b] + theta[2 * P]
    hidden = x.relu() if slopes is None else FreeReLU.apply(x, slopes)
    return torch.nn.functional.cross_entropy(hidden @ theta[2 * P + 1 :].T, PAIRS.c)


def by_autograd(theta, slopes=None):
    theta = theta.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(theta, slopes), theta)
    return gradient


def free_at(theta, share=0.5):
    x = preactivations(theta, PAIRS, P).abs()
    return x <= x.flatten().quantile(share)


def test_without_freedom_it_is_the_gradient_of_the_loss():
    theta = random_net()
    gradients = clarke_gradients(theta, PAIRS, P, torch.zeros(len(PAIRS.a), WIDTH, dtype=torch.bool))
    assert not len(gradients.span)
    found, step = gradients.at(gradients.span), 1e-6
    torch.testing.assert_close(found, by_autograd(theta))
    for place in [(0, 0), (P + 2, 1), (2 * P, 3), (2 * P + 4, 2)]:
        shift = torch.zeros_like(theta)
        shift[place] = step
        slope = (loss(theta + shift) - loss(theta - shift)) / (2 * step)
        assert float(found[place]) == pytest.approx(float(slope), abs=1e-8)


def test_free_derivatives_enter_as_those_of_the_relu():
    theta = random_net()
    free = free_at(theta)
    slopes = (preactivations(theta, PAIRS, P) > 0).double()
    gradients = clarke_gradients(theta, PAIRS, P, free)
    torch.testing.assert_close(gradients.at(gradients.own), by_autograd(theta, slopes))
    chosen = torch.rand(int(free.sum()), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    slopes[free] = chosen
    torch.testing.assert_close(gradients.at(chosen * gradients.span), by_autograd(theta, slopes))


def test_lowest_is_the_least_corner():
    theta = random_net()
    gradients, y = clarke_gradients(theta, PAIRS, P, free_at(theta, 0.25)), random_net(1)
    corners = (torch.tensor(s) * gradients.span for s in itertools.product((0.0, 1.0), repeat=len(gradients.span)))
    least = min(float((y * gradients.at(corner)).sum()) for corner in corners)
    assert float((y * gradients.at(gradients.lowest(y))).sum()) == pytest.approx(least)


def kkt_point():
    """One neuron, two pairs: (0, 0) of class 0 is on, (1, 0) of class 1 on the kink; λ; s.

    With W₂ = (ω, -ω) and q = σ(-2ω x) at the active x, λθ = -g(s) gives s = 4q/3, λ = q √(5/6), x = (5/3) q ω / λ, and
    so q = σ(-10 ω² / (3 √(5/6))).
    """
    omega = 0.6
    q = 1 / (1 + math.exp(10 * omega**2 / (3 * math.sqrt(5 / 6))))
    s, decay = 4 * q / 3, q * math.sqrt(5 / 6)
    a0, a1, b = q * omega / decay, -s * omega / (2 * decay), (q - s / 2) * omega / decay
    theta = torch.tensor([[a0], [a1], [b], [0], [b], [omega], [-omega]], dtype=torch.float64)
    return theta, Pairs(*torch.tensor([[0, 1], [0, 0], [0, 1]])), decay, s


def test_a_kkt_point_on_a_kink_at_which_no_gradient_is_parallel():
    theta, pairs, decay, s = kkt_point()
    free = preactivations(theta, pairs, 2).abs() < 1e-12
    assert free.flatten().tolist() == [False, True]
    gradients = clarke_gradients(theta, pairs, 2, free)
    found = nearest_gradient(gradients, decay * theta)
    assert found.distance < 1e-12
    assert float(found.u / gradients.span) == pytest.approx(s)
    cone = nearest_in_cone(gradients, theta, gradients.own)
    assert cone.distance < solver.GAP
    for corner in (0.0, 1.0):
        g = gradients.at(corner * gradients.span)
        assert float((decay * theta + g).norm() / (decay * theta).norm()) > 0.2
        assert -float(torch.cosine_similarity(theta.flatten(), g.flatten(), dim=0)) < 0.98


def test_the_cone_does_not_know_the_scale():
    theta, pairs, decay, _ = kkt_point()
    gradients = clarke_gradients(theta, pairs, 2, torch.tensor([[False], [True]]))
    assert nearest_gradient(gradients, 3 * decay * theta).distance > 0.5
    assert nearest_in_cone(gradients, 3 * theta, gradients.span).distance < solver.GAP


@pytest.fixture
def precise(monkeypatch):
    monkeypatch.setattr(solver, "GAP", 1e-9)
    monkeypatch.setattr(solver, "LOOKS", 2000)


def matrix(gradients):
    """g(u) = fixed + A u."""
    units = torch.eye(len(gradients.span), dtype=torch.float64)
    return torch.stack([(gradients.at(unit) - gradients.fixed).flatten() for unit in units], 1).numpy()


def by_cvxpy(gradients, target, free_scale):
    """The least ‖target + c g(u)‖ over u, and over c ≥ 0 or with c = 1."""
    A, span, fixed = matrix(gradients), gradients.span.numpy(), gradients.fixed.flatten().numpy()
    c, u = cp.Variable(), cp.Variable(len(span))
    constraints = [u >= c * np.minimum(span, 0), u <= c * np.maximum(span, 0), c >= 0 if free_scale else c == 1]
    problem = cp.Problem(cp.Minimize(cp.norm(target.flatten().numpy() + c * fixed + A @ u)), constraints)
    return problem.solve(cp.CLARABEL)


@pytest.mark.usefixtures("precise")
@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_both_problems_agree_with_cvxpy(seed, share):
    theta = random_net(seed)
    gradients = clarke_gradients(theta, PAIRS, P, free_at(theta, share))
    force = 0.1 * theta
    found = nearest_gradient(gradients, force)
    assert found.distance == pytest.approx(by_cvxpy(gradients, force, False) / float(force.norm()), abs=1e-6)
    assert found.bound <= found.distance + 1e-12
    for point in (theta, -theta):
        cone = nearest_in_cone(gradients, point, gradients.own)
        assert cone.distance == pytest.approx(by_cvxpy(gradients, point, True) / float(point.norm()), abs=1e-6)
        assert cone.bound <= cone.distance + 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_bounds_hold_wherever_the_solver_stops(seed, monkeypatch):
    """However far from its goal it stops, the least distance is between bound and distance."""
    theta = random_net(seed)
    gradients = clarke_gradients(theta, PAIRS, P, free_at(theta, 1.0))
    force = -by_autograd(theta) + 0.02 * random_net(seed + 10)
    least = by_cvxpy(gradients, force, False) / float(force.norm())
    sine = by_cvxpy(gradients, force, True) / float(force.norm())
    monkeypatch.setattr(solver, "GAP", math.inf)
    start = nearest_gradient(gradients, force)
    assert start.bound - 1e-6 <= least <= start.distance + 1e-6
    assert start.gap > 1e-3
    cone = nearest_in_cone(gradients, force, gradients.own)
    assert cone.bound - 1e-6 <= sine <= cone.distance + 1e-6


def test_no_gradient_points_along_minus_theta():
    """The margin is negative: every -g leads away from θ, whose nearest point in the cone is 0."""
    theta, pairs, _, _ = kkt_point()
    gradients = clarke_gradients(theta, pairs, 2, torch.tensor([[False], [True]]))
    opposite = nearest_in_cone(gradients, -theta, gradients.own)
    assert (opposite.distance, opposite.bound) == (1, 1)


def test_a_missed_certificate_is_an_error(monkeypatch):
    monkeypatch.setattr(solver, "GAP", -1.0)
    monkeypatch.setattr(solver, "LOOKS", 2)
    theta = random_net()
    gradients = clarke_gradients(theta, PAIRS, P, free_at(theta))
    with pytest.raises(NotSolved, match="nearest Clarke subgradient: gap"):
        nearest_gradient(gradients, theta)
    with pytest.raises(NotSolved, match="nearest direction"):
        nearest_in_cone(gradients, -by_autograd(theta), gradients.own)
