"""The solutions that theory names, and the distance of trained predictors from them, also away from them."""

import itertools
import math

import cvxpy as cp
import numpy as np
import pandas as pd
import pytest
import torch

from grokking.analyses.tables.references import solve_references
from grokking.data.completion import CompletionData
from grokking.data.operation import Pairs
from grokking.dynamics.gradient_flow import GradientFlow
from grokking.failures import DamagedResult
from grokking.models.diagonal_net import DiagonalNet
from grokking.models.factorization import Factorization
from grokking.models.two_layer_net import TwoLayerNet
from grokking.specs.run import RunSpec
from grokking.starts.final_weights import FinalWeights
from grokking.store.references import read_references, write_references
from grokking.tasks.margin_classification import MarginClassification
from grokking.tasks.modular_addition import ModularAddition
from grokking.tasks.modular_function import ModularFunction
from grokking.tasks.multiplication_table import MultiplicationTable
from grokking.tasks.sparse_classification import SparseClassification
from grokking.tasks.sparse_regression import SparseRegression
from grokking.theory.kernel_classifier import hidden_layer
from grokking.theory.phases_of import phases_of
from grokking.theory.references import References

CLASSIFICATION = SparseClassification(n=12, d=30, k=3, n_test=20), DiagonalNet(1.0)
COMPLETION = MultiplicationTable(d=7, observed=0.4), Factorization(1.0)
REGRESSION = SparseRegression(n=6, d=15, kappa=2), DiagonalNet(4.0, loss="squared")
OPERATION = ModularAddition(p=5, observed=0.7), TwoLayerNet(width=12, zero_last_layer=True)


def spec_of(task, model, **changes):
    return RunSpec(task=task, model=model, dynamics=GradientFlow(), learning_rate=1.0, steps=1, seed=0, **changes)


def solved(task, model, **changes):
    data = task.draw(0)
    return data, solve_references(spec_of(task, model, **changes))


def align(kind, data, predictors, references):
    columns = phases_of(kind).align(data, predictors, references)
    return pd.DataFrame(columns, index=range(len(predictors)))


def random(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_max_margin_properties_are_those_of_its_weights():
    data, references = solved(*CLASSIFICATION)
    for p, name in ((2, "l2_max_margin"), (1, "l1_max_margin")):
        w, known = references.predictors[name], references.properties[name]
        assert known["norm"] == pytest.approx(np.linalg.norm(w.numpy(), p))
        smallest = min(float(y * (x @ w)) for x, y in zip(data.X, data.y, strict=True))
        assert known["margin"] == pytest.approx(smallest / known["norm"])
        q = np.array([float(y * (x @ w.float())) for X, Y in data.test_set() for x, y in zip(X, Y, strict=True)])
        assert (q > 1e-6).mean() <= known["test_accuracy"] <= (q > -1e-6).mean()  # few weights of L1 make ties
        assert known["test_loss"] == pytest.approx(np.log1p(np.exp(-q)).mean(), rel=1e-5)


def test_margins_and_cosines_of_any_weights():
    """The best margin at norm 1 is 1 / the least norm with margins of 1."""
    data, references = solved(*CLASSIFICATION)
    W = torch.cat([random(5, 30), 3 * references.predictors["l1_max_margin"][None]])
    columns = align("linear", data, W, references)
    for i, w in enumerate(W.numpy()):
        margin = min(y * (x @ w) for x, y in zip(data.X.numpy(), data.y.numpy(), strict=True))
        for p in (1, 2):
            best = references.predictors[f"l{p}_max_margin"].numpy()
            expected = margin / np.linalg.norm(w, p) * np.linalg.norm(best, p)
            cosine = w @ best / np.sqrt((w @ w) * (best @ best))
            assert columns[f"relative_l{p}_margin"][i] == pytest.approx(expected)
            assert columns[f"cosine_to_l{p}_max_margin"][i] == pytest.approx(cosine)
    assert columns["relative_l1_margin"][5] == pytest.approx(1)
    assert (columns[["relative_l1_margin", "relative_l2_margin"]] <= 1 + 1e-8).all(axis=None)


def test_more_points_than_dimensions_have_their_references_too():
    data, references = solved(MarginClassification(n=60, d=5, gamma=2.0, n_test=50), DiagonalNet(1.0))
    for w in references.predictors.values():
        assert float(((data.X @ w) * data.y).min()) == pytest.approx(1)


def test_zero_filled_completion_knows_both_halves():
    data, references = solved(*COMPLETION)
    zero_filled = references.predictors["zero_filled"]
    for i, j in itertools.product(range(7), repeat=2):
        known = data.observed[i, j] or data.observed[j, i]
        assert zero_filled[i, j] == (data.target[i, j] if known else 0)
    assert references.properties["zero_filled"]["norm"] == pytest.approx(np.linalg.norm(zero_filled.numpy(), "nuc"))


def test_distances_of_any_matrices():
    data, references = solved(*COMPLETION)
    goals = {**references.predictors, "target": data.target}
    W = torch.cat([random(3, 7, 7), data.target[None]])
    columns = align("completion", data, W, references)
    for i, matrix in enumerate(W.numpy()):
        for name, goal in goals.items():
            distance = np.sqrt(np.square(matrix - goal.numpy()).sum() / np.square(data.target.numpy()).sum())
            assert columns[f"distance_to_{name}"][i] == pytest.approx(distance)
        unseen = [
            abs(matrix[k, j])
            for k, j in itertools.product(range(7), repeat=2)
            if not data.observed[k, j] and not data.observed[j, k]
        ]
        assert columns["largest_unobserved"][i] == pytest.approx(max(unseen))


def test_distances_are_in_units_of_the_frobenius_norm():
    """Of a matrix of full rank, for which the norms differ: X* = diag(3, 4) has the norms 5, 7 and 4."""
    target, observed = torch.diag(torch.tensor([3.0, 4.0])).double(), torch.tensor([[True, False], [False, False]])
    data = CompletionData(target, observed)
    columns = align("completion", data, torch.zeros(1, 2, 2).double(), References({"own": target}, {}))
    assert columns[["distance_to_own", "distance_to_target"]].to_numpy().tolist() == [[1.0, 1.0]]


def test_kernel_classifier_has_the_largest_margin_of_the_linearised_net():
    """Features by autograd of the net itself, all weights; the margin by CVXPY, and answers where it is decided."""
    data, references = solved(*OPERATION)
    of = OPERATION[1].objective(data, 0)
    theta, p = of.initial.double(), 5

    def outputs(theta):
        pairs = torch.cartesian_prod(torch.arange(p), torch.arange(p))
        hidden = torch.relu(theta[pairs[:, 0]] + theta[p + pairs[:, 1]] + theta[2 * p])
        return hidden @ theta[2 * p + 1 :].T

    features = torch.autograd.functional.jacobian(outputs, theta).reshape(p, p, p, -1).numpy()
    observed, results = data.observed.numpy(), data.results.numpy()
    change = cp.Variable(theta.numel())
    constraints = []
    for n, m in np.argwhere(observed):
        f = features[n, m] @ change
        constraints += [f[int(results[n, m])] - f[j] >= 1 for j in range(p) if j != results[n, m]]
    cp.Problem(cp.Minimize(cp.norm(change)), constraints).solve(cp.CLARABEL)
    f = features @ change.value
    table = references.predictors["kernel"].numpy()
    ranked = np.sort(f, axis=2)
    decided = ranked[:, :, -1] - ranked[:, :, -2] > 0.5
    assert (decided & ~observed).sum() >= 3
    assert (table[decided] == f.argmax(2)[decided]).all()
    known = references.properties["kernel"]
    assert known["train_accuracy"] == 1
    assert known["test_accuracy"] == (table == results)[~observed].mean()


def test_tangent_features_are_the_gradients_of_the_outputs_by_the_read_out():
    """With biases too; features of the first layer vanish where W₂ = 0."""
    p, theta = 5, random(16, 7)
    pairs = Pairs(*torch.tensor([[0, 4, 2], [3, 3, 1], [0, 0, 0]]))

    def outputs(W2):
        one_hot = torch.zeros(3, 2 * p, dtype=torch.float64)
        for row, (a, b) in enumerate([(0, 3), (4, 3), (2, 1)]):
            one_hot[row, a] = one_hot[row, p + b] = 1
        return torch.relu(one_hot @ theta[: 2 * p] + theta[2 * p]) @ W2.T

    features = torch.autograd.functional.jacobian(outputs, torch.zeros(p, 7, dtype=torch.float64))
    for q in range(p):
        torch.testing.assert_close(hidden_layer(theta, p, pairs), features[:, q, q])


def test_agreement_is_counted_on_the_test_set():
    data, references = solved(*OPERATION)
    kernel = references.predictors["kernel"]
    generator = torch.Generator().manual_seed(0)
    tables = torch.stack([torch.randint(5, (5, 5), generator=generator, dtype=torch.int16), kernel, kernel.clone()])
    tables[2][data.observed] = (tables[2][data.observed] + 1) % 5  # wrong everywhere but on the test set
    columns = align("operation", data, tables, references)
    pairs = [(n, m) for n, m in itertools.product(range(5), repeat=2) if not data.observed[n, m]]
    expected = [np.mean([int(table[n, m] == kernel[n, m]) for n, m in pairs]) for table in tables]
    assert columns["agreement_with_kernel"].tolist() == expected
    assert expected[1:] == [1, 1]


def test_agreement_leaves_out_pairs_without_a_result():
    """n / m has no value for m = 0; there no table is right or wrong."""
    data = ModularFunction(p=7, observed=0.5, function="n/m").draw(0)
    one = torch.zeros(7, 7, dtype=torch.int16)
    other = torch.where(data.unseen, 1, 0).to(torch.int16)
    assert int((~data.observed & ~data.unseen).sum()) == 7
    columns = align("operation", data, torch.stack([one, other]), References({"kernel": other}, {}))
    assert columns["agreement_with_kernel"].tolist() == [0, 1]


def test_no_kernel_classifier_where_the_first_output_is_not_zero():
    """Assumption 3.2 of Lyu et al. 2024: not with He's last layer, and not from another run's weights."""
    data, references = solved(OPERATION[0], TwoLayerNet(width=8))
    assert references.predictors == {}
    assert solved(*OPERATION, start=FinalWeights("other"))[1].predictors == {}
    columns = align("operation", data, torch.zeros(3, 5, 5), references)
    assert (len(columns), columns.columns.tolist()) == (3, [])


def test_flow_limit_fits_the_data_from_the_runs_own_scale():
    """On w = 2α² sinh(4Xᵀs): arsinh(w/2α²)/4 is in the row space of X. The population loss by fresh inputs."""
    data, references = solved(*REGRESSION)
    w, alpha = references.predictors["flow"], 4 / math.sqrt(30)
    torch.testing.assert_close(data.X @ w, data.y)
    dual = torch.asinh(w / (2 * alpha**2)) / 4
    s = torch.from_numpy(np.linalg.lstsq(data.X.T.numpy(), dual.numpy())[0])
    torch.testing.assert_close(data.X.T @ s, dual)
    x = random(200_000, 15)
    fresh = float((x @ w - x @ data.teacher).square().mean())
    assert references.properties["flow"]["norm"] == pytest.approx(math.dist(w.tolist(), [0.0] * 15))
    assert references.properties["flow"]["population_loss"] == pytest.approx(fresh, rel=0.02)
    W = random(3, 15)
    expected = [math.dist(one.tolist(), w.tolist()) for one in W]
    assert align("regression", data, W, references)["distance_to_flow"].tolist() == pytest.approx(expected)


def test_no_flow_limit_where_the_formula_does_not_hold():
    assert solved(REGRESSION[0], DiagonalNet(1.0, depth=3, loss="squared"))[1].predictors == {}


@pytest.mark.parametrize("case", [CLASSIFICATION, (OPERATION[0], TwoLayerNet(width=8))], ids=["some", "none"])
def test_references_come_back_as_they_were_written(case, tmp_path):
    _, references = solved(*case)
    write_references(tmp_path, references, {"torch": "2"})
    again = read_references(tmp_path)
    assert again.properties == references.properties
    assert again.predictors.keys() == references.predictors.keys()
    assert all(torch.equal(again.predictors[name], w) for name, w in references.predictors.items())
    file = tmp_path / "references.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DamagedResult):
        read_references(tmp_path)
