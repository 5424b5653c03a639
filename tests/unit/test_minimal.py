"""docs/minimal.py and the package compute the same: data, weights, gradients, outputs, printed milestones."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest
import torch

import grokking

FILE = Path(__file__).parents[2] / "docs/minimal.py"
NET = grokking.run(
    task={"name": "modular_addition", "p": 23, "observed": 0.8},
    model={"name": "two_layer_net", "width": 256, "init_scale": 8, "zero_last_layer": True, "dtype": "float64"},
    dynamics={"name": "gradient_flow", "tolerance": 3e-3},
    weight_decay=1e-3,
    learning_rate=0.002,
    steps=1e7,
    stop={"name": "level", "column": "test_accuracy", "level": 0.5},
)
TRANSFORMER = grokking.run(
    task={"name": "modular_sum", "p": 23, "observed": 0.5},
    model={"name": "transformer", "width": 32, "hidden": 128, "context": 4, "norm": "none", "dtype": "float64"},
    dynamics={"name": "adamw", "beta2": 0.98},
    weight_decay=0.05,
    learning_rate=1e-3,
    steps=1e4,
    stop={"name": "level", "column": "train_accuracy", "level": 0.99},
)


@pytest.fixture(scope="module")
def minimal():
    spec = importlib.util.spec_from_file_location("minimal", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def printed(capsys, function):
    """What a function prints: its milestones by name and its text."""
    function()
    text = capsys.readouterr().out
    return dict(re.findall(r"(training|test) \d+ % at step (\S+?)(?:,|\n)", text)), text


def test_two_layer_net_starts_and_moves_as_the_package_s(minimal):
    package = NET.model.objective(NET.task.draw(0), 0)
    theta = package.initial + 0.01  # W₂ = 0 would hide the gradient of W₁
    torch.testing.assert_close(minimal.initial(), package.initial, rtol=0, atol=0)
    x, sums, train = minimal.inputs()
    velocity = minimal.velocity_on(x[train], sums[train])
    torch.testing.assert_close(velocity(theta), package.flow(1e-3).velocity(0.0, theta))


def test_printed_milestones_of_the_flow_are_the_package_s(minimal, capsys, tmp_path, monkeypatch):
    table = grokking.train(NET, tmp_path / "results", progress=False).table
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    milestones, text = printed(capsys, minimal.grok)
    fitted, grokked = grokking.crossing(table, "train_accuracy", 0.99), grokking.crossing(table, "test_accuracy", 0.5)
    assert milestones == {"training": f"{fitted:.1e}", "test": f"{grokked:.1e}"}
    assert grokked > 100 * fitted
    (descent, flow) = map(float, re.search(r"(\S+) gradients by descent, (\S+) by the flow", text).groups())
    assert descent / flow > 500
    assert flow == pytest.approx(table.evaluations.iloc[-1], rel=0.3)
    assert list(Path().iterdir()) == []


def test_printed_milestone_of_the_transformer_is_the_package_s(minimal, capsys, tmp_path):
    table = grokking.train(TRANSFORMER, tmp_path, progress=False).table
    milestones, text = printed(capsys, minimal.memorise)
    assert milestones == {"training": f"{grokking.crossing(table, 'train_accuracy', 0.99):.1e}"}
    assert "264 sums: 574 states for 1056 tokens" in text  # 2 · 23 + 2 · 264
    assert f"test accuracy then {table.test_accuracy.iloc[-1]:.0%}" in text
    assert float(re.search(r"alone by (\S+)", text)[1]) < 1e-14


def test_outputs_on_the_tree_are_the_package_s(minimal):
    package = TRANSFORMER.model.objective(TRANSFORMER.task.draw(0), 0)
    pairs, sums, train = minimal.addition(0.5)
    assert torch.equal(train, package.data.observed)
    assert torch.equal(sums, package.data.results)
    W = minimal.weights()
    torch.testing.assert_close(torch.cat([w.flatten() for w in W.values()]), package.initial, rtol=0, atol=0)
    outputs = minimal.outputs(W, minimal.prefix_tree(minimal.sentences(pairs)))
    torch.testing.assert_close(outputs, package.outputs(package.initial))


@pytest.mark.parametrize("tokens", [[[5]], [[1, 2, 3]], [[2, 1], [0, 1], [2, 1], [2, 0]], [[0, 1, 0, 1], [0, 0, 0, 1]]])
def test_a_tree_has_a_row_for_each_distinct_prefix(minimal, tokens):
    """One sample, unsorted and equal samples, prefixes that part and have the same last token again."""
    token, position, paths, exists, sample = minimal.prefix_tree(torch.tensor(tokens))
    prefixes = [tuple(token[path[there]].tolist()) for path, there in zip(paths, exists, strict=True)]
    assert sorted(prefixes) == sorted({tuple(s[: t + 1]) for s in tokens for t in range(len(s))})
    assert [prefixes[row] for row in sample] == [tuple(s) for s in tokens]
    assert position.tolist() == [len(prefix) - 1 for prefix in prefixes]


def test_steps_of_the_flow_are_of_second_order_and_stable(minimal):
    """On y' = -y; and on -ρy up to hρ = (s² + s - 2) / 2, not twice as far."""

    def step(rate, h, s):
        y = torch.ones(1, dtype=torch.float64)
        return minimal.rkl2(lambda y: rate * y, y, rate * y, h, s).item()

    errors = [abs(step(-1, h, 5) - np.exp(-h)) for h in (0.02, 0.01)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(3, abs=0.05)
    for s in (3, 5, 9):
        limit = (s * s + s - 2) / 2
        assert abs(step(-limit, 1.0, s)) < 1.001
        assert abs(step(-2 * limit, 1.0, s)) > 1
        assert minimal.stages(0.999 * limit) == s
        assert minimal.stages(1.001 * limit) == s + 2


def test_a_parabola_goes_through_its_three_points(minimal):
    path = [(t, 2 - t + 3 * t**2) for t in (-0.3, 0.4, 0.5)]
    assert minimal.parabola(path, 2.0) == pytest.approx(12)
    assert minimal.parabola(path, 0.4) == pytest.approx(path[1][1])
