"""Lemmas C.4, C.5 and C.7: each constant, each bound and each measured side against autograd, ODEs or enumeration."""

import math

import cvxpy as cp
import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from grokking.analyses.classification_transition import ClassificationTransition
from grokking.models.diagonal_net import DiagonalNet
from grokking.tasks.sparse_classification import SparseClassification
from grokking.theory.classification_lemmas import KernelConstants, inverse_x_log_x, lemmas, loss_and_rate
from grokking.theory.dual_flow import follow
from grokking.theory.phases.linear import max_margins

N, D, ALPHA, DECAY = 5, 8, 3.0, 0.1
DATA = SparseClassification(n=N, d=D, k=3, n_test=10).draw(1)
TIMES = np.array([0.01, 0.1, 1.0, 8.0, 20.0])


def constants(depth):
    margin = max_margins(DATA).properties["l2_max_margin"]["margin"]
    return KernelConstants.of(DATA.X.numpy(), margin, ALPHA, DECAY, depth)


def margins_of(theta, depth):
    """q_i = y_i ⟨u^L - v^L, x_i⟩, [n]."""
    return DATA.y * (DATA.X @ (theta[0] ** depth - theta[1] ** depth))


def features(theta, depth):
    """∇q_i, [n, 2d], by autograd."""
    return torch.autograd.functional.jacobian(lambda t: margins_of(t, depth), theta).reshape(N, -1)


def centre(scale=1.0):
    return torch.full((2, D), scale, dtype=torch.float64)


def flow(depth):
    """The system, its dual states at `TIMES`, and θ there."""
    net = DiagonalNet(ALPHA * math.sqrt(2 * D), depth, "exponential")
    system = net.objective(DATA, seed=0).flow(DECAY)
    states = follow(system, TIMES)
    return system, states, [system.weights(t, s) for t, s in zip(TIMES.tolist(), states, strict=True)]


@pytest.mark.parametrize("depth", [2, 3])
def test_gamma_is_the_kernels_max_margin(depth):
    h = cp.Variable(2 * D)
    best = cp.Problem(cp.Minimize(cp.norm(h)), [features(centre(), depth).numpy() @ h >= 1]).solve(cp.CLARABEL)
    assert constants(depth).gamma == pytest.approx(1 / best, rel=1e-6)


@pytest.mark.parametrize("depth", [2, 3])
def test_at_the_radius_a_gradient_has_moved_by_half_of_gamma_and_no_more(depth):
    """For entries ±1 the worst direction is one coordinate; G is the norm at the centre and what it can move by."""
    known, at_centre = constants(depth), features(centre(), depth)
    generator = torch.Generator().manual_seed(0)
    random = torch.randn(50, 2 * D, generator=generator, dtype=torch.float64)
    one = torch.zeros(1, 2 * D, dtype=torch.float64)
    one[0, 0] = 1
    moves = []
    for delta in torch.cat([random / random.norm(dim=1, keepdim=True), one]):
        there = features(centre() + known.radius * delta.reshape(2, D), depth)
        moves.append(float((there - at_centre).norm(dim=1).max()))
    assert moves[-1] == pytest.approx(known.gamma / 2)
    assert max(moves) <= known.gamma / 2 * (1 + 1e-9)
    largest = float(at_centre.norm(dim=1).max())
    assert pytest.approx(largest + known.gamma / 2) == known.G


@pytest.mark.parametrize("depth", [2, 3])
def test_kernel_scale_is_how_much_larger_the_kernel_is_at_the_decayed_initial_point(depth):
    there = features(centre(ALPHA * math.exp(-DECAY * 7)), depth).square().sum()
    expected = float(there / features(centre(), depth).square().sum())
    assert constants(depth).kernel_scale(np.array([7.0]))[0] == pytest.approx(expected)


@pytest.mark.parametrize("depth", [2, 3])
def test_rate_of_the_loss_is_its_finite_difference_along_the_flow(depth):
    """ℒ at θ ± hθ' with θ' = -∇ℒ - λθ by autograd."""
    system, states, thetas = flow(depth)
    loss, rate = loss_and_rate(system, TIMES, states)
    for theta, value, slope in zip(thetas, loss, rate, strict=True):
        mean = lambda x: torch.exp(-margins_of(x, depth)).mean()  # noqa: E731
        x = theta.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(mean(x), x)
        velocity = -gradient - DECAY * theta
        h = 1e-5 / max(1.0, float(velocity.norm()))
        assert value == pytest.approx(float(mean(theta)), rel=1e-9)
        assert slope == pytest.approx(
            float(mean(theta + h * velocity) - mean(theta - h * velocity)) / (2 * h), rel=1e-5
        )


@pytest.mark.parametrize("depth", [2, 3])
def test_rate_bounds_are_the_extremes_over_all_margins_with_the_same_loss(depth):
    """-Σ x_i log x_i / n with x_i = e^(-q_i) and Σ x_i = nℒ lies between all weight on one sample and equal weights.

    What is left of dℒ/dt is -‖∇ℒ‖², where ∇ℒ is ℒ times a mean of the q_i's gradients: of a norm between the γ/2 that
    each has along h*, and G.
    """
    known = KernelConstants(2, depth, ALPHA, DECAY, 0.7, 0.1, 5.0)
    loss, t = 0.03, np.array([2.0])
    x = np.linspace(0, 2 * loss, 100_001)[1:-1]
    pairs = np.stack([x, 2 * loss - x])
    entropy = -(pairs * np.log(pairs)).mean(0)
    kernel = (ALPHA * math.exp(-DECAY * 2.0)) ** (2 * depth - 2)
    lower, upper = known.rate_bounds(t, np.array([loss]))
    assert upper[0] == pytest.approx(DECAY * depth * entropy.max() - (0.7 / 2) ** 2 * kernel * loss**2, rel=1e-4)
    assert lower[0] == pytest.approx(DECAY * depth * entropy.min() - 5.0**2 * kernel * loss**2, rel=1e-3)


@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("t", [0.3, 40.0])
def test_bound_on_the_loss_is_where_half_of_its_rate_is_left(depth, t):
    """The proof of C.4: either ℒ falls at least as ℓ' = -(γ²/8) κ ℓ², or decay has won: x log x ≤ γ²κ/(8λL), x = 1/ℒ.

    x log x = y e^(-mλt) has a larger root than e^(-mλt) times the root at y, from which the lemma takes 1.
    """
    known, m = KernelConstants(6, depth, 30.0, DECAY, 0.7, 0.1, 5.0), 2 * depth - 2

    def kernel(s):
        return (30.0 * math.exp(-DECAY * s)) ** m

    falling = solve_ivp(lambda s, x: 0.7**2 / 8 * kernel(s) + 0 * x, (0, t), [1.0], rtol=1e-10, atol=1e-10).y[0, -1]
    root = brentq(lambda x: x * math.log(x) - 0.7**2 * kernel(0) / (8 * DECAY * depth), 1, 1e9, rtol=1e-12)
    expected = max(1 / falling, math.exp(m * DECAY * t) / (root - 1))
    assert known.loss_bound(np.array([t]))[0] == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("depth", [2, 3])
def test_columns_are_the_sides_of_the_lemmas(depth):
    """The distance from the decayed initial point from θ itself, and each slack from the bounds and rates above."""
    system, states, thetas = flow(depth)
    known = constants(depth)
    columns = lemmas(system, TIMES, states, known)
    scales = ALPHA * np.exp(-DECAY * TIMES)
    delta = np.array([float((theta / scale - 1).norm()) for theta, scale in zip(thetas, scales, strict=True)])
    log_a = math.log(ALPHA ** (2 * depth - 2) / DECAY)
    assert columns["delta_in_c5"] == pytest.approx(delta * scales**depth / log_a)
    assert columns["in_kernel_ball"].tolist() == np.logical_and.accumulate(delta <= known.radius).tolist()
    loss, rate = loss_and_rate(system, TIMES, states)
    lower, upper = known.rate_bounds(TIMES, loss)
    for name, gap, bound in (("c4", upper - rate, upper), ("c7", rate - lower, lower)):
        units = [max(abs(a), abs(b)) for a, b in zip(bound, rate, strict=True)]
        assert columns[f"{name}_rate_slack"] == pytest.approx(gap / units)
    assert columns["c4_loss_slack"] == pytest.approx(known.loss_bound(TIMES) / loss)


def test_after_leaving_the_ball_the_lemmas_are_claimed_no_more():
    """States made up: at the centre, outside, and at the centre again."""
    system, states, _ = flow(2)
    path = torch.stack([0 * states[0], states[-1], 0 * states[0]])
    columns = lemmas(system, np.array([1.0, 2.0, 3.0]), path, constants(2))
    assert columns["delta_in_c5"][[0, 2]].tolist() == [0, 0]
    assert columns["in_kernel_ball"].tolist() == [1, 0, 0]


@pytest.mark.parametrize("depth", [2, 3])
def test_lemmas_hold_in_the_ball(depth):
    analysis = ClassificationTransition(n=6, d=20, k=3, decay_exponent=1, scales=(10.0, 100.0), depth=depth)
    evidence = analysis.table(0)
    inside = evidence[evidence["in_kernel_ball"] == 1]
    assert len(inside) > 50
    assert inside["c4_rate_slack"].min() >= 0
    assert inside["c7_rate_slack"].min() >= 0
    assert inside["c4_loss_slack"].min() >= 1


@pytest.mark.parametrize("y", [1e-6, 1.0, 1e20])
def test_inverse_of_x_log_x(y):
    x = inverse_x_log_x(y)
    assert x * math.log(x) == pytest.approx(y, rel=1e-9)
