"""Losses of nets for sums: those of the package and of one's own, against autograd and formulas."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy, mse_loss, one_hot

from grokking.losses.cross_entropy import CrossEntropy
from grokking.losses.loss import Loss
from grokking.losses.squared import Squared
from grokking.parts.errors import ConfigError
from grokking.parts.registry import parts
from grokking.runs.start import started_objective
from grokking.store.trajectory import read_trajectory
from tests.unit.own_files import interrupted, own, recipe  # noqa: F401 (a fixture)
from tests.unit.small_runs import SUMS, TRANSFORMER, carry_out, content, spec
from tests.unit.test_fleet import assert_same, runs_of, side_by_side

Z = torch.from_numpy(np.random.default_rng(0).standard_normal((6, 5))) * 3
C = torch.tensor([0, 4, 2, 2, 1, 3])
NETS = {
    "transformer": TRANSFORMER,
    "mlp": {"name": "mlp", "width": 8},
    "lstm": {"name": "lstm", "width": 6},
}


def of(loss, net="mlp", **settings):
    return spec(SUMS, {**NETS[net], "loss": loss, "dtype": "float64"}, {"name": "adam", "batch": 8}, **settings)


@pytest.mark.parametrize(
    ("loss", "plain"),
    [
        (CrossEntropy(), lambda z: cross_entropy(z, C)),
        (Squared(), lambda z: mse_loss(z, one_hot(C, 5).to(z))),
    ],
)
def test_the_losses_of_the_package_are_torchs(loss, plain):
    leaf = Z.clone().requires_grad_()
    (expected,) = torch.autograd.grad(plain(leaf), leaf)
    assert float(loss.values(Z, C).mean()) == pytest.approx(float(plain(Z)), rel=1e-12)
    assert torch.allclose(loss.residuals(Z, C), expected, rtol=1e-12, atol=1e-15)
    assert torch.allclose(Loss.residuals(loss, Z, C), expected, rtol=1e-12, atol=1e-15)


def test_the_stable_max_of_the_recipes_is_the_papers(own):  # noqa: F811
    own("stable_max", recipe("class StableMax"))
    loss = parts(Loss)["stable_max"]()
    z = Z.clone()
    z[0, :3] = torch.tensor([0.0, 1.0, -1.0])  # where a branch that is not taken is infinite
    for i, row in enumerate(z):
        s = [x + 1 if x >= 0 else 1 / (1 - x) for x in row.tolist()]
        assert float(loss.values(z, C)[i]) == pytest.approx(-np.log(s[C[i]] / sum(s)))
    slopes = loss.residuals(z, C)
    steps = 1e-6 * torch.eye(30, dtype=torch.float64).view(30, 6, 5)
    numeric = [(loss.values(z + e, C).mean() - loss.values(z - e, C).mean()) / 2e-6 for e in steps]
    assert torch.allclose(slopes.flatten(), torch.stack(numeric), atol=1e-8)


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("name", ["squared", "stable_max"])
def test_every_net_for_sums_has_the_gradient_of_its_loss_and_learns(name, net, own, tmp_path):  # noqa: F811
    own("stable_max", recipe("class StableMax"))
    run = of(name, net, learning_rate=0.01, steps=80)
    objective = started_objective(run, run.task.draw(0), None)
    theta, data, layout = objective.initial, objective.data, objective.layout
    direction = torch.from_numpy(np.random.default_rng(1).standard_normal(theta.shape))

    def loss(theta):
        z = objective.outputs(theta)[data.observed]
        return float(run.model.loss.values(z, data.labels[data.observed]).mean())

    slope = (loss(theta + 1e-6 * direction) - loss(theta - 1e-6 * direction)) / 2e-6
    assert float(objective.gradient(theta) @ direction) == pytest.approx(slope, rel=1e-5)
    assert objective.observe(theta)[0]["train_loss"] == pytest.approx(loss(theta))
    assert layout.shapes
    table = read_trajectory(carry_out(run, tmp_path)).table
    assert table["train_loss"].iloc[-1] < 0.9 * table["train_loss"].iloc[0]


def test_a_loss_of_ones_own_resumes_and_goes_side_by_side(own, tmp_path, monkeypatch):  # noqa: F811
    own("stable_max", recipe("class StableMax"))
    run = of("stable_max")
    once = carry_out(run, tmp_path / "once")
    assert content(interrupted(run, tmp_path / "twice", 37, monkeypatch)) == content(once)
    runs = [replace(one, model=replace(one.model, loss=run.model.loss)) for one in runs_of(steps=20)]
    assert len({one.fleet for one in runs}) == 1
    alone = [carry_out(one, tmp_path / "alone") for one in runs]
    for one, other in zip(alone, side_by_side(runs, tmp_path / "fleet", monkeypatch), strict=True):
        assert_same(one, other)


def test_the_cross_entropy_is_the_default_and_leaves_the_id():
    assert of("cross_entropy") == replace(of("squared"), model=replace(of("squared").model, loss=CrossEntropy()))
    assert "loss" not in of("cross_entropy").identity["model"]
    assert of("squared").identity["model"]["loss"] == {"name": "squared"}


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"name": "mlp", "loss": "hinge"}, "model.loss: 'hinge': must be a mapping with a name, one of: cross_entropy"),
        ({"name": "lstm", "loss": "squared", "exact_residuals": True}, "set false with the loss squared"),
        ({"name": "transformer", "loss": "squared", "exact_residuals": True}, "set false with the loss squared"),
    ],
)
def test_a_loss_that_a_net_cannot_take_is_refused(model, message):
    with pytest.raises(ConfigError, match=message):
        spec(SUMS, model, {"name": "adam"})
    with pytest.raises(ConfigError, match=r"model\.loss: 'squared': unknown key; allowed: width"):
        spec(
            {**SUMS, "name": "modular_addition"},
            {"name": "two_layer_net", "width": 8, "loss": "squared"},
            {"name": "adam"},
        )


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            "return (z.argmax(1) != c).double()",
            r"own/mine\.py: Mine\.values: does not depend on z smoothly, or detaches",
        ),
        ("return (z.detach().sum(1) - c).square()", r"own/mine\.py: Mine\.values: does not depend on z"),
        (
            "return z.sum(1) - c\n    def residuals(self, z, c):\n        return z[:, 0]",
            r"own/mine\.py: Mine\.residuals: 'a tensor \[2\]': must return a tensor \[2, 9\] of torch.float",
        ),
        (
            "return (z.sum(1) - c).square().mean()",
            r"own/mine\.py: Mine\.values: 'a tensor \[\]': must return a tensor \[",
        ),
        ("z.sum(1)", r"own/mine\.py, line 8: 'Mine\.values': returns nothing; must return the loss of each"),
        ("return (0 * z).sum(1).log() - c", r"own/mine\.py: Mine\.values: -inf: must be finite"),
    ],
)
def test_a_loss_that_breaks_the_contract_ends_in_one_line(lines, message, own, tmp_path):  # noqa: F811
    own(
        "mine",
        f"""
from dataclasses import dataclass
from grokking.losses.loss import Loss
@dataclass(frozen=True)
class Mine(Loss):
    name = "mine"

    def values(self, z, c):
        {lines}
""",
    )
    with pytest.raises(ConfigError, match=message):
        carry_out(of("mine"), tmp_path)
