"""Lemmas D.1, D.2 and D.8: each constant, bound and measured side against autograd, ODEs or a root finder."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from grokking.theory.completion_flow import CompletionFlow
from grokking.theory.completion_lemmas import KernelConstants, kkt, lemmas
from grokking.theory.planted_completion import PlantedCompletion

D = 4
PROBLEM = PlantedCompletion.draw(D, 1, 0.6, seed=0)
FLOW = CompletionFlow(PROBLEM.target, PROBLEM.observed, 5.0, 0.2)
TIMES = np.array([0.01, 0.3, 2.0, 9.0])


def product(theta):
    """W = UUᵀ - VVᵀ."""
    return theta[0] @ theta[0].T - theta[1] @ theta[1].T


def features(theta, observed):
    """∇W_ij over the entries observed, [n, 2dd], by autograd."""
    mask = torch.from_numpy(observed)
    return torch.autograd.functional.jacobian(lambda t: product(t)[mask], theta).reshape(int(mask.sum()), -1)


def centre():
    return torch.eye(D, dtype=torch.float64).repeat(2, 1, 1)


def states():
    """S, P, W of the flow with a perturbed start, and θ = (U, V) at `TIMES`."""
    noise = 0.05 * np.random.default_rng(0).standard_normal((2, D, D))
    S, P = np.moveaxis(FLOW.follow(TIMES, noise), 1, 0)
    scale = (5.0 * np.exp(-0.2 * TIMES))[:, None, None]
    thetas = torch.from_numpy(np.stack([scale * (S + P) / 2, scale * (S - P) / 2], axis=1))
    return S, P, FLOW.matrix(TIMES[:, None, None], S, P), thetas


@pytest.mark.parametrize("observed", [PROBLEM.observed, np.diag([True, False, True, False])], ids=["mixed", "diagonal"])
def test_nu_is_the_kernels_least_eigenvalue(observed):
    kernel = features(centre(), observed) @ features(centre(), observed).T
    known = KernelConstants.of(CompletionFlow(PROBLEM.target, observed, 5.0, 0.2))
    assert known.nu == pytest.approx(float(np.linalg.eigvalsh(kernel)[0]))
    assert known.n == observed.sum()


def test_in_the_ball_the_features_keep_half_of_their_least_singular_value():
    """And no larger ball is promised: a feature moves by 2‖δ‖ in the worst direction, as on the diagonal."""
    known = KernelConstants.of(FLOW)
    generator = torch.Generator().manual_seed(0)
    for _ in range(50):
        delta = torch.randn(2, D, D, generator=generator, dtype=torch.float64)
        there = features(centre() + known.radius * delta / delta.norm(), FLOW.observed)
        assert float(torch.linalg.svdvals(there)[-1]) >= math.sqrt(known.nu) / 2
    everything = np.ones((D, D), dtype=bool)
    basis = torch.eye(2 * D * D, dtype=torch.float64).reshape(-1, 2, D, D)
    moves = [(features(centre() + e, everything) - features(centre(), everything)).norm(dim=1).max() for e in basis]
    worst = float(max(moves))
    assert worst == pytest.approx(2)
    assert known.radius == pytest.approx(math.sqrt(known.nu) / 2 / (worst * math.sqrt(known.n)))


@pytest.mark.parametrize("t", [0.01, 0.2, 12.0])
def test_bound_on_the_loss_is_where_half_of_its_rate_is_left(t):
    """The proof of D.1: ‖∇L‖² ≥ (ν/n) κ L. Either L falls at least as ℓ' = -(ν/4n) κ ℓ, or decay has won.

    Decay adds at most 2λL √(ℓ ‖y‖²/n), with half of the gradient's rate in balance with it.
    """
    known = KernelConstants.of(FLOW)
    n, nu, squared = known.n, known.nu, float(known.y @ known.y)

    def kernel(s):
        return (5.0 * math.exp(-0.2 * s)) ** 2

    falling = solve_ivp(
        lambda s, log_loss: -nu / (4 * n) * kernel(s) + 0 * log_loss,
        (0, t),
        [math.log(squared / n)],
        rtol=1e-11,
        atol=1e-11,
    ).y[0, -1]
    balance = brentq(
        lambda x: nu / (2 * n) * kernel(t) * x - 2 * 0.2 * 2 * math.sqrt(x * squared / n), 1e-12, 1e12, rtol=1e-13
    )
    assert known.loss_bound(np.array([t]))[0] == pytest.approx(max(math.exp(falling), balance), rel=1e-7)


def test_columns_of_the_lemmas_are_those_of_the_factors():
    S, P, W, thetas = states()
    columns, known = lemmas(FLOW, TIMES, S, P, W), KernelConstants.of(FLOW)
    scales = 5.0 * np.exp(-0.2 * TIMES)
    mask = torch.from_numpy(PROBLEM.observed)
    target = torch.from_numpy(PROBLEM.target)
    losses = [float((product(theta) - target)[mask].square().mean()) for theta in thetas]
    deltas = np.array([float((theta / s - centre()).norm()) for theta, s in zip(thetas, scales, strict=True)])
    assert columns["train_loss"] == pytest.approx(losses, rel=1e-6)
    assert columns["d1_loss_slack"] == pytest.approx(known.loss_bound(TIMES) / losses, rel=1e-6)
    assert columns["delta_in_d2"] == pytest.approx(deltas * scales**2)
    assert columns["in_kernel_ball"].tolist() == np.logical_and.accumulate(deltas <= known.radius).tolist()


def test_after_leaving_the_ball_the_lemmas_are_claimed_no_more():
    """States made up: at the centre, outside, and at the centre again."""
    S = 2 * np.eye(D) * np.array([1, 3, 1])[:, None, None]
    P = np.zeros_like(S)
    columns = lemmas(FLOW, TIMES[:3], S, P, P)
    assert columns["delta_in_d2"][[0, 2]].tolist() == [0, 0]
    assert columns["in_kernel_ball"].tolist() == [1, 0, 0]


def test_kkt_columns_are_those_of_the_factors():
    S, P, W, thetas = states()
    columns = kkt(FLOW, TIMES, S, P, W)
    mask, target = torch.from_numpy(PROBLEM.observed), torch.from_numpy(PROBLEM.target)
    for i, theta in enumerate(thetas):
        x = theta.clone().requires_grad_()
        residual = (product(x) - target)[mask]
        (gradient,) = torch.autograd.grad(residual.square().mean(), x)
        cosine = -float(torch.cosine_similarity(theta.flatten(), gradient.flatten(), dim=0))
        assert columns["parameter_norm"][i] == pytest.approx(float(theta.norm()))
        assert columns["largest_residual"][i] == pytest.approx(float(residual.detach().abs().max()), rel=1e-6)
        assert columns["gradient_cosine"][i] == pytest.approx(cosine, rel=1e-6)


def test_planted_entries_are_counted_once():
    problem = PlantedCompletion.draw(9, 2, 0.5, seed=3)
    off_diagonal = problem.observed & ~np.eye(9, dtype=bool)
    assert not (off_diagonal & off_diagonal.T).any()
    assert problem.observed.sum() == round(0.5 * 45)
    below = np.tril(off_diagonal).sum()
    assert 0.2 < below / off_diagonal.sum() < 0.8  # either of (i, j) and (j, i), by chance
    assert np.linalg.matrix_rank(problem.target) == 2
    assert np.linalg.norm(problem.target) == pytest.approx(9)
