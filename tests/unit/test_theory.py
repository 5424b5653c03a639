"""The convex solvers against an independent one (CVXPY with Clarabel) and against their own KKT conditions."""

import math
from types import SimpleNamespace

import cvxpy as cp
import numpy as np
import pytest
import torch

from grokking.tasks.margin_classification import MarginClassification
from grokking.tasks.sparse_classification import SparseClassification
from grokking.theory import multiclass_max_margin as multiclass
from grokking.theory.hard_margin import hard_margin
from grokking.theory.l1_max_margin import certify, l1_max_margin
from grokking.theory.l2_max_margin import certify as certify_l2
from grokking.theory.l2_max_margin import l2_max_margin
from grokking.theory.multiclass_max_margin import margins, multiclass_max_margin
from grokking.theory.nuclear_norm import Entries, minimum_nuclear_norm
from grokking.theory.nuclear_norm import certify as certify_completion

FEW_POINTS = [
    SparseClassification(n=12, d=60, k=3),
    SparseClassification(n=30, d=200, k=3),
    SparseClassification(n=5, d=400, k=1),
    MarginClassification(n=10, d=80, gamma=3.0),
    MarginClassification(n=25, d=90, gamma=0.5),
]
MANY_POINTS = [SparseClassification(n=60, d=20, k=3), MarginClassification(n=40, d=6, gamma=1.0)]


def arrays(task, seed):
    data = task.draw(seed)
    return data.X.numpy(), data.y.numpy()


def least_norm(X, y, order):
    """Of the w with margins of at least 1, by Clarabel."""
    w = cp.Variable(X.shape[1])
    return cp.Problem(cp.Minimize(cp.norm(w, order)), [cp.multiply(y, X @ w) >= 1]).solve(cp.CLARABEL)


@pytest.mark.parametrize("task", FEW_POINTS + MANY_POINTS, ids=str)
@pytest.mark.parametrize(("solve", "order"), [(l2_max_margin, 2), (l1_max_margin, 1)])
def test_max_margin_agrees_with_cvxpy(task, solve, order):
    for seed in range(3):
        X, y = arrays(task, seed)
        found = solve(X, y)
        assert found.norm == pytest.approx(least_norm(X, y, order), rel=1e-6)
        assert np.linalg.norm(found.w, order) == pytest.approx(found.norm, rel=1e-9)
        assert (y * (X @ found.w)).min() >= 1 - 1e-12
        assert abs(found.gap) <= 1e-8


def test_l2_max_margin_does_not_depend_on_the_order_of_the_points():
    """Of 54 corners of a cube in nine dimensions, on which one solver alone ends elsewhere for one order in twenty."""
    X, y = arrays(SparseClassification(n=54, d=9, k=3), 0)
    best, rng = least_norm(X, y, 2), np.random.default_rng(0)
    for order in (rng.permutation(len(y)) for _ in range(500)):
        assert l2_max_margin(X[order], y[order]).norm == pytest.approx(best, rel=1e-6)


def test_l2_max_margin_needs_no_first_solver_that_comes_to_an_end(monkeypatch):
    def endless(system, goal, maxiter):
        raise RuntimeError("Maximum number of iterations reached.")

    monkeypatch.setattr("grokking.theory.l2_max_margin.nnls", endless)
    X, y = arrays(FEW_POINTS[1], 0)
    assert l2_max_margin(X, y).norm == pytest.approx(least_norm(X, y, 2), rel=1e-6)


def test_l2_max_margin_satisfies_its_kkt_conditions():
    X, y = arrays(FEW_POINTS[1], 0)
    w = l2_max_margin(X, y).w
    mu = np.linalg.lstsq((X * y[:, None]).T, w, rcond=None)[0]  # stationarity: w = Σ μ_i y_i x_i
    np.testing.assert_allclose((X * y[:, None]).T @ mu, w, atol=1e-10)
    assert mu.min() >= -1e-10
    assert np.abs(mu * (y * (X @ w) - 1)).max() <= 1e-9  # complementarity


@pytest.mark.parametrize("task", [SparseClassification(n=400, d=30, k=3), FEW_POINTS[0]], ids=str)
@pytest.mark.parametrize("norm", [1, 2])
def test_adding_violated_constraints_ends_at_the_optimum_under_all(task, norm):
    X, y = arrays(task, 0)
    w = hard_margin(X, y, norm)
    assert (y * (X @ w)).min() >= 1 - 1e-5
    assert np.linalg.norm(w, norm) == pytest.approx(least_norm(X, y, norm), rel=1e-5)


@pytest.mark.parametrize("spread", [0.0, 0.3, 3.0])
def test_certificate_of_l1_is_the_gap_between_two_feasible_points(spread):
    """Far from the optimum too: w is scaled to margins of 1, and t μ is dual feasible up to the largest t of an LP."""
    X, y = arrays(FEW_POINTS[0], 0)
    A = X * y[:, None]
    rng = np.random.default_rng(0)
    best = least_norm(X, y, 1)
    w = l1_max_margin(X, y).w + spread * A.mean(0)
    mu = rng.uniform(0, 1, 12)
    x = np.concatenate([np.maximum(w, 0) + 1, np.maximum(-w, 0) + 1, np.ones(12)])
    found = certify(A, x, mu)
    t = cp.Variable()
    dual = cp.Problem(cp.Maximize(t * mu.sum()), [cp.abs(A.T @ mu * t) <= 1]).solve(cp.CLARABEL)
    norm = np.abs(w).sum() / min(A @ w)
    assert found.norm == pytest.approx(norm)
    assert found.gap == pytest.approx((norm - dual) / norm, abs=1e-6)
    assert (1 - found.gap) * found.norm <= best * (1 + 1e-6)
    assert min(A @ found.w) == pytest.approx(1)


def test_a_point_that_separates_nothing_has_no_certificate():
    A = np.array([[1.0, 0.0], [0.0, 1.0]])
    found = certify(A, np.array([1.0, 0, 2, 0, 1, 1]), np.ones(2))  # w = (-1, 0)
    assert found.norm == found.gap == math.inf


def test_certificate_of_l2_is_the_gap_to_a_dual_point():
    """With equal μ, no optimum: w = Aᵀμ scaled to margins of 1, and the best t 1ᵀμ with ‖Aᵀ t μ‖ ≤ 1."""
    X, y = arrays(FEW_POINTS[1], 0)
    A = X * y[:, None]
    found = certify_l2(A, np.ones(30))
    w = A.sum(0)
    norm, dual = np.linalg.norm(w) / min(A @ w), 30 / np.linalg.norm(w)
    best = least_norm(X, y, 2)
    assert dual < best < norm
    assert found.norm == pytest.approx(norm)
    assert found.gap == pytest.approx((norm - dual) / norm)


@pytest.mark.parametrize(("solve", "norm"), [(l1_max_margin, 1), (l2_max_margin, 2)])
def test_max_margin_says_so_when_it_misses_its_gap(solve, norm):
    with pytest.raises(ArithmeticError, match=f"L{norm} max margin: gap [^i].* instead of -1.0e"):
        solve(*arrays(FEW_POINTS[0], 0), gap=-1.0)


@pytest.mark.parametrize("norm", [1, 2])
def test_points_that_no_plane_separates_are_refused(norm):
    with pytest.raises(ArithmeticError, match=f"L{norm} max margin"), np.errstate(all="ignore"):
        hard_margin(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([1.0, -1.0]), norm)


@pytest.mark.parametrize(("d", "observed"), [(6, 0.5), (9, 0.3), (12, 0.6)])
def test_minimum_nuclear_norm_agrees_with_cvxpy(d, observed):
    rng = np.random.default_rng(d)
    factor = rng.standard_normal((d, 2))
    target, mask = factor @ factor.T, rng.random((d, d)) < observed
    found = minimum_nuclear_norm(target, mask)
    W = cp.Variable((d, d), symmetric=True)
    seen = np.argwhere(mask)
    best = cp.Problem(cp.Minimize(cp.normNuc(W)), [W[i, j] == target[i, j] for i, j in seen]).solve(cp.CLARABEL)
    assert found.nuclear_norm == pytest.approx(best, rel=1e-6)
    assert np.linalg.norm(found.W, "nuc") == pytest.approx(found.nuclear_norm)
    np.testing.assert_allclose(found.W[mask], target[mask], atol=1e-7)
    np.testing.assert_allclose(found.W, found.W.T)
    assert found.gap <= 1e-8


@pytest.mark.parametrize("size", [0.1, 5.0])
def test_certificate_of_a_completion_is_the_gap_to_a_dual_point(size):
    """Of any W and μ: the sum of singular values, and ⟨b, μ⟩ for the μ, scaled into the ball ‖𝒜*μ‖ ≤ 1."""
    rng = np.random.default_rng(1)
    target = rng.standard_normal((5, 5))
    target = target + target.T
    entries = Entries.of(rng.random((5, 5)) < 0.5)
    b = entries.take(target)
    W = target + 0.1 * np.diag(rng.standard_normal(5))
    mu = size * b
    found = certify_completion(entries, b, W, mu)
    adjoint = np.zeros((5, 5))
    for i, j, value in zip(entries.i, entries.j, mu, strict=True):
        adjoint[i, j] += value / 2
        adjoint[j, i] += value / 2
    norm = np.linalg.svd(W, compute_uv=False).sum()
    dual = b @ mu / max(1, np.linalg.norm(adjoint, 2))
    assert (np.linalg.norm(adjoint, 2) > 1) == (size > 1)
    assert found.nuclear_norm == pytest.approx(norm)
    assert found.gap == pytest.approx((norm - dual) / norm)
    assert found.residual == pytest.approx(
        max(abs(W[i, j] - target[i, j]) for i, j in zip(entries.i, entries.j, strict=True))
    )


def test_observed_entries_as_linear_operator():
    """⟨𝒜(W), μ⟩ = ⟨W, 𝒜*(μ)⟩, and the Schur matrix entry by entry from its definition."""
    rng = np.random.default_rng(0)
    entries = Entries.of(rng.random((5, 5)) < 0.5)
    W = rng.standard_normal((5, 5))
    W, mu = W + W.T, rng.standard_normal(len(entries.i))
    assert entries.take(W) @ mu == pytest.approx(np.sum(W * entries.spread(mu)))
    P, S = (A @ A.T for A in rng.standard_normal((2, 5, 5)))
    basis = [entries.spread(e) for e in np.eye(len(mu))]
    expected = [[np.trace(a @ P @ b @ S) for b in basis] for a in basis]
    np.testing.assert_allclose(entries.schur(P, S), expected, atol=1e-12)


def test_multiclass_max_margin_agrees_with_cvxpy():
    generator = torch.Generator().manual_seed(0)
    phi, c = torch.randn(20, 12, generator=generator, dtype=torch.float64).relu(), torch.arange(20) % 4
    V = cp.Variable((4, 12))
    outputs = phi.numpy() @ V.T
    constraints = [outputs[i, int(c[i])] - outputs[i, j] >= 1 for i in range(20) for j in range(4) if j != c[i]]
    problem = cp.Problem(cp.Minimize(cp.sum_squares(V)), constraints)
    problem.solve(solver="CLARABEL")
    best = 1 / math.sqrt(problem.value)
    found = multiclass_max_margin(phi, c, 4)
    smallest = margins(phi @ found.V.T, c).min().item()
    assert found.V.norm().item() == pytest.approx(1)
    assert (1 - found.gap) * best <= smallest * (1 + 1e-5)
    assert smallest <= best * (1 + 1e-5)
    assert found.gap <= 0.15


@pytest.mark.parametrize("sharpness", [0.1, 1.0])
def test_certificate_of_a_multiclass_margin_is_the_bound_of_its_own_multipliers(monkeypatch, sharpness):
    """Where L-BFGS stops at any V: the bound ‖∇ Σ λ margins‖ by autograd, λ the softmax of the margins."""
    generator = torch.Generator().manual_seed(0)
    phi = 1 + 0.1 * torch.randn(8, 6, generator=generator, dtype=torch.float64)
    c = torch.arange(8) % 2
    phi[:, 0] += 2.0 * c
    phi[:, 1] += 2.0 * (1 - c)
    V = torch.tensor([[-1.0, 1, 0, 0, 0, 0], [1.0, -1, 0, 0, 0, 0]], dtype=torch.float64) * sharpness
    monkeypatch.setattr(multiclass, "minimize", lambda *args, **kw: SimpleNamespace(x=V.flatten().numpy().copy()))
    found = multiclass_max_margin(phi, c, 2)
    q = phi @ (V[1] - V[0]) * (2 * c - 1)
    beta, smallest = 1.0, float(q.min() / V.norm())
    difference = phi * (2 * c - 1)[:, None]
    scale = float(math.sqrt(2) * difference.mean(0).norm())  # of the features: the mean margin's gradient has norm 1
    gaps = []
    for _ in range(30):
        mix = torch.softmax(-beta * q / scale, 0) @ difference
        gaps.append(1 - smallest / float(math.sqrt(2) * mix.norm()))
        beta *= 2
    expected = next(gap for gap in gaps if gap <= 0.15)
    assert found.gap == pytest.approx(expected, abs=1e-5)


def test_multiclass_max_margin_says_so_when_there_is_none():
    with pytest.raises(ArithmeticError, match="not separated"):
        multiclass_max_margin(torch.tensor([[1.0], [2.0], [3.0], [4.0]]), torch.arange(4) % 2, 2)
