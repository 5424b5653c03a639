"""Steps, filters and schedules against loops over torch.optim and the published formulas, in float64."""

import math
from collections import deque
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from grokking.dynamics.adam import Adam
from grokking.dynamics.adamw import AdamW
from grokking.dynamics.filters.exponential_average import ExponentialAverage
from grokking.dynamics.filters.moving_average import MovingAverage
from grokking.dynamics.gradient_descent import GradientDescent
from grokking.dynamics.schedules.constant import Constant
from grokking.dynamics.schedules.cosine import Cosine
from grokking.dynamics.schedules.linear import Linear
from grokking.dynamics.sgd import SGD
from grokking.dynamics.steps.descent import Descent
from grokking.failures import Divergence
from grokking.nets.objective import Objective

RATE, DECAY, COUNT = 0.05, 0.3, 40
X = torch.from_numpy(np.random.default_rng(1).standard_normal((7, 5)))
Y = torch.from_numpy(np.random.default_rng(2).standard_normal(7))
INITIAL = torch.from_numpy(np.random.default_rng(3).standard_normal(5))


def loss(theta, rows=None, labels=0.0):
    """The mean over the rows of (sin⟨x, θ⟩ - y + ξ)²."""
    x, y = (X, Y) if rows is None else (X[rows], Y[rows])
    return ((x @ theta).sin() - y + labels).square().mean()


class Sines(Objective):
    """That loss as an objective."""

    def __init__(self, initial=INITIAL):
        self.initial, self.samples = initial, len(Y)

    def gradient(self, theta, rows=None, noise=None):
        with torch.enable_grad():
            leaf = theta.detach().clone().requires_grad_()
            labels = 0.0 if noise is None or noise.labels is None else torch.from_numpy(noise.labels)
            return torch.autograd.grad(loss(leaf, rows, labels), leaf)[0]

    def observe(self, theta):
        return {}, theta


def descent(dynamics, decay=DECAY, objective=None, last_step=COUNT):
    return Descent(dynamics, objective or Sines(), RATE, decay, last_step, 0)


def reached(dynamics, decay=DECAY, steps=COUNT):
    """θ after so many steps, on the way to the last of which the run is looked at twice."""
    run = descent(dynamics, decay)
    state = run.start()
    for goal in (3, 17, steps):
        *_, state = run.advance(state, goal)
    return state.y


def plain_loop(make, filtered=lambda g: g, factor=lambda step: 1.0, rows=lambda step: None):
    """θ after as many steps of a torch optimiser."""
    theta = torch.nn.Parameter(INITIAL.clone())
    optimizer = make([theta])
    for step in range(1, COUNT + 1):
        optimizer.zero_grad()
        loss(theta, rows(step)).backward()
        theta.grad = filtered(theta.grad)
        optimizer.param_groups[0]["lr"] = RATE * factor(step)
        optimizer.step()
    return theta.detach()


def same(one, other):
    assert torch.allclose(one, other, rtol=1e-12, atol=0)


CASES = {
    "gradient_descent": (GradientDescent(), lambda p: torch.optim.SGD(p, RATE, weight_decay=DECAY)),
    "sgd": (SGD(momentum=0.8), lambda p: torch.optim.SGD(p, RATE, momentum=0.8, weight_decay=DECAY)),
    "nesterov": (
        SGD(momentum=0.8, nesterov=True),
        lambda p: torch.optim.SGD(p, RATE, momentum=0.8, nesterov=True, weight_decay=DECAY),
    ),
    "no_momentum": (SGD(momentum=0.0), lambda p: torch.optim.SGD(p, RATE, weight_decay=DECAY)),
    "adam": (
        Adam(beta1=0.8, beta2=0.95, epsilon=1e-6),
        lambda p: torch.optim.Adam(p, RATE, betas=(0.8, 0.95), eps=1e-6, weight_decay=DECAY),
    ),
    "adamw": (
        AdamW(beta1=0.8, beta2=0.95, epsilon=1e-6),
        lambda p: torch.optim.AdamW(p, RATE, betas=(0.8, 0.95), eps=1e-6, weight_decay=DECAY),
    ),
}


@pytest.mark.parametrize(("dynamics", "make"), CASES.values(), ids=CASES)
def test_optimisers_are_those_of_torch(dynamics, make):
    same(reached(dynamics), plain_loop(make))


def test_gradient_descent_by_an_optimiser_and_by_hand_is_the_same():
    run = descent(GradientDescent())
    state = run.start()
    other = run.start().y.clone()
    *_, last = run.advance(state, 30)
    for _ in range(30):
        other = other - RATE * (Sines().gradient(other) + DECAY * other)
    same(last.y, other)


def test_l2_goes_through_adam_and_weight_decay_beside_it():
    """The first step of Adam has length η whatever the gradient; decoupled decay adds -ηλθ to it."""
    decay, gradient = 3.0, Sines().gradient(INITIAL)
    sign, coupled = gradient.sign(), (gradient + decay * INITIAL).sign()
    assert not torch.equal(sign, coupled)
    adam, adamw = (descent(kind(epsilon=1e-15), decay) for kind in (Adam, AdamW))
    *_, one = adam.advance(adam.start(), 1)
    *_, other = adamw.advance(adamw.start(), 1)
    same(one.y, INITIAL - RATE * coupled)
    same(other.y, (1 - RATE * decay) * INITIAL - RATE * sign)


def grokfast_ema(alpha, lamb):
    """`gradfilter_ema` of the authors' code, for one parameter."""
    grads = None

    def filtered(g):
        nonlocal grads
        grads = g.clone() if grads is None else grads
        grads = grads * alpha + g * (1 - alpha)
        return g + grads * lamb

    return filtered


def grokfast_ma(window_size, lamb, warmup=True):
    """`gradfilter_ma` of the authors' code, for one parameter, with their default warm-up."""
    grads = deque(maxlen=window_size)

    def filtered(g):
        grads.append(g.clone())
        return g + sum(grads) / len(grads) * lamb if not warmup or len(grads) == window_size else g

    return filtered


@pytest.mark.parametrize("name", ["sgd", "adamw", "gradient_descent"])
def test_filters_are_those_of_grokfast(name):
    dynamics, make = CASES[name]
    average = replace(dynamics, filter=ExponentialAverage(momentum=0.9, factor=1.5))
    same(reached(average), plain_loop(make, grokfast_ema(0.9, 1.5)))
    window = replace(dynamics, filter=MovingAverage(window=6, factor=2.5))
    same(reached(window), plain_loop(make, grokfast_ma(6, 2.5)))
    window = replace(dynamics, filter=MovingAverage(window=6, factor=2.5, from_start=True))
    same(reached(window), plain_loop(make, grokfast_ma(6, 2.5, warmup=False)))


def test_the_sum_of_a_window_keeps_its_digits():
    """Large gradients that have left the window leave no rounding errors of theirs behind for more than a window."""
    spec, memory, generator = MovingAverage(window=10, factor=1.0), {}, torch.Generator().manual_seed(0)
    gradients = [torch.randn(5, generator=generator) * (1e6 if step < 25 else 1e-6) for step in range(1, 61)]
    for step, gradient in enumerate(gradients, 1):
        found = spec.filtered(gradient, memory, step)
    expected = gradients[-1] + sum(gradients[-10:]) / 10
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=0)


def test_grokfast_has_the_settings_of_the_paper():
    assert (ExponentialAverage().momentum, ExponentialAverage().factor) == (0.98, 2.0)
    assert (MovingAverage().window, MovingAverage().factor) == (100, 5.0)


@pytest.mark.parametrize("schedule", [Linear(), Cosine(), Constant()], ids=lambda schedule: schedule.name)
def test_schedules_have_their_closed_forms_and_reach_the_optimiser(schedule):
    def factor(step):
        if step <= 8:
            return step / 8
        done = (step - 8) / (COUNT - 8)
        return {"linear": 1 - done, "cosine": math.cos(math.pi * done / 2) ** 2, "constant": 1.0}[schedule.name]

    dynamics = AdamW(warm_up=8, schedule=schedule)
    assert [descent(dynamics).rate(s) / RATE for s in range(1, COUNT + 1)] == pytest.approx(
        [factor(s) for s in range(1, COUNT + 1)], abs=1e-15
    )
    same(reached(dynamics), plain_loop(lambda p: torch.optim.AdamW(p, RATE, weight_decay=DECAY), factor=factor))


def test_without_warm_up_the_rate_is_constant():
    assert [descent(SGD()).rate(step) for step in (1, 5, COUNT)] == [RATE, RATE, RATE]
    assert descent(SGD(warm_up=COUNT, schedule=Linear())).rate(COUNT) == RATE


@pytest.mark.parametrize(
    "dynamics",
    [GradientDescent(batch=3), GradientDescent(batch=3, warm_up=9), GradientDescent(batch=2, schedule=Linear())],
    ids=["constant", "warm_up", "linear"],
)
def test_stochastic_descent_keeps_its_decay_and_its_schedule(dynamics):
    def factor(step):
        return descent(dynamics).rate(step) / RATE

    for decay in (0.0, DECAY):
        batches = descent(dynamics).batches
        make = partial(torch.optim.SGD, lr=RATE, weight_decay=decay)
        same(reached(dynamics, decay), plain_loop(make, factor=factor, rows=batches.rows))


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("replacement", [True, False])
@pytest.mark.parametrize("label_noise", [0.0, 0.7])
def test_many_stochastic_steps_at_once_are_single_ones(batch, replacement, label_noise, monkeypatch):
    monkeypatch.setattr("grokking.dynamics.steps.descent.STOCHASTIC_STEPS_PER_STATE", 11)
    dynamics = GradientDescent(batch=batch, replacement=replacement, label_noise=label_noise)
    run = descent(dynamics, decay=0.0)
    assert run.walk() == run.stochastic_steps
    single = run.start().y.clone()
    *_, state = run.advance(run.start(), 25)
    *_, state = run.advance(state, COUNT)
    at_once = state.y
    for step in range(1, COUNT + 1):
        labels = torch.from_numpy(run.label_noise(range(step, step + 1))[0]) if label_noise else 0.0
        rows = run.batches.rows(step)
        assert len(rows) == batch
        leaf = single.requires_grad_()
        single = (leaf - RATE * torch.autograd.grad(loss(leaf, rows, labels), leaf)[0]).detach()
    same(at_once, single)
    own = run.start()
    single = own.y.clone()
    list(run.optimizer_steps(run.slope, type(own)(0.0, single), COUNT))
    same(at_once, single)


def test_label_noise_on_all_samples_is_part_of_every_gradient():
    run = descent(GradientDescent(label_noise=0.4), decay=0.0)
    *_, state = run.advance(run.start(), 1)
    expected = INITIAL - RATE * Sines().gradient(INITIAL)
    labels = torch.from_numpy(run.label_noise(range(1, 2))[0])
    assert labels.shape == (7,)
    slope = 2 / 7 * X.T @ ((X @ INITIAL).cos() * labels)
    same(state.y, expected - RATE * slope)


def test_label_noise_has_the_standard_deviation_asked_for():
    run = descent(GradientDescent(batch=3, label_noise=0.4))
    noise = run.label_noise(range(1, 3001))
    assert noise.shape == (3000, 3)
    assert noise.std() == pytest.approx(0.4, rel=0.03)
    assert noise.mean() == pytest.approx(0, abs=0.02)


def test_states_on_the_way_do_not_change_the_one_before():
    run = descent(Adam(batch=3))
    *_, first = run.advance(run.start(), 5)
    y, memory = first.y.clone(), {name: x.clone() for name, x in first.memory.items()}
    list(run.advance(first, 250))
    assert torch.equal(first.y, y)
    assert memory.keys() == first.memory.keys() >= {"optimizer.step", "optimizer.exp_avg", "optimizer.exp_avg_sq"}
    assert all(torch.equal(first.memory[name], memory[name]) for name in memory)


def test_divergence_names_the_step_and_the_rate():
    run = descent(GradientDescent(), decay=-1e10)
    with pytest.raises(Divergence, match=r"gradient_descent diverged before step 100 at learning_rate 0\.05"):
        list(run.advance(run.start(), 1000))
