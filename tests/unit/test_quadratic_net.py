"""The quadratic net of Gromov 2023 against its formula, autograd, and torch's optimisers."""

from dataclasses import replace

import pytest
import torch
from torch.nn.functional import mse_loss, one_hot

from grokking.analyses.net_training import NetTraining
from grokking.analyses.regularised_training import Net, RegularisedTraining, batches
from grokking.dynamics import AdamW, GradientDescent, GradientFlow, Momentum
from grokking.kernels.gram_gradient import gram_gradient
from grokking.kernels.losses import LOSSES
from grokking.models import QuadraticNet
from grokking.runs import RunSpec
from grokking.specs.run import Schedule
from grokking.tasks import ModularFunction
from tests.unit.test_runs import content, run

P, N, DECAY = 7, 11, 1e-3
TASK = ModularFunction(p=P, observed=0.6, function="n^2 + m")
DATA = TASK.draw(0)
NET = QuadraticNet(width=N, dtype="float64")


def outputs(theta, pairs):
    """f(x) = (1/DN) W₂ (W₁ x)² with dense one-hot inputs, as the paper writes it."""
    W1, W2 = theta[: 2 * P].T, theta[2 * P :]
    x = torch.cat([one_hot(pairs.a, P), one_hot(pairs.b, P)], dim=1).to(theta)
    return (x @ W1.T).square() @ W2.T / (2 * P * theta.shape[1])


def loss_of(theta, pairs=DATA.train):
    return mse_loss(outputs(theta, pairs), one_hot(pairs.c, P).to(theta))


def test_outputs_and_columns_are_those_of_the_formula():
    system = NET.descent_system(DATA, 0.0, seed=1)
    theta = system.initial
    torch.testing.assert_close(system.test.outputs(theta), outputs(theta, DATA.test))
    columns, table = system.observe(0.0, theta)
    assert columns["train_loss"] == pytest.approx(float(loss_of(theta)))
    assert columns["test_loss"] == pytest.approx(float(loss_of(theta, DATA.test)))
    right = (outputs(theta, DATA.test).argmax(1) == DATA.test.c).double().mean()
    assert columns["test_accuracy"] == pytest.approx(float(right))
    assert columns["moved"] == 0
    assert columns["first_norm"] ** 2 + columns["second_norm"] ** 2 == pytest.approx(columns["parameter_norm"] ** 2)
    assert table.shape == (P, P)


@pytest.mark.parametrize("rows", [5, 1000])
def test_gradient_without_the_outputs_is_the_same(rows):
    net = replace(NET.descent_system(DATA, 0.0, seed=1).train, rows=rows)
    theta = NET.theta(P, seed=2)
    torch.testing.assert_close(
        gram_gradient(net, theta), net.gradient(theta, LOSSES["squared"].residuals), rtol=1e-12, atol=1e-14
    )


@pytest.mark.parametrize("width", [P - 2, N], ids=["narrow, without the outputs", "wide"])
def test_velocity_is_minus_the_gradient(width):
    system = replace(NET, width=width).descent_system(DATA, DECAY, seed=1)
    theta = system.initial.clone().requires_grad_()
    total = loss_of(theta) + DECAY / 2 * theta.square().sum()
    (gradient,) = torch.autograd.grad(total, theta)
    torch.testing.assert_close(system.velocity(0.0, theta.detach()), -gradient, rtol=1e-12, atol=1e-14)
    plain = torch.autograd.grad(loss_of(theta), theta)[0]
    columns, _ = system.observe(0.0, theta.detach())
    assert columns["first_gradient"] == pytest.approx(float(plain[: 2 * P].norm()))
    assert columns["second_gradient"] == pytest.approx(float(plain[2 * P :].norm()))


def test_a_wide_net_starts_at_the_loss_of_zero_output():
    data = ModularFunction(p=97, observed=0.49).draw(0)
    columns, _ = QuadraticNet(width=500).descent_system(data, 0.0, 0).observe(0.0, QuadraticNet(500).theta(97, 0))
    assert columns["train_loss"] == pytest.approx(1 / 97, rel=0.01)


OPTIMIZERS = {
    "momentum": (Momentum(momentum=0.8), lambda p, lr: torch.optim.SGD(p, lr, momentum=0.8)),
    "adamw": (
        AdamW(decay=0.2, beta1=0.8, beta2=0.97, epsilon=1e-12),
        lambda p, lr: torch.optim.AdamW(p, lr, weight_decay=0.2, betas=(0.8, 0.97), eps=1e-12),
    ),
    "gradient_descent": (GradientDescent(), lambda p, lr: torch.optim.SGD(p, lr)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimisers_step_like_those_of_torch(name):
    dynamics, make = OPTIMIZERS[name]
    learning_rate = 0.02 if name == "adamw" else 5.0
    system = NET.descent_system(DATA, 0.0, seed=1)
    theta = system.initial.clone().requires_grad_()
    optimizer = make([theta], learning_rate)
    for _ in range(25):
        optimizer.zero_grad()
        loss_of(theta).backward()
        optimizer.step()
    *_, ours = dynamics.advance(system, dynamics.start(system), 25, learning_rate)
    torch.testing.assert_close(ours.y, theta.detach(), rtol=1e-9, atol=1e-11)
    assert ours.evaluations == 25
    assert torch.equal(system.initial, NET.theta(P, 1)), "a run must not change its initial point"


@pytest.mark.parametrize("dynamics", [Momentum(), AdamW(decay=0.1)])
def test_optimisers_resume_with_the_same_bytes(dynamics, tmp_path):
    spec = RunSpec(TASK, replace(NET, dtype="float32"), dynamics, Schedule(0.0, 0.1, 200, 8), 0)
    system = spec.model.descent_system(DATA, 0.0, 0)
    *_, halfway = dynamics.advance(system, dynamics.start(system), 100, 0.1)
    *_, resumed = dynamics.advance(system, halfway, 200, 0.1)
    *_, at_once = dynamics.advance(system, dynamics.start(system), 200, 0.1)
    assert torch.equal(resumed.y, at_once.y)
    run(spec, tmp_path)
    assert content(tmp_path, spec)


def test_flow_and_small_steps_agree():
    system = NET.flow_system(DATA, 0.0, seed=2)
    flow = GradientFlow(tolerance=1e-6)
    *_, followed = flow.advance(system, flow.start(system), 100, 10.0)
    descent = GradientDescent()
    *_, stepped = descent.advance(system, descent.start(system), 10_000, 0.1)
    torch.testing.assert_close(followed.y, stepped.y, rtol=1e-3, atol=1e-3)


def test_plain_regularised_training_is_gradient_descent():
    """A second derivation of the gradient: torch's modules, autograd and optimiser against the hand-written net."""
    settings = RegularisedTraining(p=P, observed=0.6, width=N, learning_rate=50.0, steps=30)
    task = ModularFunction(p=P, observed=0.6)
    data, net = task.draw(0), Net(settings, 0)
    optimizer = torch.optim.SGD(net.parameters(), 50.0)
    for n, m, c in batches(data.train, settings.batch, 30, 0):
        optimizer.zero_grad()
        mse_loss(net(n, m), one_hot(c, P).float()).backward()
        optimizer.step()
    training = NetTraining(task, N, "gradient_descent", 50.0)
    torch.testing.assert_close(net.theta.detach(), training.final(training.system(0), 30), rtol=1e-4, atol=1e-5)


def test_batches_pass_over_the_training_set():
    pairs = tuple(torch.arange(10) for _ in range(3))
    seen = [batch[0].tolist() for batch in batches(pairs, 4, 5, 0)]
    assert [len(batch) for batch in seen] == [4] * 5
    assert len({*seen[0], *seen[1]}) == 8  # no pair twice in one pass


def test_dropout_and_batch_normalisation_act_in_training_only():
    settings = RegularisedTraining(p=P, observed=0.6, width=N, learning_rate=1.0, steps=3, dropout=0.5, batch_norm=1)
    net = Net(settings, 0)
    n, m, c = DATA.train
    assert not torch.equal(net(n, m), net(n, m))
    net.accuracy((n, m, c))
    assert net.training
    table = settings.table(0)
    assert table["step"].iloc[-1] == 3
    assert table[["train_accuracy", "test_accuracy"]].notna().all(axis=None)
