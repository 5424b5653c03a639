"""The reduced flows against the flow of θ itself in plain time, from a moderate α, by a second integrator."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from grokking.data.completion import CompletionData
from grokking.models.diagonal_net import DiagonalNet
from grokking.models.factorization import Factorization
from grokking.tasks.sparse_classification import SparseClassification
from grokking.theory.completion_flow import CompletionFlow
from grokking.theory.dual_flow import follow
from grokking.theory.label_noise import gradient_flow_limit
from grokking.theory.planted_completion import PlantedCompletion


def followed(of, start, weight_decay, times):
    """θ [T, …] of θ' = -∇L - λθ at `times`."""

    def velocity(t, theta):
        theta = torch.from_numpy(theta).reshape(start.shape)
        return -(of.gradient(theta) + weight_decay * theta).flatten().numpy()

    found = solve_ivp(velocity, (0, times[-1]), start.flatten(), "Radau", times, rtol=1e-8, atol=1e-10)
    return torch.from_numpy(found.y.T.copy()).reshape(-1, *start.shape)


@pytest.mark.parametrize("depth", [2, 3])
def test_dual_flow_over_decades_is_the_flow_of_the_net(depth):
    data = SparseClassification(n=5, d=8, k=3, n_test=10).draw(0)
    of = DiagonalNet(3 * math.sqrt(16), depth, "exponential").objective(data, 0)
    dual, times = of.flow(0.1), np.geomspace(1e-3, 25, 9)
    seen = dual.predictors(torch.from_numpy(times), follow(dual, times))
    u, v = followed(of, of.initial.numpy(), 0.1, times).unbind(1)
    torch.testing.assert_close(seen, u**depth - v**depth, rtol=1e-5, atol=1e-7)


def test_completion_flow_is_the_flow_of_the_factors():
    problem = PlantedCompletion.draw(4, 1, 0.6, seed=0)
    noise = 0.1 * np.random.default_rng(0).standard_normal((2, 4, 4))
    times = np.geomspace(1e-2, 60, 8)
    flow = CompletionFlow(problem.target, problem.observed, 2.0, 0.05)
    S, P = np.moveaxis(flow.follow(times, noise), 1, 0)
    data = CompletionData(torch.from_numpy(problem.target), torch.from_numpy(problem.observed))
    of = Factorization(2.0).objective(data, 0)
    U, V = followed(of, of.initial.numpy() + noise, 0.05, times).unbind(1)
    scale = flow.scale(times)[:, None, None]
    np.testing.assert_allclose(scale * (S + P) / 2, U, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(scale * (S - P) / 2, V, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(flow.matrix(times[:, None, None], S, P), U @ U.mT - V @ V.mT, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("alpha", [1e2, 1e4, 1e6, 1e8])
def test_the_flow_of_the_factors_is_as_exact_from_any_initial_size(alpha):
    """One entry y: W = u² - v² with W' = -8 (u² + v²)(W - y), where u² + v² stays 2α² up to y²/α⁴.

    The flow starts at 10⁻⁶/α² and not at 0, which W sees as 16·10⁻⁶ y.
    """
    y, times = 0.7, np.geomspace(1e-4, 0.5, 12) / alpha**2
    flow = CompletionFlow(np.array([[y]]), np.array([[True]]), alpha, 0.0)
    S, P = np.moveaxis(flow.follow(times, np.zeros((2, 1, 1))), 1, 0)
    W = flow.matrix(times[:, None, None], S, P)[:, 0, 0]
    np.testing.assert_allclose(W, -y * np.expm1(-16 * alpha**2 * times), rtol=1e-5, atol=17e-6 * y)


def test_limit_of_gradient_flow_is_where_the_flow_goes():
    X, alpha = np.random.default_rng(0).standard_normal((4, 7)), 0.8
    y = X[:, 0]

    def velocity(t, theta):
        u, v = theta.reshape(2, -1)
        slope = 4 / len(y) * X.T @ (y - X @ (u**2 - v**2))
        return np.concatenate([slope * u, -slope * v])

    theta = solve_ivp(velocity, (0, 200), np.full(14, alpha), "Radau", rtol=1e-9, atol=1e-11).y[:, -1]
    u, v = theta.reshape(2, -1)
    np.testing.assert_allclose(u**2 - v**2, gradient_flow_limit(X, y, alpha), atol=1e-6)


def test_no_limit_of_gradient_flow_where_the_equations_contradict_each_other():
    with pytest.raises(ArithmeticError, match="limit of gradient flow"):
        gradient_flow_limit(np.ones((2, 3)), np.array([1.0, 2.0]), 1.0)
