"""The table of residuals on the kinks: nets whose numbers are known, and a flow that slides."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from grokking.analyses.kink_stationarity import KinkStationarity
from grokking.analyses.tables import kink_stationarity
from grokking.analyses.tables.kink_stationarity import ReLUNet, next_to, speed
from grokking.dynamics.gradient_flow import GradientFlow
from grokking.models.quadratic_net import QuadraticNet
from grokking.models.two_layer_net import TwoLayerNet
from grokking.parts.errors import ConfigError
from grokking.runs.train import train
from grokking.runs.training import Order
from grokking.specs.run import RunSpec
from grokking.store.paths import Results
from grokking.store.trajectory import Trajectory, read_trajectory
from grokking.tasks.modular_addition import ModularAddition

TASK, DECAY = ModularAddition(p=7, observed=0.6), 1e-3


def spec_of(**settings):
    parts = {"task": TASK, "model": TwoLayerNet(width=24), "dynamics": GradientFlow(tolerance=1e-2, stage_factor=1.5)}
    return RunSpec(**{**parts, "learning_rate": 0.1, "steps": 20_000, "seed": 0, "weight_decay": DECAY, **settings})


def made_up(tmp_path, theta, **settings):
    """The folder of a run that ended at θ, standing still."""
    spec = spec_of(**settings)
    names = ("step", "time", "train_accuracy", "test_accuracy", "complementarity", "train_loss", "parameter_norm")
    observed = pd.DataFrame([dict.fromkeys(names, 1.0), dict.fromkeys(names, 1.0) | {"time": 2.0}])
    Trajectory(spec, observed, torch.zeros(2, 7, 7), theta).write(tmp_path / spec.id, {})
    return tmp_path / spec.id


def look(run, *thresholds):
    return KinkStationarity(of=("any",), thresholds=thresholds).table(0, [[run]])


@pytest.fixture(scope="module")
def sliding(tmp_path_factory):
    """A run that is carried out here."""
    folder, spec = tmp_path_factory.mktemp("runs"), spec_of()
    train([Order(spec, Results(folder), "c0de")], "cpu")
    return Results(folder).run(spec.id)


def test_without_freedom_the_residuals_are_those_of_the_gradient(sliding):
    run = read_trajectory(sliding)
    gradient = run.spec.model.objective(TASK.draw(0), 0).gradient(run.weights)
    (row,) = look(sliding, 0.0).to_dict("records")
    rest = DECAY * run.weights + gradient
    assert row["residual"] == pytest.approx(float(rest.norm() / (DECAY * run.weights.norm())), rel=1e-3)
    assert row["control"] == row["residual"]
    last = run.table.iloc[-1]
    assert row["cosine"] == pytest.approx(last["gradient_cosine"], abs=1e-3)
    assert [row[name] for name in kink_stationarity.SEEN] == [last[name] for name in kink_stationarity.SEEN]


def test_a_flow_that_slides_is_balanced_on_its_kinks_as_its_loss_tells(sliding):
    found = look(sliding, 0.0, 0.05, 0.1)
    none, kink, wide = found["residual"]
    assert none > 4 * kink
    assert kink >= wide
    assert kink == pytest.approx(found["speed"][0], rel=0.05)
    assert found["control"][2] > 3 * wide
    assert found["cosine"].is_monotonic_increasing
    assert found["cosine"][1] > 0.99 > 0.9 > found["cosine"][0]
    assert found[["residual_gap", "sine_gap"]].max().max() <= 1e-3


def test_near_is_relative_to_the_neuron(tmp_path):
    """Scaling a neuron's first layer up and its second down changes neither the net nor who is near."""
    theta = torch.randn(3 * 7 + 1, 24, generator=torch.Generator().manual_seed(0))
    scales = torch.logspace(-3, 3, 24)
    scaled = torch.cat([theta[:15] * scales, theta[15:] / scales])
    plain, other = (ReLUNet.read(made_up(tmp_path / name, net)) for name, net in (("a", theta), ("b", scaled)))
    torch.testing.assert_close(plain.distances_from_kink(), other.distances_from_kink(), rtol=1e-4, atol=1e-6)
    assert float(plain.distances_from_kink().square().mean()) == pytest.approx(1)


def test_a_dead_neuron_sits_on_its_kink_and_changes_nothing(tmp_path):
    theta = torch.randn(3 * 7 + 1, 24, generator=torch.Generator().manual_seed(0))
    theta[:, 3] = 0
    run = made_up(tmp_path, theta)
    assert not ReLUNet.read(run).distances_from_kink()[:, 3].any()
    found = look(run, 0.0)
    assert found["near_kink"][0] == pytest.approx(1 / 24)
    assert np.isfinite(found.drop(columns="speed").to_numpy()).all()


def test_control_frees_as_many_that_lie_farther_out():
    distances = torch.tensor([[0.5, 0.01, 0.2], [0.03, 0.9, 0.04]], dtype=torch.float64)
    assert next_to(distances <= 0.03, distances).nonzero().tolist() == [[0, 2], [1, 2]]
    assert next_to(distances <= 0.2, distances).nonzero().tolist() == [[0, 0], [1, 1]]
    assert not next_to(distances <= 0, distances).any()


def test_speed_is_that_of_a_flow_that_is_known():
    """L = 0 and θ' = -λθ: the regularised loss falls by λ²‖θ‖² per time."""
    times = np.array([1.0, 1.001])
    observed = pd.DataFrame({"time": times, "train_loss": 0.0, "parameter_norm": 3 * np.exp(-0.5 * times)})
    assert speed(observed, 0.5) == pytest.approx(1, rel=1e-6)
    rising = observed.assign(train_loss=[0.0, 1.0])
    assert math.isnan(speed(rising, 0.5))
    # θ' = -λθ - g with ‖g‖ = 4 at right angles to λθ, ‖λθ‖ = 3
    falling = pd.DataFrame({"time": [0.0, 1e-6], "train_loss": [0.0, -16e-6], "parameter_norm": [3, 3 - 3e-6]})
    assert speed(falling, 1.0) == pytest.approx(5 / 3, rel=1e-5)


@pytest.mark.parametrize(
    "settings", [{"model": QuadraticNet(8)}, {"weight_decay": 0.0}], ids=["another net", "without decay"]
)
def test_other_runs_are_refused(tmp_path, settings):
    run = read_trajectory(made_up(tmp_path, torch.ones(22, 24), **settings)).spec
    with pytest.raises(ConfigError, match="must be a two_layer_net with weight_decay"):
        KinkStationarity(("any",), thresholds=(0.0,)).require_run(run)


def test_one_row_per_run_and_threshold(tmp_path, sliding):
    still = made_up(tmp_path, torch.ones(22, 24))
    found = KinkStationarity(of=("any",), thresholds=(0.0, 0.1)).table(0, [[still, sliding]])
    assert found["threshold"].tolist() == [0, 0.1, 0, 0.1]
    assert found["step"].tolist() == [1, 1, 20_000, 20_000]
    assert found["speed"].isna().tolist() == [True, True, False, False]
