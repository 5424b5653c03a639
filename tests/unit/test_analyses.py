"""The evidence for the theorems against brute force, Monte Carlo, a second solver and limits that are known."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from scipy.optimize import LinearConstraint, linprog, minimize

from grokking.analyses.classification_transition import ClassificationTransition, inverse_x_log_x
from grokking.analyses.generalisation import complexity, error_bound, passage
from grokking.analyses.label_noise import LabelNoise, gradient_flow_limit, noisy_descent
from grokking.analyses.recovery import Recovery
from grokking.analyses.regression_transition import RegressionTransition
from grokking.models import DiagonalNet, Factorization
from grokking.specs.analysis import TheoremSpec, read_table
from grokking.tasks import CompletionData, SparseClassification
from grokking.theory.completion_flow import CompletionFlow
from grokking.theory.dual_flow import follow
from grokking.theory.hard_margin import hard_margin
from grokking.theory.planted_completion import PlantedCompletion


@pytest.mark.parametrize("depth", [2, 3])
def test_dual_flow_over_decades_is_the_flow_of_the_net(depth):
    """Against the flow of θ itself in plain time, from a moderate α."""
    data = SparseClassification(n=6, d=12, k=3, n_test=10).draw(0)
    net, decay = DiagonalNet(3 * math.sqrt(24), depth=depth, loss="exponential"), 0.1
    times = np.geomspace(1e-3, 25, 9)
    dual, primal = net.flow_system(data, decay, 0), net.descent_system(data, decay, 0)
    seen = dual.predictors(torch.from_numpy(times), follow(dual, times))

    def velocity(t, theta):
        return primal.velocity(t, torch.from_numpy(theta).reshape(2, -1)).flatten().numpy()

    found = solve_ivp(velocity, (0, 25), primal.initial.flatten().numpy(), "Radau", times, rtol=1e-10, atol=1e-12)
    expected = [primal.weights(torch.from_numpy(theta).reshape(2, -1)) for theta in found.y.T.copy()]
    torch.testing.assert_close(seen, torch.stack(expected), rtol=1e-5, atol=1e-7)


def test_completion_flow_is_the_flow_of_the_factors():
    problem = PlantedCompletion.draw(4, 1, 0.6, seed=0)
    alpha, decay = 2.0, 0.05
    noise = 0.1 * np.random.default_rng(0).standard_normal((2, 4, 4))
    times = np.geomspace(1e-2, 60, 8)
    flow = CompletionFlow(problem.target, problem.observed, alpha, decay)
    S, P = np.moveaxis(flow.follow(times, noise), 1, 0)
    data = CompletionData(torch.from_numpy(problem.target), torch.from_numpy(problem.observed))
    system = Factorization(alpha).descent_system(data, decay, 0)
    start = system.initial.numpy() + noise

    def velocity(t, theta):
        return system.velocity(t, torch.from_numpy(theta).reshape(2, 4, 4)).flatten().numpy()

    found = solve_ivp(velocity, (0, 60), start.flatten(), "Radau", times, rtol=1e-9, atol=1e-11)
    U, V = np.moveaxis(found.y.T.reshape(-1, 2, 4, 4), 1, 0)
    np.testing.assert_allclose(flow.scale(times)[:, None, None] * (S + P) / 2, U, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(
        flow.matrix(times[:, None, None], S, P), U @ U.swapaxes(1, 2) - V @ V.swapaxes(1, 2), rtol=1e-3, atol=1e-4
    )


def test_lemmas_hold_and_their_measured_sides_are_right():
    """dℒ/dt by finite differences; every bound of C.4 and C.7 holds in the ball."""
    table = ClassificationTransition(n=6, d=20, k=3, decay_exponent=1, scales=(10.0, 100.0)).table(0)
    inside = table[table["in_kernel_ball"] == 1]
    assert len(inside) > 50
    assert inside["c4_rate_room"].min() >= 0
    assert inside["c7_rate_room"].min() >= 0
    assert inside["c4_loss_room"].min() >= 1


def test_margin_over_z_tends_to_one_only_as_corrected():
    table = ClassificationTransition(n=6, d=20, k=3, decay_exponent=1, scales=(1e12,)).table(0)
    at = table[np.isclose(table["relative_time"], 0.5)].iloc[0]
    assert at["margin_over_z"] == pytest.approx(1, abs=0.1)
    assert at["margin_over_printed_z"] == pytest.approx(4 / 3, abs=0.1)  # (2c + p)/(c + p) at c = 1/2, p = 1


@pytest.mark.parametrize("y", [1e-6, 1.0, 1e20])
def test_inverse_of_x_log_x(y):
    x = inverse_x_log_x(y)
    assert x * math.log(x) == pytest.approx(y, rel=1e-9)


def test_transition_of_completion_goes_from_zero_filling_to_least_nuclear_norm():
    table = RegressionTransition(d=5, rank=1, observed=0.8, decay_exponent=1, scales=(100.0,)).table(0)
    early, late = (table[np.isclose(table["relative_time"], t)].iloc[0] for t in (0.5, 2.0))
    assert early["distance_to_zero_filled"] < 0.02 < late["distance_to_zero_filled"]
    assert late["distance_to_least_nuclear_norm"] < 0.15 < early["distance_to_least_nuclear_norm"]
    assert late["gradient_cosine"] > 0.99
    assert table[table["in_kernel_ball"] == 1]["d1_loss_room"].min() >= 1


def test_planted_entries_are_counted_once():
    problem = PlantedCompletion.draw(9, 2, 0.5, seed=3)
    off_diagonal = problem.observed & ~np.eye(9, dtype=bool)
    assert not (off_diagonal & off_diagonal.T).any()
    assert problem.observed.sum() == round(0.5 * 45)
    assert np.linalg.matrix_rank(problem.target) == 2
    assert np.linalg.norm(problem.target) == pytest.approx(9)


def test_everything_observed_is_recovered():
    table = Recovery(d=5, ranks=(1, 3), shares=(1.0,)).table(0)
    assert (table["recovered"] == 1).all()
    assert table["zero_filled_distance"].max() < 1e-12


def random_problem(n, d, seed=0):
    generator = np.random.default_rng(seed)
    X = generator.choice([-1.0, 1.0], (n, d))
    return X, np.sign(X[:, :3].sum(1))


def test_l1_hard_margin_is_the_linear_programme():
    X, y = random_problem(150, 20)
    A = X * y[:, None]
    best = linprog(np.ones(40), A_ub=-np.hstack([A, -A]), b_ub=-np.ones(150))
    assert np.abs(hard_margin(X, y, 1)).sum() == pytest.approx(best.fun, rel=1e-5)


@pytest.mark.parametrize("n", [10, 150])
def test_l2_hard_margin_is_the_quadratic_programme(n):
    X, y = random_problem(n, 20)
    A = X * y[:, None]
    best = minimize(
        lambda w: w @ w, np.ones(20), jac=lambda w: 2 * w, method="trust-constr",
        constraints=LinearConstraint(A, 1, np.inf), options={"gtol": 1e-10, "xtol": 1e-12, "maxiter": 5000},
    )  # fmt: skip
    w = hard_margin(X, y, 2)
    assert (A @ w).min() >= 1 - 1e-5
    assert best.fun * (1 - 1e-3) <= w @ w <= best.fun * (1 + 1e-6)  # the other solver stops short of the optimum


def test_points_that_no_line_separates_are_refused():
    with pytest.raises(ArithmeticError, match="not separable"):
        hard_margin(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([1.0, -1.0]), 2)


@pytest.mark.parametrize("norm", [1, 2])
def test_rademacher_complexity_against_all_signs(norm):
    """Brute force over the 2^n signs, the inner maximum by enumeration of the ball's extreme points (L1)."""
    X, _ = random_problem(8, 5)
    totals = []
    for sigma in itertools.product([-1, 1], repeat=8):
        z = np.array(sigma) @ X / 8
        totals.append(max(abs(z)) if norm == 1 else math.sqrt(z @ z))
    found = complexity(X, norm, seed=0)
    assert found["rademacher"] == pytest.approx(np.mean(totals), abs=4 * found["rademacher_error"])
    assert np.mean(totals) <= found["rademacher_bound"]


def test_error_bounds_are_those_of_the_appendix():
    """E.4 and E.5 for n = 5000, d = 100, k = 3, δ = 0.05, worked out by hand."""
    assert error_bound(1, 5000, 100, 3, 0.05) == pytest.approx(
        12 * math.sqrt(2 * math.log(200) / 5000) + 0.0576, abs=1e-4
    )
    assert error_bound(2, 5000, 100, 3, 0.05) == pytest.approx(4 * math.sqrt(300 / 5000) + 0.0576, abs=1e-4)


def test_passage_of_a_level():
    n, error = np.array([10, 20, 40]), np.array([0.3, 0.1, 0.0])
    assert passage(n, error, 0.2) == pytest.approx(10 * math.sqrt(2))
    assert passage(n, error, 0.5) == 10
    assert math.isnan(passage(n, np.array([0.3, 0.1, 0.2]), 0.1))


def test_limit_of_gradient_flow_is_where_the_flow_goes():
    generator = np.random.default_rng(0)
    X, alpha = generator.standard_normal((4, 7)), 0.8
    y = X[:, 0]
    w = gradient_flow_limit(X, y, alpha)

    def velocity(t, theta):
        u, v = theta.reshape(2, -1)
        push = 4 / len(y) * X.T @ (y - X @ (u**2 - v**2))
        return np.concatenate([push * u, -push * v])

    theta = solve_ivp(velocity, (0, 200), np.full(14, alpha), "Radau", rtol=1e-9, atol=1e-11).y[:, -1]
    u, v = theta.reshape(2, -1)
    np.testing.assert_allclose(u**2 - v**2, w, atol=1e-6)


def test_label_noise_is_update_six():
    """Without noise in the mean: the average of many one-step updates is the gradient step."""
    X, y = np.array([[1.0, -2.0]]), np.array([0.5])
    eta, alpha = 1e-3, 0.7
    after = np.mean([noisy_descent(X, y, alpha, eta, np.array([1]), seed)[0] for seed in range(4000)], axis=0)
    noise_free = 4 * eta * (0 - y[0]) * X[0]
    u, v = alpha * (1 - noise_free), alpha * (1 + noise_free)
    spread = 8 * eta * alpha**2 * 2 / math.sqrt(4000)
    # The squares of the noise add 16 η² α² x² (u² and v² alike, so nothing to w).
    np.testing.assert_allclose(after, u**2 - v**2, atol=5 * spread)


def test_label_noise_that_diverges_says_so():
    with pytest.raises(ArithmeticError, match="diverged before step"), np.errstate(all="ignore"):
        LabelNoise(n=5, d=50, kappa=1, learning_rates=(0.5,), horizon=20000.0).table(0)


def test_evidence_is_verified_when_read(tmp_path):
    values = {"name": "recovery", "d": 4, "ranks": [1], "shares": [0.5], "seed": 0}
    spec = TheoremSpec.from_mapping(values, "test")
    assert TheoremSpec.from_mapping(spec.to_mapping(), "again").id == spec.id
    table = spec.theorem.table(spec.seed)
    spec.write(table, tmp_path, {})
    assert read_table(tmp_path)["entries"].tolist() == table["entries"].tolist()
    (tmp_path / "table.csv").write_text("edited")
    with pytest.raises(RuntimeError, match="delete"):
        read_table(tmp_path)
