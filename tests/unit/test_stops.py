"""A run ends when its regularised loss no longer falls on the time scale 1/λ, and not before."""

import math

from grokking.runs.stop import has_arrived

DECAY = 0.1


def rows(objective, times):
    """Rows whose regularised loss is `objective` of time, all of it in the training loss."""
    return [{"time": t, "train_loss": objective(t), "parameter_norm": 0.0} for t in times]


def test_the_kernel_regime_is_no_arrival():
    decaying = [{"time": t, "train_loss": 0.1, "parameter_norm": 100 * math.exp(-DECAY * t)} for t in range(0, 40, 5)]
    assert not has_arrived(decaying, DECAY, 0.002)


def test_a_plateau_that_still_falls_is_no_arrival():
    assert not has_arrived(rows(lambda t: 1 - 0.005 * t, range(0, 40, 5)), DECAY, 0.002)


def test_a_constant_loss_is_an_arrival_after_the_time_of_the_decay():
    assert not has_arrived(rows(lambda t: 1.0, [0, 5, 9]), DECAY, 0.002)
    assert has_arrived(rows(lambda t: 1.0, [0, 5, 10]), DECAY, 0.002)


def test_the_fall_is_counted_per_time_of_the_decay():
    slow = rows(lambda t: 1 - 1e-4 * t, [0, 100])  # 0.1 % per 1/λ, 1 % over the span
    assert has_arrived(slow, DECAY, 0.002)
    assert not has_arrived(slow, DECAY, 0.0005)


def test_never_without_weight_decay_or_threshold():
    constant = rows(lambda t: 1.0, [0, 1e6])
    assert not has_arrived(constant, 0.0, 0.002)
    assert not has_arrived(constant, DECAY, 0.0)
