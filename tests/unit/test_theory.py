"""Reference solutions against an independent solver (CVXPY with Clarabel) and against their own KKT conditions."""

import math

import cvxpy as cp
import numpy as np
import pytest
import torch
from scipy.stats import linregress

from grokking.dynamics import GradientFlow
from grokking.measures.line import fitted_line
from grokking.models import DiagonalNet, Factorization, QuadraticNet, TwoLayerNet
from grokking.tasks import MarginClassification, ModularAddition, MultiplicationTable, SparseClassification
from grokking.theory import References, align, critical_time, has_theory, solve_references
from grokking.theory.l1_max_margin import l1_max_margin
from grokking.theory.l2_max_margin import l2_max_margin
from grokking.theory.multiclass_max_margin import margins, multiclass_max_margin
from grokking.theory.nuclear_norm import Entries, minimum_nuclear_norm

TASKS = [
    SparseClassification(n=12, d=60, k=3),
    SparseClassification(n=30, d=200, k=3),
    SparseClassification(n=5, d=400, k=1),
    MarginClassification(n=10, d=80, gamma=3.0),
    MarginClassification(n=25, d=90, gamma=0.5),
]


def arrays(task, seed):
    data = task.draw(seed)
    return data.X.numpy(), data.y.numpy()


@pytest.mark.parametrize("task", TASKS, ids=str)
@pytest.mark.parametrize(("solve", "order"), [(l2_max_margin, 2), (l1_max_margin, 1)])
def test_max_margin_agrees_with_cvxpy(task, solve, order):
    for seed in range(3):
        X, y = arrays(task, seed)
        found = solve(X, y)
        w = cp.Variable(X.shape[1])
        best = cp.Problem(cp.Minimize(cp.norm(w, order)), [cp.multiply(y, X @ w) >= 1]).solve(cp.CLARABEL)
        assert found.norm == pytest.approx(best, rel=1e-6)
        assert np.linalg.norm(found.w, order) == pytest.approx(found.norm, rel=1e-9)
        assert (y * (X @ found.w)).min() >= 1 - 1e-12
        assert found.gap <= 1e-8


def test_l2_max_margin_satisfies_its_kkt_conditions():
    X, y = arrays(TASKS[1], 0)
    w = l2_max_margin(X, y).w
    mu = np.linalg.lstsq((X * y[:, None]).T, w, rcond=None)[0]  # stationarity: w = Σ μ_i y_i x_i
    np.testing.assert_allclose((X * y[:, None]).T @ mu, w, atol=1e-10)
    assert mu.min() >= -1e-10
    assert np.abs(mu * (y * (X @ w) - 1)).max() <= 1e-9  # complementarity


def test_l1_max_margin_says_so_when_it_misses_its_gap():
    with pytest.raises(ArithmeticError, match="L1 max margin: gap"):
        l1_max_margin(*arrays(TASKS[0], 0), gap=-1.0)


def test_l2_max_margin_says_so_when_there_are_too_many_points():
    with pytest.raises(ArithmeticError, match="the 3 training points must be linearly independent"):
        l2_max_margin(np.ones((3, 2)), np.ones(3))


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


def test_zero_filled_completion_knows_both_halves():
    data = MultiplicationTable(d=9, observed=0.3).draw(0)
    zero_filled = solve_references(data, Factorization(1.0), 0).predictors["zero_filled"]
    seen = data.observed | data.observed.T
    assert torch.equal(zero_filled[seen], data.target[seen])
    assert not zero_filled[~seen].any()


def test_alignment_is_one_at_the_reference_itself():
    data = SparseClassification(n=12, d=60, k=3, n_test=20).draw(0)
    references = solve_references(data, DiagonalNet(1.0), 0)
    table = align(data, 3 * torch.stack(list(references.predictors.values())), references)
    assert table.loc[0, ["cosine_to_l2_max_margin", "relative_l2_margin"]].to_list() == pytest.approx([1, 1])
    assert table.loc[1, ["cosine_to_l1_max_margin", "relative_l1_margin"]].to_list() == pytest.approx([1, 1])
    assert (table[["relative_l1_margin", "relative_l2_margin"]] <= 1 + 1e-8).all(axis=None)


def test_distance_is_zero_at_the_reference_itself():
    data = MultiplicationTable(d=9, observed=0.4).draw(0)
    references = solve_references(data, Factorization(1.0), 0)
    table = align(data, torch.stack([*references.predictors.values(), data.target]), references)
    names = ["distance_to_zero_filled", "distance_to_minimum_nuclear_norm", "distance_to_target"]
    assert np.diag(table[names]) == pytest.approx(0)
    assert table.loc[0, "largest_unobserved"] == 0


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


def test_multiclass_max_margin_says_so_when_there_is_none():
    with pytest.raises(ArithmeticError, match="not separated"):
        multiclass_max_margin(torch.tensor([[1.0], [2.0], [3.0], [4.0]]), torch.arange(4) % 2, 2)


def test_kernel_classifier_is_the_nets_first_order_limit():
    """Scaled up, a net with W₂ = 0 trained by gradient descent ends its kernel regime near the kernel classifier."""
    data = ModularAddition(p=7, observed=0.6).draw(0)
    net = TwoLayerNet(width=64, init_scale=300.0, zero_last_layer=True, dtype="float64")
    references = solve_references(data, net, 0)
    assert references.facts["kernel"]["train_accuracy"] == 1
    system = net.flow_system(data, 1e-5, seed=0)
    flow = GradientFlow(0.1, largest_step=0.1)
    *_, state = flow.advance(system, flow.start(system), 200, 1.0)
    columns = align(data, system.observe(0.0, state.y)[1][None], references)
    assert columns["agreement_with_kernel"][0] > 0.7
    assert align(data, references.predictors["kernel"][None], references)["agreement_with_kernel"][0] == 1


def test_no_kernel_classifier_where_the_first_output_is_not_zero(tmp_path):
    """Assumption 3.2 of Lyu et al. 2024."""
    references = solve_references(ModularAddition(p=5, observed=0.6).draw(0), TwoLayerNet(width=8), 0)
    assert references.predictors == {}
    references.write(tmp_path, {})
    assert References.read(tmp_path).facts == {}


def test_theory_speaks_of_the_nets_of_lyu_and_not_of_gromovs():
    assert all(has_theory(model) for model in (DiagonalNet(1.0), Factorization(1.0), TwoLayerNet(width=8)))
    assert not has_theory(QuadraticNet(width=8))


def test_critical_time_of_figure_3():
    assert critical_time(10, 1e-4) / 0.1 == pytest.approx(2.3026e5, rel=1e-4)
    assert critical_time(math.e, 1) == 1
    assert critical_time(1, 1e-3) == critical_time(10, 0) == math.inf


def test_fitted_line_agrees_with_a_second_least_squares():
    x, y = np.array([1.0, 2.0, 4.0, 7.0]), np.array([3.1, 4.9, 9.2, 14.7])
    line, other = fitted_line(x, y), linregress(x, y)
    assert (line.slope, line.intercept) == pytest.approx((other.slope, other.intercept))
    assert line.half_width == pytest.approx(4.302653 * other.stderr)  # Student's t, 2 degrees of freedom, 97.5 %
    assert np.isnan(fitted_line(x[:2], y[:2]).half_width)
