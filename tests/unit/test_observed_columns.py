"""What is observed of a state, summed one by one or by autograd: margins, multipliers, scales, rounding, waves."""

import math

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from grokking.kernels.margin_losses import MARGIN_LOSSES
from grokking.models.diagonal_net import DiagonalNet
from grokking.models.factorization import Factorization
from grokking.models.quadratic_net import QuadraticNet
from grokking.models.two_layer_net import TwoLayerNet
from grokking.nets.all_pairs import outputs, preactivations
from grokking.nets.diagonal_shapes import SHAPES
from grokking.nets.objective import GradientFlowSystem
from grokking.nets.wave_weights import NeuronWaves, WaveWeights
from grokking.tasks.modular_addition import ModularAddition
from grokking.tasks.multiplication_table import MultiplicationTable
from grokking.tasks.sparse_classification import SparseClassification

LINEAR = SparseClassification(n=5, d=12, k=3, n_test=10).draw(0)
PAIRS = ModularAddition(p=5, observed=0.6).draw(0)
DERIVATIVES = {"logistic": lambda q: -1 / (1 + math.exp(q)), "exponential": lambda q: -math.exp(-q)}
VALUES = {"logistic": lambda q: math.log1p(math.exp(-q)), "exponential": lambda q: math.exp(-q)}


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def fitting(depth):
    """Weights of a diagonal net that fit some or all of the training set: the least-squares solution and a bit."""
    goal = LINEAR.y * torch.arange(1.0, 6, dtype=torch.float64)
    w = torch.from_numpy(np.linalg.lstsq(LINEAR.X.numpy(), goal.numpy())[0])
    return torch.stack([w.clamp(min=0) ** (1 / depth), (-w).clamp(min=0) ** (1 / depth)])


@pytest.mark.parametrize("loss", MARGIN_LOSSES)
@pytest.mark.parametrize("depth", SHAPES)
def test_columns_of_a_diagonal_net_are_sums_over_its_samples(depth, loss):
    """Where the data are fitted with margins from 1 to 5, and where they are not."""
    ours = DiagonalNet(init_norm=1.0, depth=depth, loss=loss).objective(LINEAR, 0)
    for theta in (fitting(depth), fitting(depth) * torch.tensor([[1.0], [0.0]], dtype=torch.float64)):
        u, v = theta.tolist()
        w = [a**depth - b**depth for a, b in zip(u, v, strict=True)]
        q = [y * sum(a * x for a, x in zip(w, row, strict=True))
             for row, y in zip(LINEAR.X.tolist(), LINEAR.y.tolist(), strict=True)]  # fmt: skip
        columns, record = ours.observe(theta)
        assert columns["train_loss"] == pytest.approx(sum(map(VALUES[loss], q)) / 5, rel=1e-9)
        assert columns["train_accuracy"] == sum(one > 0 for one in q) / 5
        assert columns["parameter_norm"] == pytest.approx(math.sqrt(sum(a * a for a in [*u, *v])), rel=1e-12)
        weights = [-DERIVATIVES[loss](one) for one in q]
        mean = sum(mu * one for mu, one in zip(weights, q, strict=True)) / sum(weights)
        expected = mean / min(q) - 1 if min(q) > 0 else math.nan
        assert columns["complementarity"] == pytest.approx(expected, rel=1e-9, nan_ok=True)
        assert record.tolist() == pytest.approx(w)
    assert sorted(round(one) for one in (LINEAR.y * (LINEAR.X @ ours.observe(fitting(depth))[1])).tolist()) == [
        1, 2, 3, 4, 5
    ]  # fmt: skip


def test_an_output_of_zero_is_not_right():
    ours = DiagonalNet(init_norm=1.0).objective(LINEAR, 0)
    assert ours.observe(ours.initial)[0]["train_accuracy"] == 0


@pytest.mark.parametrize("depth", SHAPES)
def test_formulas_of_a_depth_agree_with_its_layers(depth):
    """w, powers and the distance from the decayed start from u and v themselves."""
    shape, log_scale = SHAPES[depth], -0.7
    z = random(6) / 10
    layers = shape.layers(log_scale, z)
    u, v = layers
    torch.testing.assert_close(shape.weights(log_scale, z), u**depth - v**depth)
    for exponent in (2, 4):
        torch.testing.assert_close(shape.powers(log_scale, z, exponent), u**exponent + v**exponent)
    torch.testing.assert_close(shape.deviation(z), (layers / math.exp(log_scale) - 1).norm())


def test_columns_of_a_factorisation_are_sums_over_its_entries():
    data = MultiplicationTable(d=4, observed=0.5).draw(0)
    theta = random(2, 4, 4)
    columns, record = Factorization(init_scale=1.0).objective(data, 0).observe(theta)
    U, V = theta.tolist()
    W = [[sum(a * b for a, b in zip(U[i], U[j], strict=True)) - sum(a * b for a, b in zip(V[i], V[j], strict=True))
          for j in range(4)] for i in range(4)]  # fmt: skip
    errors = [(W[i][j] - data.target[i, j].item()) ** 2 for i, j in np.ndindex(4, 4) if data.observed[i, j]]
    assert columns["train_loss"] == pytest.approx(np.mean(errors))
    assert columns["parameter_norm"] == pytest.approx(math.sqrt(sum(x * x for x in theta.flatten().tolist())))
    np.testing.assert_allclose(record, W)


def test_complementarity_and_margin_of_a_net_are_sums_over_samples_and_classes():
    """After a little training all pairs are right, with margins that differ."""
    ours = TwoLayerNet(width=48, dtype="float64").objective(PAIRS, 1)
    theta = ours.initial.clone()
    for _ in range(300):
        theta -= 2 * ours.gradient(theta)
    columns, _ = ours.observe(theta)
    W1, b1, W2 = theta[:10], theta[10], theta[11:]
    z = [
        (torch.relu(W1[a] + W1[5 + b] + b1) @ W2.T).tolist() for a, b in zip(PAIRS.train.a, PAIRS.train.b, strict=True)
    ]
    above, below, least = 0.0, 0.0, math.inf
    for scores, c in zip(z, PAIRS.train.c.tolist(), strict=True):
        total = sum(math.exp(score) for score in scores)
        for j, score in enumerate(scores):
            if j != c:
                above += math.exp(score) / total * (scores[c] - score)
                below += math.exp(score) / total
                least = min(least, scores[c] - score)
    assert least > 0
    assert columns["complementarity"] == pytest.approx(above / below / least - 1, rel=1e-9)
    assert columns["normalised_margin"] == pytest.approx(least / theta.square().sum().item(), rel=1e-9)


@pytest.mark.parametrize("depth", SHAPES)
@pytest.mark.parametrize("loss", MARGIN_LOSSES)
def test_errors_of_the_dual_variable_are_counted_by_what_they_change_in_log_w(depth, loss):
    """A change of s of this size, along the data of the largest weight, changes log |w| by about 1; early by ‖s‖."""
    dual = DiagonalNet(init_norm=1.0, depth=depth, loss=loss).objective(LINEAR, 0).flow(0.1)
    X, s = LINEAR.X, {2: 0.5, 3: 0.05}[depth] * LINEAR.X[:, 0]  # for depth 3 the pole is at z = 1/3, and this 0.25
    largest = int((X.T @ s).abs().argmax())
    column = X[:, largest] / X[:, largest].norm()

    def log_w(s):
        return dual.shape.weights(0.0, X.T @ s)[largest].abs().log()

    step = 1e-5 * dual.error_scale(s)
    assert (log_w(s + step * column) - log_w(s)) / 1e-5 == pytest.approx(1, rel=0.05)
    assert dual.error_scale(1e-3 * s) == pytest.approx(1e-3 * float(s.norm()))


def test_the_share_of_rounding_errors_is_that_of_the_gradient_that_was_computed():
    """Outputs so sure that the loss is near the rounding of float32: a gradient that is half wrong says so."""
    ours = TwoLayerNet(width=48).objective(PAIRS, 1)
    theta = ours.initial.clone()
    for _ in range(500):
        theta -= 2 * ours.gradient(theta)

    def loss(theta):
        pre = theta[PAIRS.train.a] + theta[5 + PAIRS.train.b] + theta[10]
        return cross_entropy(torch.relu(pre) @ theta[11:].T, PAIRS.train.c)

    while loss(theta.double()) > 2e-5:
        theta *= 1.05
    leaf = theta.double().requires_grad_()
    (exact,) = torch.autograd.grad(loss(leaf), leaf)
    wrong = 0.5 * random(*exact.shape) * exact.norm() / random(*exact.shape).norm()
    for decay in (0.0, 2 * float(exact.norm() / theta.norm())):
        expected = 0.5 * float(exact.norm()) / (float(exact.norm()) + decay * float(theta.norm()))
        assert ours.rounding(theta, (exact + wrong).float(), decay) == pytest.approx(expected, rel=1e-3)
        velocity = -(exact + wrong + decay * theta).float()
        assert GradientFlowSystem(ours, decay).rounding(theta, velocity) == pytest.approx(expected, rel=1e-3)
    assert ours.rounding(ours.initial, (exact + wrong).float(), 0.0) == 0


def test_preactivations_have_n_down_and_m_across():
    theta = random(9, 4)
    found = preactivations(theta, 3)
    for n, m, k in np.ndindex(3, 3, 4):
        assert found[n, m, k].item() == pytest.approx((theta[n, k] + theta[3 + m, k]).item() / math.sqrt(6))


def test_all_pairs_of_the_quadratic_net_are_what_it_is_trained_on():
    net = QuadraticNet(width=6, dtype="float64")
    ours = net.objective(PAIRS, 0)
    z = outputs(ours.initial, 5)[PAIRS.train.a, PAIRS.train.b]
    right = torch.zeros_like(z)
    right[range(len(z)), PAIRS.train.c.tolist()] = 1
    assert ours.observe(ours.initial)[0]["train_loss"] == pytest.approx((z - right).square().mean().item())


def test_a_waves_share_is_its_part_of_the_power_in_each_block():
    """Amplitudes 2 and 1 in the first block, one wave in the others: (4/5 + 1 + 1)/3; a mean is no wave."""
    p, v = 11, torch.arange(11.0, dtype=torch.float64)
    wave = [torch.cos(2 * math.pi * k * v / p) for k in (2, 3)]
    theta = torch.cat([2 * wave[0] + wave[1], wave[0], wave[0] + 5])[:, None]
    found = NeuronWaves.of(theta)
    assert found.share.item() == pytest.approx((0.8 + 1 + 1) / 3)
    assert found.frequency.item() == 2


@pytest.mark.parametrize("amplitude", [1, (4 * 7) ** (1 / 3)])
def test_amplitude_of_the_closed_form(amplitude):
    """Each of its waves has the root mean square amplitude / √2, whatever the phase."""
    theta = WaveWeights(amplitude="printed" if amplitude == 1 else "unit_peak").theta(7, 6, 0)
    torch.testing.assert_close(theta.reshape(3, 7, 6).square().mean(1), torch.full((3, 6), amplitude**2 / 2).double())
