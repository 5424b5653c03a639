"""A run ends when its regularised loss no longer moves on the time scale 1/λ, and not before; or at a level."""

import math

import pytest

from grokking.parts.errors import ConfigError
from grokking.parts.fields import build_part
from grokking.parts.registry import parts
from grokking.stops.budget import Budget
from grokking.stops.level import Level
from grokking.stops.stationary import Stationary
from grokking.stops.stop import Stop

DECAY = 0.1


def rows(objective, times):
    """Rows whose regularised loss is `objective` of time, all of it in the training loss."""
    return [{"time": t, "train_loss": objective(t), "parameter_norm": 0.0} for t in times]


def is_stationary(rows, decay=DECAY, threshold=0.002):
    return Stationary(threshold).is_reached(rows, decay)


def test_the_kernel_regime_is_not_stationary():
    decaying = [{"time": t, "train_loss": 0.1, "parameter_norm": 100 * math.exp(-DECAY * t)} for t in range(0, 40, 5)]
    assert not is_stationary(decaying)


def test_the_norm_counts_with_half_the_decay():
    """L falls by as much as (λ/2)‖θ‖² rises."""
    moving = [{"time": t, "train_loss": 9 - 0.2 * t, "parameter_norm": math.sqrt(4 * t)} for t in (0, 10, 20)]
    assert is_stationary(moving)
    assert not is_stationary([{**row, "parameter_norm": 1.01 * row["parameter_norm"]} for row in moving])


def test_a_plateau_that_still_falls_is_not_stationary():
    assert not is_stationary(rows(lambda t: 1 - 0.005 * t, range(0, 40, 5)))


def test_a_constant_loss_is_stationary_after_the_time_of_the_decay():
    assert not is_stationary(rows(lambda t: 1.0, [0, 5, 9]))
    assert is_stationary(rows(lambda t: 1.0, [0, 5, 10]))


def test_the_fall_is_counted_per_time_of_the_decay():
    slow = rows(lambda t: 1 - 1e-4 * t, [0, 19])  # 0.1 % per 1/λ, 0.19 % over the span
    assert is_stationary(slow)
    assert not is_stationary(slow, threshold=0.0005)


@pytest.mark.parametrize("rise", [1e-4, 1.0, 1e6])
def test_a_loss_that_rises_is_not_stationary(rise):
    assert not is_stationary(rows(lambda t: 1 + rise * t, range(0, 40, 5)))


@pytest.mark.parametrize("span", [2, 10, 1e4, 1e9])
def test_however_far_apart_observations_are_only_so_much_may_move(span):
    """As much as between observations 1/λ apart: twice 0.2 %."""
    assert not is_stationary(rows(lambda t: 1.0 if t == 0 else 0.995, [0, span / DECAY]))
    assert is_stationary(rows(lambda t: 1.0 if t == 0 else 0.997, [0, span / DECAY]))


@pytest.mark.parametrize("apart", [10, 30, 1e3])
def test_a_loss_above_that_of_the_start_is_not_stationary(apart):
    """Adam with an l2 and a large learning rate: from 0.15 to 5.6e20, where it stands or falls a little."""
    exploded = [0.15, 1e10, 5.6e20, 5.6e20, 5.59e20]
    assert not any(
        is_stationary(rows(lambda t: exploded[round(t / apart)], [i * apart for i in range(n)])) for n in (3, 4, 5)
    )
    there = [5.6e20, *exploded[1:]]
    assert is_stationary(rows(lambda t: there[round(t / apart)], [i * apart for i in range(4)]))


def test_a_threshold_is_a_fraction():
    with pytest.raises(ConfigError, match="a number above 0 and at most 1"):
        build_part(parts(Stop), {"name": "stationary", "threshold": 2.0}, "stop")


def test_a_loss_that_comes_back_is_not_stationary():
    assert not is_stationary(rows(lambda t: 2 + math.sin(2 * math.pi * t / 10), [0, 2.5, 5, 7.5, 10]))


def test_a_loss_that_is_not_a_number_is_not_stationary():
    assert not is_stationary(rows(lambda t: math.nan, [0, 5, 10, 20]))


def test_never_without_weight_decay():
    assert not is_stationary(rows(lambda t: 1.0, [0, 1e6]), decay=0.0)


def accuracies(*values):
    return [{"step": i, "test_accuracy": value} for i, value in enumerate(values)]


@pytest.mark.parametrize(
    ("stop", "values", "held"),
    [
        (Level("test_accuracy", 0.9), [0.5, 0.9], True),
        (Level("test_accuracy", 0.9), [0.95, 0.89], False),
        (Level("test_accuracy", 0.9), [math.nan], False),
        (Level("test_accuracy", 0.9, observations=3), [0.95, 0.95], False),
        (Level("test_accuracy", 0.9, observations=3), [0.95, 0.8, 0.95, 0.95], False),
        (Level("test_accuracy", 0.9, observations=3), [0.8, 0.95, 0.9, 0.95], True),
        (Level("test_accuracy", 0.1, direction="down"), [0.5, 0.1], True),
        (Level("test_accuracy", 0.1, direction="down"), [0.05, 0.5], False),
    ],
)
def test_a_level_has_to_be_held_for_so_many_observations(stop, values, held):
    assert stop.is_reached(accuracies(*values), 0.0) == held


def test_a_column_that_is_not_observed_is_refused():
    with pytest.raises(ConfigError, match=r"stop\.column: 'accuracy': .* allowed: step, test_accuracy"):
        Level("accuracy", 0.9).require_fit(["step", "test_accuracy"], 0.0)
    with pytest.raises(ConfigError, match=r"'train_loss'.* allowed: log_train_loss, parameter_norm, time"):
        Stationary(0.1).require_fit(["time", "log_train_loss", "parameter_norm"], 1.0)


def test_a_run_without_decay_is_never_stationary():
    with pytest.raises(ConfigError, match="never ends a run without weight_decay or l2"):
        Stationary(0.1).require_fit(["train_loss", "parameter_norm"], 0.0)


def test_accuracies_are_fractions():
    assert Level("train_loss", 99).level == 99
    with pytest.raises(ValueError, match="level 99 of test_accuracy must be at most 1"):
        Level("test_accuracy", 99)


def test_a_budget_ends_nothing_early():
    assert not Budget().is_reached(accuracies(1.0, 1.0), 1.0)
