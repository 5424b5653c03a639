"""Whole runs, from the config's words to the files, against torch's own layers, losses and optimisers in float64."""

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from scipy.integrate import quad, solve_ivp
from torch.nn.functional import cross_entropy, mse_loss, one_hot, softplus

from grokking.dynamics.steps.batches import Batches
from grokking.rng import stream
from grokking.store.sealed import read_sealed
from grokking.store.trajectory import read_trajectory
from tests.unit.small_runs import DIAGONAL, KINDS, LINEAR, MATRIX, QUADRATIC, RELU, TOKENS, carry_out, spec, steps

P, COUNT = 7, 12
WAVES, CORNERS = {**QUADRATIC, "dtype": "float64"}, {**RELU, "dtype": "float64"}


class WavesNet(torch.nn.Module):
    """f(x) = W₂ (W₁ x / √D)² / N, normalised before the square, with dropout after it."""

    def __init__(self, theta, batch_norm=False):
        super().__init__()
        self.theta = torch.nn.Parameter(theta.clone())
        width = theta.shape[1]
        self.norm = torch.nn.BatchNorm1d(width, affine=False, dtype=theta.dtype) if batch_norm else torch.nn.Identity()

    def forward(self, pairs, mask=1.0):
        x = torch.cat([one_hot(pairs.a, P), one_hot(pairs.b, P)], dim=1).to(self.theta)
        pre = self.norm(x @ self.theta[: 2 * P] / math.sqrt(2 * P))
        return (pre.square() * mask) @ self.theta[2 * P :].T / self.theta.shape[1]

    def loss(self, pairs, mask=1.0):
        z = self(pairs, mask)
        return mse_loss(z, one_hot(pairs.c, P).to(z))


class CornersNet(WavesNet):
    """f(x) = W₂ ReLU(W₁ x + b₁) with cross-entropy."""

    def forward(self, pairs, mask=1.0):
        x = torch.cat([one_hot(pairs.a, P), one_hot(pairs.b, P)], dim=1).to(self.theta)
        return torch.relu(x @ self.theta[: 2 * P] + self.theta[2 * P]) @ self.theta[2 * P + 1 :].T

    def loss(self, pairs, mask=1.0):
        return cross_entropy(self(pairs, mask), pairs.c)


@dataclass
class Case:
    """A config and torch's words for it."""

    model: dict
    dynamics: dict
    torchs: object  # parameters to optimiser
    settings: dict
    rate: object = staticmethod(lambda step: 1.0)
    filtered: object = staticmethod(lambda gradient, memory: gradient)
    batch: int = 0
    net: type = WavesNet
    dropout: float = 0.0
    memory: deque = field(default_factory=deque)


def slow_average(gradient, memory):
    """Grokfast-EMA with μ = 0.9 and factor 1.5."""
    memory.append(0.9 * (memory.pop() if memory else gradient) + 0.1 * gradient)
    return gradient + 1.5 * memory[-1]


def slow_window(gradient, memory):
    """Grokfast-MA over 5 steps with factor 2.5."""
    memory.append(gradient.clone())
    recent = list(memory)[-5:]
    return gradient + 2.5 * sum(recent) / 5 if len(recent) == 5 else gradient


SGD, ADAM, ADAMW = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
EMA = {"name": "exponential_average", "momentum": 0.9, "factor": 1.5}
MA = {"name": "moving_average", "window": 5, "factor": 2.5}
CASES = {
    "gradient descent with weight decay": Case(
        WAVES, steps("gradient_descent"), lambda p: SGD(p, 5, weight_decay=0.01), {"weight_decay": 0.01}
    ),
    "momentum with l2": Case(
        WAVES, steps("sgd", momentum=0.8), lambda p: SGD(p, 5, momentum=0.8, weight_decay=0.01), {"l2": 0.01}
    ),
    "Nesterov, warm-up": Case(
        WAVES,
        steps("sgd", momentum=0.8, nesterov=True, warm_up=4),
        lambda p: SGD(p, 5, momentum=0.8, nesterov=True),
        {},
        rate=lambda step: min(1, step / 4),
    ),
    "Adam with l2, cosine": Case(
        CORNERS,
        steps("adam", beta1=0.8, beta2=0.9, epsilon=1e-3, schedule="cosine"),
        lambda p: ADAM(p, 5, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.3),
        {"l2": 0.3, "learning_rate": 0.05},
        rate=lambda step: math.cos(math.pi * step / COUNT / 2) ** 2,
        net=CornersNet,
    ),
    "AdamW with weight decay, linear": Case(
        CORNERS,
        steps("adamw", beta1=0.8, beta2=0.9, epsilon=1e-3, schedule="linear"),
        lambda p: ADAMW(p, 5, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.3),
        {"weight_decay": 0.3, "learning_rate": 0.05},
        rate=lambda step: 1 - step / COUNT,
        net=CornersNet,
    ),
    "batches of a net with batch normalisation": Case(
        {**WAVES, "batch_norm": True}, steps("sgd", batch=8), lambda p: SGD(p, 5, momentum=0.9), {}, batch=8
    ),
    "dropout": Case({**WAVES, "dropout": 0.3}, steps("sgd"), lambda p: SGD(p, 5, momentum=0.9), {}, dropout=0.3),
    "dropout after batch normalisation, in batches, with Adam": Case(
        {**WAVES, "dropout": 0.3, "batch_norm": True},
        steps("adam", batch=8),
        lambda p: ADAM(p, 5, weight_decay=0.1),
        {"l2": 0.1, "learning_rate": 0.05},
        batch=8,
        dropout=0.3,
    ),
    "Grokfast's average": Case(
        WAVES, steps("sgd", filter=EMA), lambda p: SGD(p, 5, momentum=0.9), {}, filtered=slow_average
    ),
    "Grokfast's window": Case(
        WAVES, steps("adamw", filter=MA), lambda p: ADAMW(p, 5, weight_decay=0.1),
        {"weight_decay": 0.1, "learning_rate": 0.05}, filtered=slow_window,
    ),
}  # fmt: skip


def run_of(case):
    return spec(TOKENS, case.model, case.dynamics, **{"learning_rate": 5, "steps": COUNT, "seed": 3, **case.settings})


def trained(case, run):
    """The net after every step, from step 0 on."""
    data = run.task.draw(run.seed)
    net = case.net(run.model.objective(data, run.seed).initial, case.model.get("batch_norm", False))
    optimizer = case.torchs([net.theta])
    batches = Batches(len(data.train.c), case.batch, False, run.seed)
    seen = [net.theta.detach().clone()]
    for step in range(1, COUNT + 1):
        rows = batches.rows(step) if case.batch else slice(None)
        pairs, mask = type(data.train)(*(part[rows] for part in data.train)), 1.0
        if case.dropout:
            uniform = stream(run.seed, "dropout", step).random((len(pairs.c), net.theta.shape[1]), dtype=np.float32)
            mask = torch.from_numpy(uniform >= case.dropout).double() / (1 - case.dropout)
        optimizer.zero_grad()
        net.loss(pairs, mask).backward()
        net.theta.grad = case.filtered(net.theta.grad, case.memory)
        optimizer.param_groups[0]["lr"] = run.learning_rate * case.rate(step)
        optimizer.step()
        seen.append(net.theta.detach().clone())
    return data, net, seen


def observed(case, data, net, theta):
    """What torch sees of a net: with batch normalisation by the statistics of the training set."""
    with torch.no_grad():
        net.theta.copy_(theta)
        if case.model.get("batch_norm"):
            net.train()
            net.norm.momentum = 1.0
            net(data.train)
            count = len(data.train.c)
            net.norm.running_var.mul_((count - 1) / count)  # torch's is without bias
            net.eval()
        columns = {"parameter_norm": theta.square().sum().sqrt().item()}
        for name, pairs in (("train", data.train), ("test", data.test)):
            columns[f"{name}_loss"] = net.loss(pairs).item()
            columns[f"{name}_accuracy"] = (net(pairs).argmax(1) == pairs.c).double().mean().item()
    return columns


@pytest.mark.parametrize("name", CASES)
def test_a_run_is_torchs_training_loop(name, tmp_path):
    case = CASES[name]
    case.memory.clear()
    run = run_of(case)
    found = read_trajectory(carry_out(run, tmp_path))
    data, net, seen = trained(case, run)
    assert not torch.allclose(seen[-1], seen[0], rtol=1e-2)
    torch.testing.assert_close(found.weights, seen[-1], rtol=1e-8, atol=1e-10)
    assert len(found.table) > 4
    for row in found.table.to_dict("records"):
        step = int(row["step"])
        assert row["time"] == pytest.approx(run.learning_rate * step)
        assert row["evaluations"] == step
        expected = observed(case, data, net, seen[step])
        assert {key: row[key] for key in expected} == pytest.approx(expected, rel=1e-7)


def test_layers_gradients_and_waves_of_a_run_are_those_of_its_weights(tmp_path):
    """The last row of the table against autograd and NumPy's Fourier transform of the final weights."""
    found = read_trajectory(carry_out(run_of(CASES["momentum with l2"]), tmp_path))
    data, theta, last = found.spec.task.draw(3), found.weights, found.table.iloc[-1]
    net = WavesNet(theta)
    net.loss(data.train).backward()
    for layer, rows in (("first", slice(0, 2 * P)), ("second", slice(2 * P, 3 * P))):
        assert last[f"{layer}_norm"] == pytest.approx(theta[rows].norm().item(), rel=1e-9)
        assert last[f"{layer}_gradient"] == pytest.approx(net.theta.grad[rows].norm().item(), rel=1e-7)
    start = found.spec.model.objective(data, 3).initial
    assert last["moved"] == pytest.approx(((theta - start).norm() / start.norm()).item(), rel=1e-8)
    shares = []
    for block in theta[: 2 * P].numpy().reshape(2, P, -1):
        power = np.abs(np.fft.rfft(block, axis=0)) ** 2
        shares.append((power**2).sum(0) / power.sum(0) ** 2)
    assert last["ipr"] == pytest.approx(np.mean(shares), rel=1e-8)


def descent_of(loss, theta, decay):
    """dθ/dt of the flow down a loss with weight decay, by autograd, for SciPy."""

    def velocity(_, y):
        leaf = torch.from_numpy(y.reshape(theta.shape)).requires_grad_()
        (gradient,) = torch.autograd.grad(loss(leaf), leaf)
        return -(gradient + decay * leaf.detach()).flatten().numpy()

    return velocity


def followed(loss, theta, decay, times):
    """θ at `times` by SciPy's Radau."""
    solution = solve_ivp(
        descent_of(loss, theta, decay), (0, times[-1]), theta.flatten().numpy(), "Radau", times, rtol=1e-8, atol=1e-10
    )
    return [torch.from_numpy(y.copy()).reshape(theta.shape) for y in solution.y.T]


def test_a_flow_of_a_factorisation_passes_the_steps_when_it_should(tmp_path):
    """Losses and norm of every row at t = η · step, by another method; dense output included."""
    flow = {"name": "gradient_flow", "tolerance": 1e-6}
    run = spec(MATRIX, {"name": "factorization", "init_scale": 1.5}, flow, weight_decay=0.02, learning_rate=0.5)
    found = read_trajectory(carry_out(run, tmp_path))
    data = run.task.draw(0)

    def errors(theta):
        return theta[0] @ theta[0].T - theta[1] @ theta[1].T - data.target

    d = len(data.target)
    start = 1.5 * torch.eye(d, dtype=torch.float64).repeat(2, 1, 1)
    thetas = followed(
        lambda theta: errors(theta)[data.observed].square().mean(), start, 0.02, 0.5 * found.table["step"].to_numpy()
    )
    for row, theta in zip(found.table.to_dict("records"), thetas, strict=True):
        assert row["time"] == 0.5 * row["step"]
        assert row["train_loss"] == pytest.approx(errors(theta)[data.observed].square().mean().item(), 2e-3, 1e-5)
        assert row["test_loss"] == pytest.approx(errors(theta)[~data.observed].square().mean().item(), 2e-3, 1e-5)
        assert row["parameter_norm"] == pytest.approx(theta.norm().item(), rel=1e-3)
    torch.testing.assert_close(found.weights, thetas[-1], rtol=5e-3, atol=2e-3)


@pytest.mark.parametrize("depth", [2, 3])
def test_a_flow_of_a_diagonal_net_is_the_flow_of_its_weights(depth, tmp_path):
    """Integrated in the dual unknowns, looked at in θ; the margins, multipliers and test points summed one by one."""
    flow = {"name": "gradient_flow", "tolerance": 1e-5}
    run = spec(LINEAR, {**DIAGONAL, "depth": depth}, flow, weight_decay=0.02, learning_rate=0.5, steps=200)
    found = read_trajectory(carry_out(run, tmp_path))
    data = run.task.draw(0)

    def margins(theta, X=data.X, y=data.y):
        return y * (X @ (theta[0] ** depth - theta[1] ** depth))

    start = torch.full((2, data.X.shape[1]), 2.0 / math.sqrt(2 * data.X.shape[1]), dtype=torch.float64)
    times = 0.5 * found.table["step"].to_numpy()
    thetas = followed(lambda theta: softplus(-margins(theta)).mean(), start, 0.02, times)
    X, y = (torch.cat(parts).double() for parts in zip(*data.test_set(), strict=True))
    for row, theta in list(zip(found.table.to_dict("records"), thetas, strict=True))[1:]:
        q, unseen = margins(theta), margins(theta, X, y)
        assert row["train_loss"] == pytest.approx(softplus(-q).mean().item(), rel=2e-3)
        assert row["test_loss"] == pytest.approx(softplus(-unseen).mean().item(), rel=2e-3)
        assert row["train_accuracy"] == pytest.approx((q > 0).double().mean().item())
        assert row["test_accuracy"] == pytest.approx((unseen > 0).double().mean().item(), abs=0.021)  # of 50
        assert row["parameter_norm"] == pytest.approx(theta.norm().item(), rel=1e-3)
    assert found.table["train_accuracy"].iloc[-1] == 1


def test_the_clock_of_a_flow_down_log_loss_is_the_integral_over_its_training_loss(tmp_path):
    """log₁₀(1 + ∫ dτ / L) of the table's own τ and log L, by quadrature between the rows."""
    table = read_trajectory(carry_out(KINDS["log_loss"], tmp_path)).table
    tau, log_loss = table["time"].to_numpy(), table["log_train_loss"].to_numpy()
    assert not np.allclose(log_loss, table["log_test_loss"])
    total = 0.0
    for i in range(1, len(tau)):
        total += quad(lambda x: math.exp(-np.interp(x, tau, log_loss)), tau[i - 1], tau[i])[0]
        assert table["log10_time"][i] == pytest.approx(math.log10(1 + total), rel=1e-6)
    np.testing.assert_allclose(tau, 0.1 * table["step"])


def ends_at(table, decay, threshold):
    """The first row at which L + (λ/2)‖θ‖² has moved by less than the threshold per 1/λ, None if there is none."""
    values = (table["train_loss"] + decay / 2 * table["parameter_norm"] ** 2).to_numpy()
    times = table["time"].to_numpy()
    for i in range(1, len(times)):
        spans = decay * (times[i] - times[: i + 1])
        if not (spans >= 1).any():
            continue
        since = np.flatnonzero(spans >= 1)[-1]
        window = values[since : i + 1]
        if window[-1] <= window[0] and (window.max() - window.min()) / window[0] / spans[since] < threshold:
            return i
    return None


STOPPING = {
    "a flow": ({"name": "gradient_flow", "tolerance": 1e-3}, "weight_decay", MATRIX),
    "steps with l2": (steps("sgd", momentum=0.5), "l2", MATRIX),
    "descent": (steps("gradient_descent"), "weight_decay", MATRIX),
}


@pytest.mark.parametrize("name", STOPPING)
def test_a_run_ends_where_it_is_stationary_and_not_before(name, tmp_path):
    dynamics, decay, task = STOPPING[name]
    net = {"name": "factorization", "init_scale": 1.0}
    settings = {decay: 0.1, "learning_rate": 0.1, "steps": 4000, "points_per_decade": 12}
    whole = read_trajectory(carry_out(spec(task, net, dynamics, **settings), tmp_path)).table
    for threshold in (1e-2, 1e-4):
        run = spec(task, net, dynamics, **settings, stop={"name": "stationary", "threshold": threshold})
        folder = carry_out(run, tmp_path)
        found, last = read_trajectory(folder), ends_at(whole, 0.1, threshold)
        assert 0 < last < len(whole) - 1
        assert found.table.equals(whole[: last + 1])
        assert read_sealed(folder)["ended"] == "stationary"
        at_end = run.model.objective(run.task.draw(0), 0).observe(found.weights)[0]  # not where the flow had got to
        assert at_end["parameter_norm"] == pytest.approx(found.table["parameter_norm"].iloc[-1], rel=1e-9)
        assert at_end["train_loss"] == pytest.approx(found.table["train_loss"].iloc[-1], rel=1e-6)


@pytest.mark.parametrize("name", STOPPING)
def test_a_run_that_is_not_stationary_goes_on_to_its_last_step(name, tmp_path):
    """It still moves."""
    dynamics, decay, task = STOPPING[name]
    net, stop = {"name": "factorization", "init_scale": 1.0}, {"name": "stationary", "threshold": 1e-2}
    settings = {decay: 0.1, "steps": 60, "points_per_decade": 12}
    run = spec(task, net, dynamics, learning_rate=0.1, stop=stop, **settings)
    folder = carry_out(run, tmp_path)
    table = read_trajectory(folder).table
    assert table["step"].iloc[-1] == run.steps
    assert read_sealed(folder)["ended"] == "budget"
    assert ends_at(table, 0.1, 1e-2) is None


def test_a_level_reached_at_the_last_step_is_what_ended_the_run(tmp_path):
    """Stopped at the first observation at the level: a run whose last step that is ends for the same reason."""
    net, flow = {**CORNERS, "width": 32}, {"name": "gradient_flow", "tolerance": 1e-2}
    settings = {"learning_rate": 1.0, "stop": {"name": "level", "column": "train_accuracy", "level": 0.9}}
    first = read_trajectory(carry_out(spec(TOKENS, net, flow, steps=1000, **settings), tmp_path)).table
    last = int(first["step"].iloc[-1])
    assert last < 1000
    for total, reason in ((last, "level"), (int(first["step"].iloc[-2]), "budget")):
        folder = carry_out(spec(TOKENS, net, flow, steps=total, **settings), tmp_path)
        assert read_sealed(folder)["ended"] == reason
        assert read_trajectory(folder).table["step"].iloc[-1] == total


def test_a_run_begins_at_the_closed_form_of_its_own_seed(tmp_path):
    """Neuron k is a wave of frequency k with the phases of seed 3, and the read-out carries their sum."""
    run = spec(
        TOKENS, WAVES, steps("gradient_descent"), learning_rate=1e-30, steps=1, seed=3, start={"name": "closed_form"}
    )
    found = read_trajectory(carry_out(run, tmp_path))
    one, two = stream(3, "phases").uniform(-math.pi, math.pi, (2, WAVES["width"]))
    angles = 2 * math.pi / P * np.outer(np.arange(P), np.arange(1, WAVES["width"] + 1))
    expected = (4 * P) ** (1 / 3) * np.cos(np.concatenate([angles + one, angles + two, angles + one + two]))
    np.testing.assert_allclose(found.weights, expected, atol=1e-12)
    assert found.table["moved"].iloc[0] == 0
