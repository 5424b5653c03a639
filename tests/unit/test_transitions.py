"""The tables of the transitions, column by column, from θ itself: followed by a second integrator in plain time."""

import itertools
import math

import cvxpy as cp
import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from grokking.analyses.classification_transition import ClassificationTransition
from grokking.analyses.decay_error import DecayError
from grokking.analyses.regression_transition import RegressionTransition
from grokking.analyses.tables.classification_transition import EARLY_TIMES
from grokking.rng import stream
from grokking.tasks.sparse_classification import SparseClassification
from grokking.theory.planted_completion import PlantedCompletion

ALPHA, EXPONENT = 3.0, 1.5
DECAY = 1 / (3 * math.sqrt(3))
SEED = 4
CRITICAL = math.log(3) / DECAY
SHOWN = [0.25, 0.5, 0.75, 1.0, 1.5, 2.0]  # relative times


def followed(velocity, start, times):
    """θ [T, …] of θ' = velocity(θ) at `times`."""

    def flat(t, theta):
        return velocity(torch.from_numpy(theta).reshape(start.shape)).flatten().numpy()

    found = solve_ivp(flat, (0, times[-1]), start.flatten(), "Radau", times, rtol=1e-8, atol=1e-10)
    return torch.from_numpy(found.y.T.copy()).reshape(-1, *start.shape)


def gradient(loss, theta):
    theta = theta.detach().clone().requires_grad_()
    (found,) = torch.autograd.grad(loss(theta), theta)
    return found


def descent(loss):
    """-∇L - λθ by autograd."""
    return lambda theta: -gradient(loss, theta) - DECAY * theta


def shown(found):
    """The rows at the relative times SHOWN."""
    return found[found["relative_time"].isin(SHOWN)].reset_index(drop=True)


def least_norm(A, order):
    """The w of least norm with Aw ≥ 1, by Clarabel."""
    w = cp.Variable(A.shape[1])
    cp.Problem(cp.Minimize(cp.norm(w, order)), [A @ w >= 1]).solve(cp.CLARABEL)
    return w.value


@pytest.mark.parametrize("depth", [2, 3])
def test_classification_columns_are_those_of_the_net(depth):
    analysis = ClassificationTransition(n=5, d=8, k=3, decay_exponent=EXPONENT, scales=(ALPHA,), depth=depth)
    found = shown(analysis.table(SEED))
    data = SparseClassification(n=5, d=8, k=3, n_test=1000).draw(SEED)
    A = (data.X * data.y[:, None]).numpy()

    def weights(theta):
        return theta[0] ** depth - theta[1] ** depth

    def loss(theta):
        return torch.exp(-(torch.from_numpy(A) @ weights(theta))).mean()

    times = np.array(SHOWN) * CRITICAL
    thetas = followed(descent(loss), torch.full((2, 8), ALPHA, dtype=torch.float64), times)
    assert found["alpha"].tolist() == [ALPHA] * len(SHOWN)
    assert found["weight_decay"].tolist() == pytest.approx([DECAY] * len(SHOWN))
    assert found["time"].tolist() == pytest.approx(times.tolist())
    best = {1: least_norm(A, 1), 2: least_norm(A, 2)}
    for row, theta in zip(found.to_dict("records"), thetas, strict=True):
        w = weights(theta).numpy()
        q = A @ w
        slope = gradient(loss, theta)
        assert row["train_loss"] == pytest.approx(float(loss(theta)), rel=1e-5)
        assert row["parameter_norm"] == pytest.approx(float(theta.norm()), rel=1e-6)
        cosine = -float(torch.cosine_similarity(theta.flatten(), slope.flatten(), dim=0))
        assert row["gradient_cosine"] == pytest.approx(cosine, rel=1e-5)
        excess = np.exp(-q) @ q / np.exp(-q).sum() / q.min() - 1
        assert row["complementarity"] == pytest.approx(excess, rel=1e-4, nan_ok=True)
        right = np.concatenate([Y.numpy() * (X.numpy() @ w) > 0 for X, Y in data.test_set()])
        assert row["test_accuracy"] == pytest.approx(right.mean(), abs=0.002)
        for p, direction in best.items():
            cosine = w @ direction / np.linalg.norm(w) / np.linalg.norm(direction)
            relative = q.min() / np.linalg.norm(w, p) * np.linalg.norm(direction, p)
            assert row[f"cosine_to_l{p}_max_margin"] == pytest.approx(cosine, rel=1e-4)
            assert row[f"relative_l{p}_margin"] == pytest.approx(relative, rel=1e-4)
        if row["relative_time"] < 1:
            # The loss of C.4 and C.7 is of the order of λ (α e^(-λt))^-m: here the printed one has m = 1.
            decayed = ALPHA * math.exp(-DECAY * row["time"])
            log_loss = {name: -math.log(DECAY / decayed**m) for name, m in (("printed_z", 1), ("z", 2 * depth - 2))}
            for name, size in log_loss.items():
                assert row[f"margin_over_{name}"] == pytest.approx(q.min() / size, rel=1e-4)
        else:
            assert math.isnan(row["margin_over_z"])
            assert math.isnan(row["margin_over_printed_z"])


def largest_gradient(data, gamma, depth):
    """G of Lemma C.7: the norm of a margin's gradient at (1, …, 1), and the γ/2 that it can move by."""
    d = data.X.shape[1]
    theta = torch.ones((2, d), dtype=torch.float64)
    norms = [float(gradient(lambda t, x=x: (t[0] ** depth - t[1] ** depth) @ x, theta).norm()) for x in data.X]
    return max(norms) + gamma / 2


@pytest.mark.parametrize("depth", [2, 3])
def test_constants_of_the_lemmas_are_those_of_the_data(depth):
    """The column in_kernel_ball from γ = √2 L γ₂, γ₂ by Clarabel; the first time from G, as ℓ' = -G² κ ℓ² has it."""
    analysis = ClassificationTransition(n=5, d=8, k=3, decay_exponent=EXPONENT, scales=(ALPHA,), depth=depth)
    found = analysis.table(SEED)
    data = SparseClassification(n=5, d=8, k=3, n_test=10).draw(SEED)
    A = (data.X * data.y[:, None]).numpy()
    gamma = math.sqrt(2) * depth / np.linalg.norm(least_norm(A, 2))
    G = largest_gradient(data, gamma, depth)
    first = found["time"].iloc[0]
    early = solve_ivp(
        lambda t, x: -(G**2) * (ALPHA * np.exp(-DECAY * t)) ** (2 * depth - 2) * x**2, (0, first), [1.0], rtol=1e-9
    )
    assert early.y[0, -1] == pytest.approx(1 / 1.1, rel=1e-4)
    assert found["train_loss"].iloc[0] >= early.y[0, -1] - 1e-9
    radius = (1 + gamma / 2 / depth) ** (1 / (depth - 1)) - 1

    def loss(theta):
        return torch.exp(-(torch.from_numpy(A) @ (theta[0] ** depth - theta[1] ** depth))).mean()

    times = found["time"].to_numpy()
    thetas = followed(descent(loss), torch.full((2, 8), ALPHA, dtype=torch.float64), times)
    decayed = ALPHA * np.exp(-DECAY * times)
    delta = np.array([float((theta / size - 1).norm()) for theta, size in zip(thetas, decayed, strict=True)])
    inside = found["in_kernel_ball"].to_numpy()
    assert 0 < inside.sum() < len(inside)
    clear = np.abs(delta / radius - 1) > 1e-3
    assert (inside[clear] == (delta <= radius)[clear]).all()


def test_times_start_with_the_loss_and_end_at_twice_the_critical_time():
    found = ClassificationTransition(n=5, d=8, k=3, decay_exponent=1, scales=(3.0, 5.0)).table(0)
    for _, one in found.groupby("alpha"):
        relative = one["relative_time"].to_numpy()
        assert (np.diff(relative) > 0).all()
        assert relative[-1] == 2
        early = np.log(relative[: EARLY_TIMES + 1])
        assert early[-1] == pytest.approx(math.log(1 / 80))
        assert np.ptp(np.diff(early)) < 1e-9


def test_regression_columns_are_those_of_the_factors():
    d, sigma = 4, 0.05
    analysis = RegressionTransition(
        d=d, rank=1, observed=0.6, decay_exponent=EXPONENT, scales=(ALPHA,), perturbation=sigma
    )
    found = shown(analysis.table(SEED))
    problem = PlantedCompletion.draw(d, 1, 0.6, SEED)
    target, mask = torch.from_numpy(problem.target), torch.from_numpy(problem.observed)

    def product(theta):
        return theta[0] @ theta[0].T - theta[1] @ theta[1].T

    def loss(theta):
        return (product(theta) - target)[mask].square().mean()

    noise = sigma * torch.from_numpy(stream(SEED, "init").standard_normal((2, d, d)))
    start = ALPHA * torch.eye(d, dtype=torch.float64).repeat(2, 1, 1) + noise
    times = np.array(SHOWN) * CRITICAL
    thetas = followed(descent(loss), start, times)
    assert found["weight_decay"].tolist() == pytest.approx([DECAY] * len(SHOWN))
    assert found["time"].tolist() == pytest.approx(times.tolist())
    filled = np.zeros((d, d))
    for i, j in np.argwhere(problem.observed):
        filled[i, j] = filled[j, i] = problem.target[i, j]
    W = cp.Variable((d, d), symmetric=True)
    constraints = [W[i, j] == problem.target[i, j] for i, j in np.argwhere(problem.observed)]
    cp.Problem(cp.Minimize(cp.normNuc(W)), constraints).solve(cp.CLARABEL)
    goals = {"zero_filled": filled, "least_nuclear_norm": W.value, "target": problem.target}
    for row, theta in zip(found.to_dict("records"), thetas, strict=True):
        matrix, slope = product(theta).numpy(), gradient(loss, theta)
        for name, goal in goals.items():
            distance = math.sqrt(
                sum((matrix[i, j] - goal[i, j]) ** 2 for i, j in itertools.product(range(d), repeat=2))
            )
            size = math.sqrt(np.square(problem.target).sum())
            assert row[f"distance_to_{name}"] == pytest.approx(distance / size, abs=1e-4)
        assert row["train_loss"] == pytest.approx(float(loss(theta)), rel=2e-3)
        assert row["parameter_norm"] == pytest.approx(float(theta.norm()), rel=1e-4)
        assert row["largest_residual"] == pytest.approx(float((product(theta) - target)[mask].abs().max()), rel=2e-3)
        cosine = -float(torch.cosine_similarity(theta.flatten(), slope.flatten(), dim=0))
        assert row["gradient_cosine"] == pytest.approx(cosine, abs=1e-3)


def test_the_end_of_decay_is_the_minimum_of_equation_42():
    """min (1/n) Σ (W_ij - X*_ij)² + (λ/2) ‖W‖_* over symmetric W, by Clarabel; ‖X*‖_F = d."""
    d, decays = 4, (0.4, 0.05)
    found = DecayError(d=d, rank=2, observed=0.8, weight_decays=decays).table(SEED)
    problem = PlantedCompletion.draw(d, 2, 0.8, SEED)
    for row, decay in zip(found.to_dict("records"), decays, strict=True):
        W = cp.Variable((d, d), symmetric=True)
        errors = [cp.square(W[i, j] - problem.target[i, j]) for i, j in np.argwhere(problem.observed)]
        cp.Problem(cp.Minimize(sum(errors) / len(errors) + decay / 2 * cp.normNuc(W))).solve(cp.CLARABEL)
        expected = np.linalg.norm(W.value - problem.target)
        assert row["weight_decay"] == decay
        assert row["error"] == pytest.approx(expected, rel=1e-3)
        assert row["relative_error"] == pytest.approx(expected / d, rel=1e-3)
