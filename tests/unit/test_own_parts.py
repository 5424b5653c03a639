"""The parts that docs/extending.md shows work in `grokking/own/` of a copy of the package."""

import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from grokking.store.provenance import ROOT

SCRIPT = """
import json, sys, torch
from grokking.code import modules_of
from grokking.kernels.activations import activation
from grokking.runs.start import started_objective
from grokking.specs.run import RunSpec

def spec(dynamics, model, steps=20, task={"name": "modular_sum", "p": 7}):
    return RunSpec.from_mapping({
        "task": {**task, "observed": 0.5}, "model": model, "seed": 0, "steps": steps,
        "dynamics": {"batch": 8, **dynamics}, "learning_rate": 0.01,
        **({"weight_decay": 0.5} if dynamics["name"] == "lion" else {}),
    }, "run")

def trained(run, stops):
    objective = started_objective(run, run.task.draw(run.seed), None)
    motion = run.dynamics.motion(objective, run)
    state = motion.start()
    for stop in stops:
        *_, state = motion.advance(state, stop)
    return objective, state

lion = spec({"name": "lion"}, {"name": "mlp", "width": 8, "dtype": "float64"})
objective, state = trained(lion, [20])
_, halted = trained(lion, [7, 20])
x = torch.linspace(-3, 3, 11, dtype=torch.float64)
y, saved = activation("swish").forward(x.clone())
s = x.sigmoid()
swish = spec({"name": "adam"}, {"name": "mlp", "width": 8, "activation": "swish"})
bag = spec({"name": "lion"}, {"name": "bag", "width": 8}, 100)
start, end = trained(bag, [100])
group = spec({"name": "adam"}, {"name": "two_layer_net", "width": 16}, 100, {"name": "symmetric_group", "degree": 3})
group_start, group_end = trained(group, [100])
print(json.dumps({
    "same": bool((state.y == halted.y).all()), "moved": float((state.y - objective.initial).abs().max()),
    "memory": sorted(state.memory),
    "modules": [
        [name for name in sorted(modules_of(run)) if ".own." in name] for run in (lion, swish, bag, group)
    ],
    "losses": [start.observe(theta)[0]["train_loss"] for theta in (start.initial, end.y)],
    "group_losses": [group_start.observe(theta)[0]["train_loss"] for theta in (group_start.initial, group_end.y)],
    "products": group.task.results().tolist(),
    "value": float((y - x * s).abs().max()), "fleet": [lion.fleet, bool(swish.fleet), bag.fleet],
    "derivative": float((activation("swish").backward(torch.ones_like(x), saved) - s * (1 + x * (1 - s))).abs().max()),
}))
try:
    spec({"name": "lion", "beta1": 2}, {"name": "mlp"})
except ValueError as error:
    print(error)
try:
    spec({"name": "lyon"}, {"name": "mlp", "activation": "swish"})
except ValueError as error:
    print(error)
try:
    spec({"name": "gradient_flow"}, {"name": "bag", "heads": 2})
except ValueError as error:
    print(error)
try:
    group = {"name": "symmetric_group", "degree": 7}
    spec({"name": "gradient_flow"}, {"name": "two_layer_net", "width": 16}, 20, group)
except ValueError as error:
    print(error)
"""

FILES = {"Lion": "lion", "swish": "swish", "Bag": "bag", "SymmetricGroup": "symmetric_group", "accuracy_gap": "gap"}


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What the script says in a copy with the files of the documentation."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "src/grokking", folder / "grokking", ignore=shutil.ignore_patterns("__pycache__"))
    text = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        for name, file in FILES.items():
            if f"class {name}" in block or f"def {name}" in block:
                (folder / f"grokking/own/{file}.py").write_text(block, encoding="utf-8")
    found, *errors = say(folder, SCRIPT)
    return json.loads(found), errors, folder


def say(folder, script):
    """The lines that a script prints with the package in a folder."""
    done = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("first", ["specs.run", "dynamics.optimizer", "models.own_net", "own", "parts.fields"])
def test_they_are_found_whatever_is_imported_first(said, first):
    script = f"""import grokking.{first}
from grokking.dynamics.dynamics import Dynamics
from grokking.models.activation import activations
from grokking.models.model import Model
from grokking.parts.registry import parts
from grokking.tasks.task import Task
print(*(kind.__name__ for kind in (parts(Dynamics)["lion"], parts(Model)["bag"], parts(Task)["symmetric_group"])))
print("swish" in activations())"""
    assert say(said[2], script) == ["Lion Bag SymmetricGroup", "True"]


def test_a_figure_in_one_file_is_found_without_being_loaded_and_drawn(said):
    script = """import sys
import grokking.specs.run
from grokking.figures.kinds import kinds, load
print(kinds()["accuracy_gap"].module, "grokking.own.gap" in sys.modules, "matplotlib" in sys.modules)
import pandas as pd
from grokking.figures.data import FigureData
scores = {"train_accuracy": [0.5, 1.0], "test_accuracy": [0.25, 0.75]}
rows = pd.DataFrame({"experiment": "e", "seed": 0, "evidence": "sum", "step": [1, 10], **scores})
print(*load("accuracy_gap")(FigureData(rows), None).axes[0].get_lines()[0].get_ydata())"""
    assert say(said[2], script) == ["grokking.own.gap False False", "0.25 0.25"]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("mine", "def other(x): return x\n", "own/mine.py: must define a part, a FigureKind or a function mine"),
        ("relu", "def relu(x): return x\n", "own/relu.py: 'relu': is an activation already; choose another name"),
        ("mine", "def mine(x) return x\n", "own/mine.py, line 1: SyntaxError: expected ':'"),
        ("mine", "\0", "own/mine.py: SyntaxError: source code string cannot contain null bytes"),
        ("mine", "import sys\n\nsys.exit()\n", "own/mine.py, line 3: SystemExit: "),
        ("mine", "import nowhere\n", "own/mine.py, line 1: ModuleNotFoundError: No module named 'nowhere'"),
        (
            "mine",
            "from grokking.dynamics.optimizer import Optimizer\nclass Mine(Optimizer):\n    pass\n",
            "own/mine.py: 'Mine': must define name, its name in a config",
        ),
        (
            "mine",
            "from grokking.dynamics.optimizer import Optimizer\nclass Mine(Optimizer):\n    name = 'mine'\n",
            "own/mine.py: 'Mine': must define step",
        ),
        (
            "mine",
            "from grokking.models.own_net import OwnNet\nclass Mine(OwnNet):\n    name = 'mine'\n",
            "own/mine.py: 'Mine': must define outputs, shapes",
        ),
        (
            "mine",
            "from grokking.tasks.task import Task\nclass Mine(Task):\n    name = 'mine'\n",
            "own/mine.py: 'Mine': must define columns, data, draw, sizes, train_samples",
        ),
        (
            "mine",
            "from grokking.analyses.analysis import RunAnalysis\nclass Mine(RunAnalysis):\n    name = 'mine'\n"
            "    def table(self, seed, runs=()): return None\n",
            "own/mine.py: 'Mine': must define columns",
        ),
        (
            "mine",
            "from grokking.models.own_net import OwnNet\nclass Mine(OwnNet):\n    name = 'mlp'\n"
            "    def shapes(self, tokens, length): return {}\n    def outputs(self, W, x): return x\n",
            "own/mine.py: Mine.name: 'mlp': is taken; choose another name",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path, file, content, message):
    shutil.copytree(ROOT / "src/grokking", tmp_path / "grokking", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / f"grokking/own/{file}.py").write_text(content, encoding="utf-8")
    script = """from grokking.parts.errors import ConfigError
from grokking.models.activation import activations
from grokking.models.model import Model
from grokking.parts.registry import parts
try:
    activations(), parts(Model)
except ConfigError as error:
    print(error)"""
    assert say(tmp_path, script) == [message]


def test_a_net_in_one_file_trains(said):
    found, *_ = said
    before, after = found["losses"]
    assert after < 0.9 * before


def test_a_task_in_one_file_is_the_group_and_is_learned(said):
    found, *_ = said
    product = np.array(found["products"])
    everything = range(len(product))
    assert (product[0] == everything).all()  # the identity is the first permutation
    assert (everything == np.sort(product, axis=0).T).all()
    assert (np.sort(product, axis=1) == everything).all()
    assert (product[product] == product[:, product]).all()  # (στ)υ = σ(τυ)
    assert (product != product.T).any()
    before, after = found["group_losses"]
    assert after < 0.9 * before


def test_an_optimiser_in_one_file_trains_and_resumes(said):
    found, *_ = said
    assert found["same"]
    assert 0.01 < found["moved"] <= 20 * 0.01 * (1 + 0.5 * 1.2)  # sign and decay of weights of at most about 1
    assert "optimizer.average" in found["memory"]


def test_an_activation_in_one_file_has_its_derivative(said):
    found, *_ = said
    assert found["value"] == 0
    assert found["derivative"] < 1e-14


def test_only_runs_that_use_them_depend_on_the_files(said):
    found, *_ = said
    assert found["modules"] == [
        ["grokking.own.lion"],
        ["grokking.own.swish"],
        ["grokking.own.bag", "grokking.own.lion"],
        ["grokking.own.symmetric_group"],
    ]
    assert found["fleet"] == ["", True, ""]


def test_their_parameters_are_checked_like_all_others(said):
    _, (wrong_value, wrong_name, wrong_key, wrong_size), _ = said
    assert wrong_value == "run.dynamics.beta1: 2: must be a number of at least 0 and below 1"
    assert wrong_name.startswith("run.dynamics.name: 'lyon': unknown; allowed: adam, adamw,")
    assert wrong_name.endswith("sgd, lion; near: lion")
    assert wrong_key.startswith("run.model.heads: ")
    assert wrong_size.endswith("degree must be at most 6: all (n!)² pairs are held in memory")
