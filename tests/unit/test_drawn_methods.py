"""Every number on the figures that compare methods: errors, costs, and which panel and column they are of."""

import numpy as np
import pytest

from grokking.figures.names import by_dynamics
from tests.unit.figure_tables import drawn, horizontal, named_lines, points, run, together

STEPS = np.array([0, *np.logspace(0, 6, 61)])


def passing(name, train, test, cost=2.0, **keys):
    """Training and test accuracy pass 50 % at steps `train` and `test` and rise by 10 % a decade.

    A step costs `cost` evaluations, and as many time units as the learning rate says.
    """
    accuracies = {f"{part}_accuracy": 0.5 + 0.1 * np.log10(np.maximum(STEPS, 1) / step)
                  for part, step in (("train", train), ("test", test))}  # fmt: skip
    return run(name, steps=STEPS, **accuracies, **keys).assign(evaluations=cost * STEPS)


def test_work_precision_has_the_errors_of_training_and_test_events_on_their_own_panels():
    data = together(
        passing("truth", 100, 1000, role="reference"),
        passing("descent", 110, 1200, cost=5, dynamics="gradient_descent"),
        passing("euler", 90, 700, cost=3, dynamics="adaptive_descent"),
        passing("rkl", 103, 1020, cost=1),
    )
    train, test = drawn("work_precision", data).axes
    expected = {
        "gradient descent": (5 * 1200, 0.1, 0.2), "Euler, adaptive steps": (3 * 700, 0.1, 0.3),
        "stabilised Runge–Kutta": (1020, 0.03, 0.02),
    }  # fmt: skip
    for label, (cost, early, late) in expected.items():
        for axes, error in ((train, early), (test, late)):
            (point,) = points(axes, label)
            assert point == [pytest.approx(cost, rel=0.01), pytest.approx(error)]  # the cost between two observations
    assert train.get_title() == "training accuracy passes 50 % and 99 %"
    assert test.get_title() == "test accuracy passes 50 % and 90 %"
    for axes in (train, test):
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
        assert axes.get_ylabel() == "relative error of event times"


def test_scatter_between_seeds_is_that_of_the_panels_own_events():
    """Relative standard deviations of three times 0.9, 1, 1.1 and 0.7, 1, 1.3."""
    shares = ((0.9, 0.7), (1.0, 1.0), (1.1, 1.3))
    truth = [passing("t", 100 * a, 1000 * b, seed=s, role="reference") for s, (a, b) in enumerate(shares)]
    train, test = drawn("work_precision", together(*truth, passing("x", 101, 1010))).axes
    assert horizontal(train) == [pytest.approx(0.1)]
    assert horizontal(test) == [pytest.approx(0.3)]


def test_methods_are_compared_on_a_seed_of_the_reference():
    """Seed 5 of a reference with the seeds 4 and 5; a curve of each is the first seed that both have."""
    truth = [passing("t", 100 * n, 1000 * n, seed=3 + n, role="reference") for n in (1, 2)]
    train, _ = drawn("work_precision", together(*truth, passing("x", 220, 2000, seed=5))).axes
    assert points(train, "stabilised Runge–Kutta")[0][1] == pytest.approx(0.1)
    flow = [passing("flow", 10, 100 * n, seed=3 + n) for n in (1, 2)]
    descent = passing("descent", 10, 200, seed=5, dynamics="gradient_descent")
    axes, *_ = drawn("flow_and_descent", together(*flow, descent)).axes
    lines = {line.get_label(): line.get_xydata() for line in axes.get_lines()}
    for step, accuracy in lines["test accuracy, descent"]:
        assert accuracy == pytest.approx(np.interp(step, *lines["test accuracy, flow"].T))


def test_of_several_events_the_worst_counts():
    """Training accuracy passes 50 % a tenth late, and 99 % at twice the time."""
    truth, late = passing("truth", 2, 50, role="reference"), passing("late", 2.2, 50)
    slope = 0.49 / np.log10(2 * 2 * 10**4.9 / 2.2)
    late = late.assign(train_accuracy=0.5 + slope * np.log10(np.maximum(STEPS, 1) / 2.2))
    train, test = drawn("work_precision", together(truth, late)).axes
    assert points(train, "stabilised Runge–Kutta")[0][1] == pytest.approx(1)
    assert points(test, "stabilised Runge–Kutta")[0][1] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("kind", ["accuracy", "loss"])
def test_flow_and_descent_draw_training_test_and_norm(kind):
    steps = np.arange(1.0, 14)
    flow = {f"train_{kind}": steps / 20, f"test_{kind}": steps / 30, "parameter_norm": steps + 5}
    descent = {f"train_{kind}": steps / 40, f"test_{kind}": steps / 50, "parameter_norm": steps + 7}
    score, norm, difference = drawn("flow_and_descent", together(
        run("a", steps=steps, **flow), run("b", steps=steps, **descent, dynamics="gradient_descent"),
        run("b", seed=1, steps=steps, **dict.fromkeys(descent, 9.0), dynamics="gradient_descent"),
    )).axes  # fmt: skip
    for axes, names in ((score, (f"train_{kind}", f"test_{kind}")), (norm, ("parameter_norm",))):
        found = named_lines(axes)
        assert set(found) == {f"{name.replace('_', ' ')}, {way}" for name in names for way in ("flow", "descent")}
        for name in names:
            label = name.replace("_", " ")
            np.testing.assert_allclose(found[f"{label}, flow"], np.stack([steps, flow[name]], 1))
            np.testing.assert_allclose(found[f"{label}, descent"], np.stack([steps, descent[name]], 1)[::6])
    assert (score.get_ylabel(), norm.get_ylabel(), norm.get_xscale()) == (kind, "$L^2$ parameter norm", "log")
    apart = {
        f"difference of train {kind}": steps / 40 / (13 / 20),
        f"difference of test {kind}": (steps / 30 - steps / 50) / (13 / 20),
        "difference of parameter norm": 2 / 18 + 0 * steps,
    }  # fmt: skip
    for label, values in apart.items():
        np.testing.assert_allclose(named_lines(difference)[label], np.stack([steps, values], 1))
    assert difference.get_yscale() == "log"


@pytest.mark.parametrize(
    ("dynamics", "name"),
    [
        ("gradient_flow", "GD"),
        ("gradient_descent", "GD (literal)"),
        ("sgd", "GD + momentum"),
        ("adam", "Adam"),
        ("adamw", "AdamW"),
    ],
)
def test_dynamics_are_called_what_they_are(dynamics, name):
    assert [one.label for one in by_dynamics(run("a", dynamics=dynamics))] == [name]
