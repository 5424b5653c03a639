"""Optimisers, filters, schedules and stops of one's own: right and resumed, or refused in one line."""

import json
import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from grokking.code import modules_of
from grokking.dynamics.dynamics import Dynamics
from grokking.dynamics.filters.filter import GradientFilter
from grokking.kernels.layout import Layout
from grokking.parts.errors import ConfigError
from grokking.parts.registry import parts
from grokking.runs.start import started_objective
from grokking.store.trajectory import read_trajectory
from tests.unit.own_files import interrupted, own, recipe  # noqa: F401 (a fixture)
from tests.unit.small_runs import RELU, STEPS, SUMS, TOKENS, TRANSFORMER, carry_out, content, spec
from tests.unit.test_fleet import assert_same, runs_of, side_by_side

HEAD = """
import math
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
import torch
from grokking.dynamics.filters.filter import GradientFilter
from grokking.dynamics.optimizer import Optimizer
from grokking.dynamics.schedules.schedule import Schedule
from grokking.stops.stop import Stop

STATE = {}

"""
OPTIMIZER = """
@dataclass(frozen=True, kw_only=True)
class Mine(Optimizer):
    name: ClassVar = "mine"
    batched: ClassVar = True
    def step(self, theta, gradient, memory, learning_rate, decay):
"""
FILTER = """
@dataclass(frozen=True)
class Mine(GradientFilter):
    name: ClassVar = "mine"
    batched: ClassVar = True
    def filtered(self, gradient, memory, step):
"""
LINE = HEAD.count("\n") + 7  # of the first line of a method


def file(base, *lines):
    """The text of a file with a method of these lines."""
    return HEAD + base + "".join(f"        {line}\n" for line in lines)


COUNTER = file(
    OPTIMIZER,
    'memory["t"] = memory.get("t", 0) + 1',
    'memory["rate"], memory["even"], memory["last"] = 1 / memory["t"], memory["t"] % 2 == 0, None',
    'm = memory.setdefault("m", 0 * gradient).mul_(0.9).add_(gradient)',
    'theta.sub_(learning_rate * (1 + memory["rate"]) * m / (1 - 0.9 ** memory["t"]))',
)
NOISY = file(
    OPTIMIZER,
    "theta.sub_(learning_rate * (gradient + 0.1 * torch.randn_like(theta) + 0.1 * float(np.random.standard_normal())))",
)
FILTERED = file(
    FILTER,
    'memory["seen"] = memory.get("seen", 0) + 1',
    'old = memory.setdefault("old", 0 * gradient)',
    'old.lerp_(gradient, 1 / memory["seen"])',
    "return gradient.add_(old)",
)


def mine(**settings):
    return spec(SUMS, {"name": "mlp", "width": 8}, {"name": "mine", "batch": 8, **settings}, learning_rate=0.02)


def filtered(**settings):
    return spec(SUMS, {"name": "mlp", "width": 8}, {"name": "sgd", "batch": 8, "filter": "mine"}, **settings)


@pytest.mark.parametrize(("text", "run"), [(COUNTER, mine), (NOISY, mine), (FILTERED, filtered)])
def test_numbers_in_memory_and_libraries_random_numbers_are_resumed(text, run, own, tmp_path, monkeypatch):  # noqa: F811
    own("mine", text)
    once = carry_out(run(), tmp_path / "once")
    assert content(interrupted(run(), tmp_path / "twice", 37, monkeypatch)) == content(once)
    other = carry_out(replace(run(), seed=1), tmp_path / "once")
    assert not torch.equal(read_trajectory(once).weights, read_trajectory(other).weights)


@pytest.mark.parametrize("text", [COUNTER, FILTERED])
def test_numbers_in_memory_are_kept_in_a_batch_of_runs(text, own, tmp_path, monkeypatch):  # noqa: F811
    own("mine", text)
    first, part = runs_of("mlp", "nesterov", steps=40), parts(Dynamics)["mine"] if text is COUNTER else None
    dynamics = part(batch=8) if part else filtered().dynamics
    runs = [replace(run, dynamics=dynamics) for run in first]
    assert runs[0].fleet
    alone = [carry_out(run, tmp_path / "alone") for run in runs]
    for one, other in zip(alone, side_by_side(runs, tmp_path / "fleet", monkeypatch), strict=True):
        assert_same(one, other)


def test_a_filter_or_a_layout_that_mixes_parameters_is_not_batched(own):  # noqa: F811
    own("mine", FILTERED.replace("    batched: ClassVar = True\n", ""))
    assert not filtered().fleet
    own("mine", COUNTER.replace("learning_rate, decay)", "learning_rate, decay, layout)"))
    assert not mine().fleet
    derived = HEAD.replace("STATE", "from grokking.dynamics.sgd import SGD\nSTATE") + OPTIMIZER.replace(
        "(Optimizer)", "(SGD)"
    )
    own(
        "mine",
        derived.replace("    batched: ClassVar = True\n", "") + "        theta.sub_(gradient / gradient.norm())\n",
    )
    assert parts(Dynamics)["mine"].batched
    assert not mine().fleet


def test_training_leaves_the_libraries_random_numbers_as_they_were(own, tmp_path):  # noqa: F811
    own("mine", NOISY)
    for library in (random, np.random, torch.random):
        getattr(library, "manual_seed" if library is torch.random else "seed")(5)
    expected = random.random(), np.random.rand(), float(torch.rand(()))
    for library in (random, np.random, torch.random):
        getattr(library, "manual_seed" if library is torch.random else "seed")(5)
    carry_out(mine(), tmp_path)
    assert (random.random(), np.random.rand(), float(torch.rand(()))) == expected


STEP = "own/mine.py: Mine.step"
KEPT = "must be a tensor, an int, a float, a bool or None: a checkpoint keeps nothing else"
WRONG_STEPS = {
    "list": (
        ['memory["h"] = [1]', "theta.sub_(gradient)"],
        f"{STEP}: memory['h']: 'a list': {KEPT}",
    ),
    "text": (['memory["h"] = "warm"', "theta.sub_(gradient)"], f"{STEP}: memory['h']: 'a str': {KEPT}"),
    "module": (
        ['memory["h"] = torch.nn.Linear(2, 2)', "theta.sub_(gradient)"],
        f"{STEP}: memory['h']: 'a Linear': {KEPT}",
    ),
    "numpy": (['memory["h"] = np.float64(1)', "theta.sub_(gradient)"], f"{STEP}: memory['h']: 'a float64': {KEPT}"),
    "alias": (
        ["theta.sub_(gradient)", 'memory["h"] = theta'],
        f"{STEP}: memory['h']: shares its memory with theta: use .clone()",
    ),
    "shared": (
        ["theta.sub_(gradient)", 'memory["g"] = memory["h"] = gradient'],
        f"{STEP}: memory['h']: shares its memory with g: use .clone()",
    ),
    "strided": (
        ["theta.sub_(gradient)", 'memory["h"] = gradient[: 2 * (len(theta) // 2)].view(2, -1).T'],
        f"{STEP}: memory['h']: must be contiguous: use .contiguous()",
    ),
    "history": (
        ["theta.sub_(gradient)", 'memory["h"] = torch.nn.Parameter(gradient)'],
        f"{STEP}: memory['h']: must not require a gradient: use .detach()",
    ),
    "returns": (
        ["return theta - gradient"],
        f"{STEP}: 'a tensor [*]': must change theta in place, as theta.sub_(…) does, and return nothing",
    ),
    "unmoved": (
        ["theta.sub(learning_rate * gradient)"],
        f"{STEP}: has not changed theta in 60 steps: change it in place, as theta.sub_(…) does",
    ),
}


@pytest.mark.parametrize(("lines", "message"), WRONG_STEPS.values(), ids=WRONG_STEPS)
def test_a_step_that_breaks_the_contract_ends_in_one_line(lines, message, own, tmp_path):  # noqa: F811
    own("mine", file(OPTIMIZER, *lines))
    with pytest.raises(ConfigError) as raised:
        carry_out(mine(), tmp_path)
    before, _, after = message.partition("*")
    assert str(raised.value).startswith(before)
    assert str(raised.value).endswith(after)


WRONG_FILES = {
    "rebinds": (
        file(OPTIMIZER, "theta = theta - learning_rate * gradient"),
        f"own/mine.py, line {LINE}: 'theta = …': in Mine.step changes nothing: "
        "change it in place, as theta.sub_(…) does",
    ),
    "rebinds in a branch": (
        file(OPTIMIZER, "if decay:", "    (theta, x) = (theta * decay, 1)", "theta -= gradient"),
        f"own/mine.py, line {LINE + 1}: 'theta = …': in Mine.step changes nothing: "
        "change it in place, as theta.sub_(…) does",
    ),
    "too few arguments": (
        file(OPTIMIZER.replace(", learning_rate, decay", ""), "theta.sub_(gradient)"),
        f"own/mine.py, line {LINE - 1}: 'Mine.step(self, theta, gradient, memory)': "
        "must take (self, theta, gradient, memory, learning_rate, decay)",
    ),
    "no return": (
        file(FILTER, "gradient * 2"),
        f"own/mine.py, line {LINE - 1}: 'Mine.filtered': returns nothing; must return "
        "the filtered gradient of step number `step`, from 1 on, shaped like `gradient`.",
    ),
    "no dataclass": (
        file(OPTIMIZER.replace("@dataclass(frozen=True, kw_only=True)", ""), "theta.sub_(gradient)").replace(
            'name: ClassVar = "mine"', 'name: ClassVar = "mine"\n    beta: float = 0.9'
        ),
        "own/mine.py: 'Mine': must be a frozen dataclass: put @dataclass(frozen=True) above it",
    ),
    "thawed": (
        file(FILTER.replace("(frozen=True)", ""), "return gradient"),
        "own/mine.py: 'Mine': must be a frozen dataclass: put @dataclass(frozen=True) above it",
    ),
    "no property": (
        HEAD.replace("STATE", "from grokking.tasks.operation import OperationTask\nSTATE")
        + '\n@dataclass(frozen=True)\nclass Mine(OperationTask):\n    observed: float\n    name: ClassVar = "mine"\n'
        "    def results(self):\n        return np.zeros((5, 5), int)\n    def sizes(self):\n        return (5,)\n",
        "'Mine.sizes': must be a property: put @property above it",
    ),
}


@pytest.mark.parametrize(("text", "message"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_part_that_cannot_stand_for_its_base_is_refused_when_it_is_loaded(text, message, own):  # noqa: F811
    own("mine", text)
    with pytest.raises(ConfigError) as raised:
        parts(Dynamics)
    assert str(raised.value).endswith(message)


def test_what_looks_like_a_broken_contract_may_be_none(own, tmp_path):  # noqa: F811
    """A step in place with augmented assignment, a name for a view, an early return, a nested function."""
    own("mine", file(OPTIMIZER, "def f(theta):", "    theta = 2 * theta", "    return theta", "if not decay:",
                     "    theta -= learning_rate * f(gradient)", "    return"))  # fmt: skip
    carry_out(mine(), tmp_path)
    own("mine", file(OPTIMIZER.replace("self, theta, gradient, memory, learning_rate, decay", "*given"),
                     "given[1].sub_(given[4] * given[2])"))  # fmt: skip
    carry_out(mine(), tmp_path / "given")


def test_a_step_or_a_filter_derived_from_an_idle_one_acts(own, tmp_path):  # noqa: F811
    """Plain gradient descent takes its steps many at once, where no filter acts; a user's are taken one by one."""
    shipped = HEAD.replace("STATE", "from grokking.dynamics.gradient_descent import GradientDescent\n"
                           "from grokking.dynamics.filters.unfiltered import Unfiltered\nSTATE")  # fmt: skip
    plain = spec(TOKENS, RELU, {"name": "gradient_descent"})
    own("mine", shipped + OPTIMIZER.replace("(Optimizer)", "(GradientDescent)") + "        theta.mul_(0.5)\n")
    halved = spec(TOKENS, RELU, {"name": "mine"}, steps=3)
    own_steps = read_trajectory(carry_out(halved, tmp_path)).table["parameter_norm"]
    assert own_steps.iloc[-1] == pytest.approx(own_steps.iloc[0] / 8)
    own("mine", shipped + FILTER.replace("(GradientFilter)", "(Unfiltered)") + "        return 0 * gradient\n")
    still = replace(plain, dynamics=replace(plain.dynamics, filter=parts(GradientFilter)["mine"]()))
    norms = read_trajectory(carry_out(still, tmp_path)).table["parameter_norm"]
    assert norms.iloc[-1] == norms.iloc[0]


@pytest.mark.parametrize("dtype", ["bfloat16", "bool", "int64", "complex64", "float64"])
def test_tensors_of_every_type_are_resumed(dtype, own, tmp_path, monkeypatch):  # noqa: F811
    own("mine", file(OPTIMIZER, f'm = memory.setdefault("m", torch.ones(3, dtype=torch.{dtype}))', "m[1] += m[0]",
                     "theta.sub_(learning_rate * gradient * abs(complex(m[1])))"))  # fmt: skip
    run = mine()
    once = carry_out(run, tmp_path / "once")
    assert content(interrupted(run, tmp_path / "twice", 7, monkeypatch)) == content(once)


@pytest.mark.parametrize("name", STEPS)
def test_a_gradient_may_be_overwritten(name):
    run = STEPS[name]
    descent = run.dynamics.motion(started_objective(run, run.task.draw(0), None), run).descent
    theta = descent.objective.initial
    first = descent.slope(theta, 1)[0]
    kept = first.clone()
    first.zero_()
    assert torch.equal(descent.slope(theta, 1)[0], kept)


@pytest.mark.parametrize("lines", [["return None if step > 3 else gradient"], ["return gradient.sum()"]])
def test_a_filter_that_returns_no_gradient_ends_in_one_line(lines, own, tmp_path):  # noqa: F811
    own("mine", file(FILTER, *lines))
    with pytest.raises(ConfigError, match=r"own/mine\.py: Mine\.filtered: 'a .*': must return a tensor \[\d+\]"):
        carry_out(filtered(), tmp_path)


SCHEDULE = """
@dataclass(frozen=True)
class Mine(Schedule):
    floor: float = 0.25
    name: ClassVar = "mine"
    def factor(self, done):
"""
STOP = """
@dataclass(frozen=True)
class Mine(Stop):
    name: ClassVar = "mine"
    def is_reached(self, rows, decay):
"""


def test_a_filter_and_a_step_that_remember_one_tensor_are_named(own, tmp_path):  # noqa: F811
    """Two tensors after a checkpoint, it would be one before."""
    filtering = FILTER.replace("Mine", "Sum").replace('"mine"', '"sum"')
    step = file(OPTIMIZER, 'memory["m"] = gradient', "theta.sub_(learning_rate * gradient)").removeprefix(HEAD)
    own("mine", file(filtering, 'return memory.setdefault("m", 0 * gradient).add_(gradient)') + step)
    with pytest.raises(ConfigError, match=r"own/mine\.py: Mine\.step: memory\['m'\]: shares its memory with filter.m"):
        carry_out(mine(filter="sum"), tmp_path)


def test_a_step_at_a_rate_of_0_may_leave_theta_where_it_is(own, tmp_path):  # noqa: F811
    waiting = file(SCHEDULE.replace("Mine", "Wait").replace('"mine"', '"wait"'), "return float(done > 0.9)")
    own("mine", waiting + file(OPTIMIZER, "theta.sub_(learning_rate * gradient)").removeprefix(HEAD))
    norms = read_trajectory(carry_out(replace(mine(schedule="wait"), steps=120), tmp_path)).table["parameter_norm"]
    assert norms.iloc[-2] == norms.iloc[0] != norms.iloc[-1]


def test_a_stop_at_rest_may_end_a_run_that_observes_no_loss(own, tmp_path):  # noqa: F811
    own("mine", file(STOP, "return len(rows) > 3").replace('"mine"', '"mine"\n    at_rest: ClassVar = True'))
    flow = spec(TOKENS, RELU, {"name": "log_loss_flow", "tolerance": 1e-2}, steps=30, stop="mine")
    about = json.loads((carry_out(flow, tmp_path) / "run.json").read_text(encoding="utf-8"))
    assert about["ended"] == "mine"


def scheduled():
    return spec(SUMS, {"name": "mlp", "width": 8}, {"name": "sgd", "batch": 8, "schedule": "mine"})


def stopped():
    return spec(SUMS, {"name": "mlp", "width": 8}, {"name": "sgd", "batch": 8}, stop="mine")


def test_a_schedule_and_a_stop_of_ones_own_act_and_resume(own, tmp_path, monkeypatch):  # noqa: F811
    own("mine", file(SCHEDULE, "return max(self.floor, 1 - done)"))
    run = scheduled()
    once = carry_out(run, tmp_path / "once")
    assert content(interrupted(run, tmp_path / "twice", 37, monkeypatch)) == content(once)
    descent = run.dynamics.motion(started_objective(run, run.task.draw(0), None), run).descent
    assert [descent.rate(step) for step in (15, 59, 60)] == [0.1 * 0.75, 0.1 * 0.25, 0.1 * 0.25]
    own("mine", file(STOP, 'return rows[-1]["step"] >= 20'))
    run = stopped()
    once = carry_out(run, tmp_path / "stopped")
    assert json.loads((once / "run.json").read_text(encoding="utf-8"))["ended"] == "mine"
    assert 20 <= read_trajectory(once).table["step"].iloc[-1] < 40
    assert content(interrupted(run, tmp_path / "again", 8, monkeypatch)) == content(once)


@pytest.mark.parametrize(
    ("text", "run", "message"),
    [
        (
            file(SCHEDULE, "return None if done > 0.5 else 1"),
            scheduled,
            "Mine.factor: None: must return a number of at",
        ),
        (file(SCHEDULE, "return 0.5 - done"), scheduled, "Mine.factor: -0.0"),
        (file(STOP, 'return rows[-1]["train_loss"] if len(rows) > 2 else False'), stopped, "Mine.is_reached: "),
        (file(STOP, "return None"), stopped, "Mine.is_reached: None: must return True or False"),
    ],
)
def test_a_schedule_or_a_stop_that_returns_something_else_ends_in_one_line(text, run, message, own, tmp_path):  # noqa: F811
    own("mine", text)
    with pytest.raises(ConfigError) as raised:
        carry_out(run(), tmp_path)
    assert str(raised.value).startswith(f"own/mine.py: {message}")


def orthogonal(G, singular):
    """G with each singular value changed by a function, scaled by its shape, by a decomposition."""
    U, S, Vh = np.linalg.svd(G.double().numpy(), full_matrices=False)
    return torch.from_numpy((U * singular(S / np.linalg.norm(S))) @ Vh) * max(1, G.shape[0] / G.shape[1]) ** 0.5


def newton_schulz(s):
    for _ in range(5):
        s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
    return s


@pytest.mark.parametrize(("task", "model"), [(SUMS, TRANSFORMER), (TOKENS, RELU)], ids=["transformer", "pairs"])
def test_the_muon_of_the_recipes_is_that_of_a_decomposition_and_resumes(task, model, own, tmp_path, monkeypatch):  # noqa: F811
    own("muon", recipe("class Muon"))
    run = spec(task, {**model, "dtype": "float64"}, {"name": "muon", "batch": 8}, learning_rate=0.02, weight_decay=0.1)
    objective = started_objective(run, run.task.draw(0), None)
    descent = run.dynamics.motion(objective, run).descent
    *_, state = descent.advance(descent.start(), 1)
    before = objective.initial
    gradients = objective.layout.views(descent.slope(before, 1)[0])
    moved = objective.layout.views(state.y - (1 - 0.02 * 0.1) * before)
    for name, change in moved.items():
        full = 1.95 * gradients[name]  # g + μb, with b = g at the first step
        expected = orthogonal(full, newton_schulz) if full.ndim == 2 else full
        assert torch.allclose(change, -0.02 * expected, atol=1e-6), name
        if full.ndim == 2:
            values = torch.linalg.svdvals(change / 0.02)
            assert values.max() < 1.3 * max(1, len(full) / len(full.T)) ** 0.5
    once = carry_out(run, tmp_path / "once")
    assert content(interrupted(run, tmp_path / "twice", 37, monkeypatch)) == content(once)
    table = read_trajectory(once).table
    assert table["train_loss"].iloc[-1] < 0.8 * table["train_loss"].iloc[0]


def test_a_layout_has_the_parameters_of_every_net_by_name():
    layout = Layout({"a": (2, 3), "b": (3,)})
    theta = torch.arange(9.0)
    flat, array = layout.views(theta), layout.views(theta.view(3, 3))
    assert torch.equal(flat["a"], torch.arange(6.0).view(2, 3))
    assert all(torch.equal(flat[name], array[name]) for name in flat)
    array["b"].add_(1)
    assert theta.tolist() == [0, 1, 2, 3, 4, 5, 7, 8, 9]


def test_only_runs_that_use_them_depend_on_the_files_of_filters_schedules_and_stops(own):  # noqa: F811
    texts = {filtered: FILTERED, scheduled: file(SCHEDULE, "return 1"), stopped: file(STOP, "return False")}
    for run, text in texts.items():
        own("mine", text)
        others = spec(SUMS, {"name": "mlp", "width": 8}, {"name": "sgd", "batch": 8})
        assert "grokking.own.mine" in modules_of(run())
        assert "grokking.own.mine" not in modules_of(others)
        assert run().id != others.id
