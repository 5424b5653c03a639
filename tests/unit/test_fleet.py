"""Runs that go side by side do what each does alone, in float64."""

import math
from dataclasses import replace

import pytest
import torch

import grokking.runs.train as module
from grokking.failures import Divergence
from grokking.models.lstm import LSTM
from grokking.models.mlp import MLP
from grokking.models.transformer import Transformer
from grokking.nets.sum_objective import SumObjective
from grokking.runs.start import started_objective
from grokking.runs.train import train
from grokking.runs.training import Order, Training
from grokking.store.paths import Results
from grokking.store.results import TABLE, read_csv
from grokking.store.trajectory import read_trajectory
from grokking.tasks.modular_sum import ModularSum
from tests.unit.small_runs import carry_out, spec, steps

CPU = torch.device("cpu")
TASK = {"name": "modular_sum", "p": 7, "observed": 0.5}
NETS = {
    "transformer": {"name": "transformer", "layers": 2, "heads": 2, "width": 8, "hidden": 12, "dtype": "float64"},
    "pre-norm": {
        "name": "transformer",
        "heads": 2,
        "width": 8,
        "norm": "pre",
        "activation": "gelu",
        "dtype": "float64",
    },
    "mlp": {"name": "mlp", "width": 8, "dtype": "float64"},
}
OPTIMIZERS = {
    "adamw": (steps("adamw", batch=8, warm_up=3), {"weight_decay": 0.1}),
    "grokfast": (steps("adam", batch=8, filter={"name": "moving_average", "window": 5}), {"l2": 0.1}),
    "average": (steps("adamw", batch=8, filter={"name": "exponential_average"}), {}),
    "nesterov": (steps("sgd", batch=8, nesterov=True, momentum=0.9), {}),
}


def runs_of(net="transformer", optimizer="adamw", **changes):
    """Five runs of one fleet, of different seeds, fractions and tasks."""
    dynamics, decay = OPTIMIZERS[optimizer]
    settings = {"steps": 150, "learning_rate": 0.01, "points_per_decade": 4, **decay, **changes}
    first = spec(TASK, NETS[net], dynamics, **settings)
    varied = [{}, {"seed": 1}, {"seed": 2}]
    tasks = [{}, {"observed": 0.7}, {"ascending": True}]
    return [replace(first, task=ModularSum(**{**plain(TASK), **task}), **other) for task in tasks for other in varied][
        ::2
    ]


def plain(task):
    return {key: value for key, value in task.items() if key != "name"}


def side_by_side(runs, folder, monkeypatch):
    """The folders of their results, carried out as one fleet."""
    monkeypatch.setattr(module, "groups", lambda orders, device: [list(orders)])
    orders = [Order(run, Results(folder), "c0de") for run in runs]
    train(orders, "cpu")
    return [order.directory for order in orders]


def assert_same(one, other):
    """Two results of a run, but for rounding."""
    mine, yours = read_trajectory(one), read_trajectory(other)
    assert list(mine.table["step"]) == list(yours.table["step"])
    assert mine.table["train_loss"].to_numpy() == pytest.approx(yours.table["train_loss"].to_numpy(), rel=1e-7)
    assert mine.table["epoch_accuracy"].equals(yours.table["epoch_accuracy"])
    assert torch.allclose(mine.weights, yours.weights, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_fleet_does_what_each_of_its_runs_does_alone(net, optimizer, tmp_path, monkeypatch):
    runs = runs_of(net, optimizer, steps=40)
    assert len({run.fleet for run in runs}) == 1
    assert len({run.task.train_samples for run in runs}) > 1
    alone = [carry_out(run, tmp_path / "alone") for run in runs]
    for one, other in zip(alone, side_by_side(runs, tmp_path / "fleet", monkeypatch), strict=True):
        assert_same(one, other)


def nudged(spec, data, parent):
    """The objective of a run, with initial weights that are 1e-12 off."""
    objective = started_objective(spec, data, parent)
    noise = torch.randn(objective.initial.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    objective.initial = objective.initial * (1 + 1e-12 * noise)
    return objective


def distance(one, other):
    """The largest difference between the final weights of two results, which end at one step."""
    mine, yours = read_trajectory(one), read_trajectory(other)
    assert list(mine.table["step"]) == list(yours.table["step"])
    return float((mine.weights - yours.weights).abs().max())


def test_a_run_that_has_reached_its_level_leaves_the_others_to_go_on(tmp_path, monkeypatch):
    """Training amplifies rounding errors, some runs by 10⁹ in 400 steps: a fleet may differ from its runs alone by
    less than these differ where they start 1e-12 apart, a thousand times the errors of all steps together."""
    stop = {"name": "level", "column": "train_accuracy", "level": 0.9}
    runs = runs_of(stop=stop, steps=400, points_per_decade=8)
    alone = [carry_out(run, tmp_path / "alone") for run in runs]
    assert len({read_csv(folder / TABLE)["step"].max() for folder in alone}) > 1
    with monkeypatch.context() as patched:
        patched.setattr("grokking.runs.training.started_objective", nudged)
        apart = [carry_out(run, tmp_path / "nudged") for run in runs]
    for one, other, near in zip(alone, side_by_side(runs, tmp_path / "fleet", monkeypatch), apart, strict=True):
        assert distance(one, other) < distance(one, near) < 0.1


def test_a_fleet_goes_on_from_checkpoints_of_different_steps(tmp_path, monkeypatch):
    """Killed at step 70, between two observations, after each run has been saved at a step of its own."""
    monkeypatch.setattr("grokking.dynamics.steps.descent.STEPS_PER_STATE", 1)
    runs = runs_of()
    alone = [carry_out(run, tmp_path / "alone") for run in runs]
    reach, advance, sizes = Training.reach, module.advance, []

    def until_killed(self, state):
        reach(self, state)
        if state.evaluations == 60 + 2 * self.spec.seed:
            self.saver.save(self.done)
        if state.evaluations == 70:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Training, "reach", until_killed)
        with pytest.raises(KeyboardInterrupt):
            side_by_side(runs, tmp_path / "fleet", monkeypatch)
    monkeypatch.setattr(module, "advance", lambda going, step: (sizes.append(len(going)), advance(going, step)))
    for one, other in zip(alone, side_by_side(runs, tmp_path / "fleet", monkeypatch), strict=True):
        assert_same(one, other)
    assert sizes[-1] == len(runs)
    assert min(sizes) < len(runs)


def test_of_a_fleet_that_diverges_the_others_are_finished(tmp_path, monkeypatch):
    runs = runs_of("mlp", "nesterov")
    alone = [carry_out(run, tmp_path / "alone") for run in runs]
    forward = SumObjective.residuals

    def diverging(self, z, c):
        """That of the one run whose data are those of seed 1."""
        bad = self is not None and getattr(self, "bad", False)
        return forward(self, z, c) * (math.inf if bad else 1)

    make = Training.__init__

    def training(self, order, device, fleet):
        make(self, order, device, fleet)
        self.motion.descent.objective.bad = order.spec is runs[0]

    monkeypatch.setattr(SumObjective, "residuals", diverging)
    monkeypatch.setattr(Training, "__init__", training)
    with pytest.raises(Divergence, match="sgd diverged before step"):
        side_by_side(runs, tmp_path / "fleet", monkeypatch)
    assert not Results(tmp_path / "fleet").run(runs[0].id).exists()
    for run, one in list(zip(runs, alone, strict=True))[1:]:
        assert_same(one, Results(tmp_path / "fleet").run(run.id))


def test_on_a_gpu_the_runs_of_a_fleet_go_together_and_the_others_alone(tmp_path):
    fleet, other = runs_of(), runs_of("mlp")
    orders = [Order(run, Results(tmp_path), "") for run in [fleet[0], *other, *fleet[1:]]]
    together = [[order.spec for order in group] for group in module.groups(orders, torch.device("cuda"))]
    assert together == [fleet, other]
    assert [len(group) for group in module.groups(orders, CPU)] == [1] * len(orders)


def test_what_cannot_go_side_by_side_has_no_fleet():
    run = runs_of()[0]
    assert run.fleet
    alone = [
        replace(run, model=replace(run.model, dropout=0.1)),
        replace(run, dynamics=replace(run.dynamics, batch=0)),
        replace(run, dynamics=replace(run.dynamics, batch=run.task.train_samples)),
        replace(run, may_diverge=True),
        replace(run, model=LSTM()),
        spec(
            {"name": "modular_function", "p": 7, "observed": 0.5}, {"name": "quadratic_net", "width": 8}, steps("adamw")
        ),
        spec(TASK, NETS["mlp"], {"name": "gradient_flow"}),
    ]
    assert [one.fleet for one in alone] == [""] * len(alone)
    for other in (replace(run, learning_rate=0.02), replace(run, steps=10), replace(run, task=replace(run.task, p=8))):
        assert other.fleet not in ("", run.fleet)


MODELS = [
    Transformer(),
    Transformer(norm="pre", activation="gelu"),
    Transformer(positions="sinusoidal"),
    Transformer(positions="none"),
    MLP(),
    LSTM(),
]


@pytest.mark.parametrize("model", MODELS)
def test_no_gradient_reads_from_its_device_or_mixes_two(model):
    """As a captured graph must not: tensors on `meta` have no numbers to read, and go with no other device's."""
    ours = model.objective(ModularSum(p=97, observed=0.5).draw(0), 0)
    if getattr(ours.net, "positions", None) is not None:
        ours.net = replace(ours.net, positions=ours.net.positions.to("meta"))
    theta = torch.empty_like(ours.initial, device="meta")
    operands, results = (torch.empty(shape, dtype=torch.int64, device="meta") for shape in ((256, 2), (256,)))
    assert [x.shape for x in ours.counted_slope(theta, operands, results)] == [theta.shape, (1,)]
    if not isinstance(model, LSTM):
        several = (x.expand(3, *x.shape).clone() for x in (theta, operands, results))
        assert [x.shape for x in torch.vmap(ours.counted_slope)(*several)] == [(3, *theta.shape), (3, 1)]
