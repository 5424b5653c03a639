"""Hand-written gradients against autograd, and the dual reduction against the full system."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from torch.nn.functional import softplus

from grokking.dynamics.gradient_descent import GradientDescent
from grokking.kernels.margin_losses import MARGIN_LOSSES
from grokking.models.diagonal_net import DiagonalNet
from grokking.models.factorization import Factorization
from grokking.models.quadratic_net import QuadraticNet
from grokking.nets.diagonal_shapes import SHAPES
from grokking.nets.dual_diagonal_net import DualDiagonalNet
from grokking.nets.objective import GradientFlowSystem, Noise, Objective
from grokking.parts.errors import ConfigError
from grokking.specs.run import RunSpec
from grokking.tasks.modular_addition import ModularAddition
from grokking.tasks.multiplication_table import MultiplicationTable
from grokking.tasks.sparse_classification import SparseClassification
from grokking.tasks.sparse_regression import SparseRegression

DECAY = 0.03
ROWS = torch.tensor([4, 1, 4])  # a batch may hold a sample twice
XI = np.array([0.3, -1.2, 0.7])
CLASSES = SparseClassification(n=6, d=15, k=3, n_test=20).draw(0)
NUMBERS = SparseRegression(n=6, d=15, kappa=3).draw(0)
MATRIX = MultiplicationTable(d=6, observed=0.5).draw(0)
DIAGONAL_LOSSES = [*MARGIN_LOSSES, "squared"]


def diagonal(loss, depth=2):
    """The objective, and the loss of each sample from its output f, its target y and the noise on it."""
    data = NUMBERS if loss == "squared" else CLASSES
    each = {
        "logistic": lambda f, y, xi: softplus(-y * f),
        "exponential": lambda f, y, xi: torch.exp(-y * f),
        "squared": lambda f, y, xi: (f - y + xi) ** 2,
    }[loss]

    def batch_loss(theta, rows=slice(None), xi=0.0):
        u, v = theta
        return each(data.X[rows] @ (u**depth - v**depth), data.y[rows], xi).mean()

    return DiagonalNet(init_norm=3.0, depth=depth, loss=loss).objective(data, 0), batch_loss


def factorization():
    """The same for a factorisation, entry by entry."""
    entries = [(i, j) for i in range(6) for j in range(6) if MATRIX.observed[i, j]]

    def batch_loss(theta, rows=slice(None), xi=0.0):
        U, V = theta
        numbers = torch.arange(len(entries))[rows].tolist()
        errors = [U[i] @ U[j] - V[i] @ V[j] - MATRIX.target[i, j] for i, j in (entries[k] for k in numbers)]
        return (torch.stack(errors) + xi).square().mean()

    return Factorization(init_scale=2.0).objective(MATRIX, 0), batch_loss


CASES = {
    **{f"diagonal, {loss}, L = {depth}": (diagonal, loss, depth) for loss in DIAGONAL_LOSSES for depth in SHAPES},
    "factorization": (factorization,),
}
NOISY = [case for case in CASES if "squared" in case or case == "factorization"]


def gradient_of(loss, theta):
    theta = theta.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(theta), theta)
    return gradient


def random_like(theta):
    return torch.randn(theta.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("case", CASES)
def test_gradient_and_loss(case):
    make, *arguments = CASES[case]
    ours, loss = make(*arguments)
    theta = random_like(ours.initial)
    torch.testing.assert_close(ours.gradient(theta), gradient_of(loss, theta), rtol=1e-12, atol=1e-14)
    velocity = GradientFlowSystem(ours, DECAY).velocity(0.0, theta)
    torch.testing.assert_close(velocity, -gradient_of(loss, theta) - DECAY * theta, rtol=1e-12, atol=1e-14)
    assert ours.observe(theta)[0]["train_loss"] == pytest.approx(loss(theta).item(), rel=1e-13)
    assert ours.samples == len(torch.arange(36)[MATRIX.observed.flatten()] if case == "factorization" else CLASSES.y)


@pytest.mark.parametrize("case", CASES)
def test_gradient_of_a_batch(case):
    make, *arguments = CASES[case]
    ours, loss = make(*arguments)
    theta = random_like(ours.initial)
    expected = gradient_of(lambda theta: loss(theta, ROWS), theta)
    torch.testing.assert_close(ours.gradient(theta, ROWS), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("case", NOISY)
def test_noise_on_the_targets(case):
    make, *arguments = CASES[case]
    ours, loss = make(*arguments)
    theta = random_like(ours.initial)
    for rows, xi in ((ROWS, XI), (None, np.random.default_rng(0).standard_normal(ours.samples))):
        chosen = slice(None) if rows is None else rows
        expected = gradient_of(lambda theta, rows=chosen, xi=xi: loss(theta, rows, torch.from_numpy(xi)), theta)
        found = ours.gradient(theta, rows, Noise(seed=0, step=1, labels=xi))
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("case", NOISY)
@pytest.mark.parametrize("noisy", [True, False])
@pytest.mark.parametrize("batch", [1, 3])
def test_many_steps_at_once_are_as_many_steps(case, noisy, batch):
    make, *arguments = CASES[case]
    ours, loss = make(*arguments)
    generator = np.random.default_rng(3)
    rows, rates = generator.integers(0, 6, (40, batch)), generator.uniform(0.005, 0.02, 40)
    xi = generator.standard_normal((40, batch)) if noisy else np.zeros((40, batch))
    expected = 0.2 * random_like(ours.initial)
    start = expected.clone()
    for step in range(40):
        slope = gradient_of(lambda theta, step=step: loss(theta, rows[step], torch.from_numpy(xi[step])), expected)
        expected -= rates[step] * slope
    for descend in (type(ours).descend, Objective.descend):
        found = descend(ours, start, rates, rows, xi if noisy else None)
        torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-13)


def test_noise_on_classes_is_refused():
    ours, _ = diagonal("logistic")
    with pytest.raises(ValueError, match="real targets"):
        ours.gradient(ours.initial, ROWS, Noise(seed=0, step=1, labels=XI))


@pytest.mark.parametrize(
    ("task", "model", "dynamics", "message"),
    [
        (SparseRegression(9, 9, 1), DiagonalNet(1.0), GradientDescent(), "allowed: squared"),
        (SparseClassification(9, 9, 1), DiagonalNet(1.0, loss="squared"), GradientDescent(), "logistic, exponential"),
        (ModularAddition(5, 0.5), QuadraticNet(8), GradientDescent(label_noise=0.1), "targets are classes"),
    ],
)
def test_a_loss_that_does_not_fit_the_targets_is_refused(task, model, dynamics, message):
    with pytest.raises(ConfigError, match=message):
        RunSpec(task=task, model=model, dynamics=dynamics, learning_rate=0.1, steps=5, seed=0)


@pytest.mark.parametrize("case", CASES)
def test_output_is_zero_at_initialisation(case):
    """Assumption 3.2 of Lyu et al. 2024."""
    make, *arguments = CASES[case]
    ours, _ = make(*arguments)
    assert not ours.observe(ours.initial)[1].any()
    if case != "factorization":
        assert ours.initial.norm().item() == pytest.approx(3.0, rel=1e-14)


def test_initial_norm_of_the_papers_factorization():
    data = MultiplicationTable(d=97, observed=0.05).draw(0)
    assert Factorization(10.0).objective(data, 0).initial.norm().item() == pytest.approx(math.sqrt(2 * 97 * 100))


def solved(system, times):
    """y at `times` by SciPy's Radau at tight tolerance, [T, …]."""
    shape = system.initial.shape

    def rhs(t, y):
        return system.velocity(t, torch.from_numpy(y).reshape(shape)).flatten().numpy()

    found = solve_ivp(rhs, (0, times[-1]), system.initial.flatten().numpy(), "Radau", times, rtol=1e-10, atol=1e-13)
    return torch.from_numpy(found.y.T.copy()).reshape(-1, *shape)


@pytest.mark.parametrize("loss", MARGIN_LOSSES)
@pytest.mark.parametrize("depth", SHAPES)
def test_dual_flow_is_the_flow_of_the_net(depth, loss):
    """θ, w, loss and norm agree all along."""
    ours, _ = diagonal(loss, depth)
    primal, dual = GradientFlowSystem(ours, DECAY), ours.flow(DECAY)
    times = np.geomspace(0.01, 150, 12)
    thetas, ss = solved(primal, times), solved(dual, times)
    t = torch.from_numpy(times)
    w_primal = primal.predictors(t, torch.stack([primal.observe(0.0, theta)[1] for theta in thetas]))
    w_dual = dual.predictors(t, torch.stack([dual.observe(0.0, s)[1] for s in ss]))
    torch.testing.assert_close(w_primal, w_dual, rtol=1e-6, atol=1e-9)
    for time, theta, s in zip(times, thetas, ss, strict=True):
        torch.testing.assert_close(dual.weights(time, s), theta, rtol=1e-6, atol=1e-9)
        assert primal.observe(time, theta)[0] == pytest.approx(dual.observe(time, s)[0], rel=1e-6)


def test_only_the_models_own_start_has_a_dual_flow():
    ours, _ = diagonal("logistic")
    assert isinstance(ours.flow(DECAY), DualDiagonalNet)
    ours.initial = random_like(ours.initial)
    assert torch.equal(ours.flow(DECAY).initial, ours.initial)
    assert isinstance(diagonal("squared")[0].flow(DECAY), GradientFlowSystem)


def test_dual_flow_survives_huge_initial_scales_and_late_times():
    dual = DiagonalNet(init_norm=1e150).objective(CLASSES, 0).flow(1.0)
    s = 0.1 * torch.ones(6, dtype=torch.float64)
    assert torch.isfinite(dual.velocity(700.0, 280 * s)).all()
    assert math.isfinite(dual.observe(700.0, s)[0]["parameter_norm"])
