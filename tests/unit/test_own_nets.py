"""Nets, tasks, activations, starts and figures of one's own that are wrong: each ends in one line."""

import pytest
import torch

import grokking
from grokking.code import Codebase
from grokking.logs import job_log
from grokking.parts.errors import ConfigError
from grokking.parts.own import draws
from grokking.parts.registry import parts
from grokking.starts.start import Start
from grokking.study.load import load_study
from grokking.tasks.task import Task
from tests.unit.own_files import own  # noqa: F401 (a fixture)
from tests.unit.small_runs import RELU, SUMS, TOKENS, carry_out, spec

HEAD = """
from dataclasses import dataclass
import numpy as np
import torch
from grokking.models.own_net import OwnNet
from grokking.models.quadratic_net import QuadraticNet
from grokking.starts.start import Start
from grokking.tasks.operation import OperationTask

@dataclass(frozen=True, kw_only=True)
"""
NET = (
    HEAD
    + """
class Mine(OwnNet):
    name = "mine"
    def shapes(self, tokens, length):
        return {shapes}
    def outputs(self, W, x):
        return {outputs}
"""
)
GOOD_SHAPES, GOOD_OUTPUTS = "{'a': (tokens, 8), 'b': (tokens, 8)}", "W['a'][x].sum(1).square() @ W['b'].T"


def net(shapes=GOOD_SHAPES, outputs=GOOD_OUTPUTS):
    return NET.replace("{shapes}", shapes).replace("{outputs}", outputs)


def run_of(**settings):
    return spec(SUMS, "mine", {"name": "adam", "batch": 8}, **settings)


WRONG_NETS = {
    "shape": (net("{'a': 5}"), r"Mine\.shapes: \{'a': 5\}: must return the shape of each parameter by name"),
    "list": (net("[(3, 4)]"), r"Mine\.shapes: \[\(3, 4\)\]: must return the shape of each parameter"),
    "float": (net("{'a': (3, 4.0)}"), r"Mine\.shapes: .*: must return the shape of each parameter"),
    "outputs": (
        net(outputs="W['a'][x].sum(1)"),
        r"Mine\.outputs: 'a tensor \[\d+, 8\]': must return a tensor \[\d+, 9\]",
    ),
    "none": (net(outputs="None"), r"Mine\.outputs: 'a NoneType': must return a tensor"),
    "constant": (net(outputs="torch.zeros(len(x), len(W['a']))"), r"Mine\.outputs: does not depend on W"),
    "detached": (net(outputs=f"({GOOD_OUTPUTS}).detach()"), r"Mine\.outputs: does not depend on W"),
    "dropout": (
        net(outputs=f"torch.nn.functional.dropout({GOOD_OUTPUTS}, 0.5)"),
        r"Mine\.objective: the net must draw no random numbers",
    ),
    "nan": (net(outputs=f"({GOOD_OUTPUTS}) / 0 * 0"), r"Mine\.objective: nan: the loss must be finite at the initial"),
    "batched": (
        net().replace('name = "mine"', 'name = "mine"\n    batched = True'),
        r"Mine\.batched: True: must be false",
    ),
}


@pytest.mark.parametrize(("text", "message"), WRONG_NETS.values(), ids=WRONG_NETS)
def test_a_net_that_breaks_the_contract_ends_in_one_line(text, message, own, tmp_path):  # noqa: F811
    own("mine", text)
    with pytest.raises(ConfigError, match=rf"own/mine\.py: {message}"):
        carry_out(run_of(), tmp_path)


def test_a_net_whose_weights_are_no_function_of_the_seed_is_refused(own, tmp_path):  # noqa: F811
    own(
        "mine",
        HEAD.replace(", kw_only=True", "")
        + """
class Mine(QuadraticNet):
    name = "mine"
    def initial_weights(self, p, seed):
        return torch.randn(3 * p, self.width)
""",
    )
    with pytest.raises(ConfigError, match=r"Mine\.objective: has other initial weights now; draw random numbers from"):
        carry_out(spec(TOKENS, {"name": "mine", "width": 8}, {"name": "adam"}), tmp_path)


TASK = (
    HEAD
    + """
class Mine(OperationTask):
    observed: float = 0.5
    name = "mine"
    def results(self):
        return {results}
"""
)
WRONG_TASKS = {
    "no square": ("np.zeros((5, 4), int)", r"results must be integers \[n, n\], not int64 \[5, 4\]"),
    "real": ("np.zeros((5, 5))", r"results must be integers \[n, n\], not float64 \[5, 5\]"),
    "a list": ("[[0, 1], [1, 0]]", "results must be an array of numpy, not list"),
    "nothing": ("None", "results must be an array of numpy, not NoneType"),
    "a tensor": ("__import__('torch').zeros(5, 5)", "results must be an array of numpy, not Tensor"),
    "a number": ("np.int64(3)", "results must be an array of numpy, not int64"),
    "no axes": ("np.array(3)", r"results must be integers \[n, n\], not int64 \[\]"),
    "large": ("np.full((5, 5), 5)", "results of 5 operands must be from -1 to 4, not 5 to 5"),
    "negative": ("np.full((5, 5), -2)", "results of 5 operands must be from -1 to 4, not -2 to -2"),
}


@pytest.mark.parametrize(("results", "message"), WRONG_TASKS.values(), ids=WRONG_TASKS)
def test_a_task_whose_table_cannot_be_is_refused_before_training(results, message, own):  # noqa: F811
    own("mine", TASK.replace("{results}", results))
    with pytest.raises(ConfigError, match=message):
        spec("mine", RELU, {"name": "adam"})


def test_a_task_that_draws_other_data_the_second_time_is_refused(own, tmp_path):  # noqa: F811
    own("mine", TASK.replace("{results}", "np.random.default_rng().integers(0, 9, (9, 9))"))
    with pytest.raises(ConfigError, match=r"Mine\.draw: gave other data the second time; draw random numbers from"):
        carry_out(spec("mine", RELU, {"name": "adam"}), tmp_path)


@pytest.mark.parametrize("body", ["return None", "return super().draw(seed).results"])
def test_a_task_that_draws_no_data_ends_in_one_line(body, own, tmp_path):  # noqa: F811
    own("mine", TASK.replace("{results}", "np.eye(6, dtype=int)") + f"    def draw(self, seed):\n        {body}\n")
    with pytest.raises(ConfigError, match=r"own/mine\.py: Mine\.draw: 'a .*': must return data of the kind operation"):
        carry_out(spec("mine", RELU, {"name": "adam"}), tmp_path)


def test_a_file_that_a_task_of_ones_own_does_not_find_is_not_blamed_on_the_results(own, tmp_path, monkeypatch):  # noqa: F811
    own("mine", TASK.replace("{results}", "np.eye(6, dtype=int)") + "    def draw(self, seed):\n        open('gone')\n")
    monkeypatch.setattr(Codebase, "of_run", lambda codebase, run: "")  # it reads the files of the repository
    with pytest.raises(FileNotFoundError, match="'gone'"):
        grokking.train(spec("mine", RELU, {"name": "adam"}), tmp_path, progress=False)


def test_a_task_of_ones_own_can_have_flipped_labels_and_small_integers(own):  # noqa: F811
    own("mine", TASK.replace("{results}", "np.eye(6, dtype=np.int8)"))
    data = spec({"name": "mine", "flipped": 3}, RELU, {"name": "adam"}).task.draw(0)
    assert data.labels.dtype == torch.int64
    assert int((data.labels != data.results).sum()) == 3


@pytest.mark.parametrize("body", ["return x.mul_(2)", "return x.sum()", "return 1.0"])
def test_an_activation_that_changes_its_argument_or_its_shape_ends_in_one_line(body, own, tmp_path):  # noqa: F811
    own("wave", f"def wave(x):\n    {body}\n")
    run = spec(SUMS, {"name": "mlp", "width": 8, "activation": "wave"}, {"name": "adam"})
    with pytest.raises(ConfigError, match=r"own/wave\.py: wave: must return a new tensor shaped like its argument"):
        carry_out(run, tmp_path)


def test_a_start_with_other_shapes_ends_in_one_line(own, tmp_path):  # noqa: F811
    own(
        "mine",
        HEAD
        + """
class Mine(Start):
    name = "mine"
    def weights(self, beginning):
        return beginning.objective.initial[:-1]
""",
    )
    assert "mine" in parts(Start)
    with pytest.raises(ConfigError, match=r"own/mine\.py: Mine\.weights: must return weights \[\d+\] of"):
        carry_out(spec(SUMS, {"name": "mlp", "width": 8}, {"name": "adam"}, start="mine"), tmp_path)


FIGURE = """
from grokking.figures.kind import FigureKind


@FigureKind("own_kind", takes=("run",))
def shown(data, marks):
    pass
"""


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (TASK.replace("{results}", "np.zeros((5, 5), int)"), "Mine"),
        ("def mine(x):\n    return x\n", "mine"),
    ],
)
def test_a_part_or_an_activation_beside_a_figure_is_refused_with_the_line(text, what, own):  # noqa: F811
    own("mine", text + FIGURE)
    with pytest.raises(ConfigError, match=rf"own/mine\.py, line \d+: '{what}': stands in the file of a FigureKind"):
        parts(Task)


def test_a_figure_may_stand_beside_its_helpers(own):  # noqa: F811
    own("mine", "class Helper:\n    size = 3\n\n\ndef other(x):\n    return x\n" + FIGURE)
    assert draws("mine")
    assert "mine" not in parts(Task)


def test_an_error_inside_a_part_of_ones_own_is_named_with_its_line(own, tmp_path, caplog):  # noqa: F811
    own("mine", net(outputs="W['c'][x]"))
    with pytest.raises(SystemExit), job_log(str(tmp_path / "job.log")):
        carry_out(run_of(), tmp_path)
    assert caplog.messages[-1] == "error: own/mine.py, line 17: KeyError: 'c'"
    own("mine", TASK.replace("{results}", "[][0]"))
    papers = tmp_path / "config/papers"
    papers.mkdir(parents=True)
    (tmp_path / "config/presets").mkdir()
    (papers / "p.yaml").write_text(
        "experiments: {e: {task: {name: mine}, model: {name: two_layer_net, width: 8}, dynamics: {name: adam}, "
        "learning_rate: 1, steps: 9}}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match=r"^own/mine\.py, line 16: IndexError: list index out of range"):
        load_study(tmp_path, ["p"], "paper", None)
