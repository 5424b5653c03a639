"""Runs from Python: the workflow's ids, results and figures; the tutorial; what is refused."""

import io
import logging
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import grokking
from grokking.code import Codebase
from grokking.failures import DamagedResult
from grokking.logs import Report
from grokking.parts.errors import ConfigError
from grokking.runs.told import told, words
from grokking.store.sealed import read_sealed
from grokking.study.load import load_study

ROOT = Path(__file__).parents[2]
CURVE = pd.DataFrame({"step": [0, 1], "test_accuracy": [0.0, 1.0]})
SMALL = {
    "task": {"name": "modular_addition", "p": 7, "observed": 0.7},
    "model": {"name": "two_layer_net", "width": 16},
    "dynamics": {"name": "gradient_flow"},
    "learning_rate": 0.1,
    "steps": 100,
}


def test_an_experiment_by_name_is_the_workflows_run():
    papers = load_study(ROOT, ["lyu2024", "pku2024"], "paper", None).papers
    assert grokking.run("lyu2024/fig2a", seed=2) == papers["lyu2024"].experiments["fig2a"].runs[2]
    assert grokking.run("pku2024/mlp") == papers["pku2024"].experiments["mlp"].runs[0]
    changed = grokking.run("lyu2024/fig2a", steps=1e6, model={"init_scale": 10})
    assert (changed.steps, changed.model.init_scale, changed.model.width) == (10**6, 10, 1024)
    assert changed.task == papers["lyu2024"].experiments["fig2a"].runs[0].task


def test_a_run_is_trained_once_and_is_one_that_the_workflow_takes(tmp_path, capsys):
    run = grokking.run(seed=3, **SMALL)
    first = grokking.train(run, tmp_path)
    assert "done: budget after" in capsys.readouterr().err
    assert read_sealed(tmp_path / "runs" / run.id)["code"] == Codebase.at(ROOT).of_run(run)
    again = grokking.train(run, tmp_path, progress=False)
    assert capsys.readouterr().err == ""
    assert again.table.equals(first.table)
    assert {"step", "time", "train_accuracy", "test_loss"} <= set(first.table)
    step = grokking.crossing(first.table, "train_loss", 1e9)
    assert step != step
    drawn = grokking.figure("modular_addition", {"mine": run}, tmp_path)
    assert drawn.axes[0].get_ylabel() == "accuracy"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grokking.run("lyu2024/fig9"), "experiments: 'fig9': no such experiment; allowed: fig1a, "),
        (lambda: grokking.run("pku2024/sensitivity"), "'sensitivity': is abstract, a base without runs; allowed: "),
        (lambda: grokking.run("fig2a"), "must be paper/name, with one of the papers gromov2023, lyu2024, pku2024"),
        (lambda: grokking.run(**{**SMALL, "lr": 1}), r"run\.lr: 1: unknown key; allowed: task, "),
        (lambda: grokking.run(**{**SMALL, "steps": [1, 2]}), "is a list, but a run takes one value"),
        (lambda: grokking.run("pku2024/fractions_adam"), r"task.observed: \[0.3, 0.5, .*\]: is a list"),
        (lambda: grokking.run(SMALL), r'experiment: \{.*: must be a string "paper/experiment"; pass settings as'),
        (lambda: grokking.run(seed=-1, **SMALL), "run: seed: -1: must be an integer of at least 0"),
        (lambda: grokking.run(seed="1", **SMALL), "run: seed: '1': must be an integer of at least 0"),
        (lambda: grokking.run(seed=[0, 1], **SMALL), r"run: seed: \[0, 1\]: must be an integer of at least 0"),
        (lambda: grokking.train("lyu2024/fig2a"), "run: 'lyu2024/fig2a': must be a run returned by grokking.run"),
        (lambda: grokking.train(grokking.run(**SMALL), results=3), "results: 3: must be a folder"),
        (lambda: grokking.crossing(3, "test_loss", 1), "run: 3: must be a trajectory returned by grokking.train"),
        (lambda: grokking.crossing(CURVE, "test_accuracy", 99), "level: 99: of test_accuracy must be at most 1"),
        (lambda: grokking.crossing(CURVE, "test_accuracy", "0.5"), "level: '0.5': must be a number above 0"),
        (lambda: grokking.crossing(CURVE, "test_acc", 0.5), "test_acc"),
        (
            lambda: grokking.figure("pie", {}),
            "kind: 'pie': unknown, or needs more than runs; allowed: closed_form_start, ",
        ),
        (lambda: grokking.figure("lemmas", {}), "kind: 'lemmas': unknown, or needs more than runs"),
        (lambda: grokking.figure("modular_addition", {}), "runs: {}: must be a mapping from labels to runs"),
        (lambda: grokking.figure("modular_addition", [1]), r"runs: \[1\]: must be a mapping from labels to runs"),
        (lambda: grokking.figure("modular_addition", {"a": 1}), "runs: a: 1: must be a run"),
        (lambda: grokking.figure("flow_and_descent", {"a": 1}), "runs: 1: flow_and_descent takes at least 2"),
        (
            lambda: grokking.figure("diagonal_net", {"a": grokking.run(**SMALL)}),
            "diagonal_net cannot draw it, which gives operation; allowed kinds: ",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_the_words_of_the_config(call, message):
    with pytest.raises(ConfigError, match=message):
        call()


def test_a_figure_needs_finished_runs(tmp_path):
    run = grokking.run(**SMALL)
    with pytest.raises(ConfigError, match=r"runs: mine: .*: is not trained in .*; train it first with grokking.train"):
        grokking.figure("modular_addition", {"mine": run}, tmp_path)
    grokking.train(run, tmp_path, progress=False)
    (tmp_path / "runs" / run.id / "trajectory.csv").write_text("cut", encoding="utf-8")
    with pytest.raises(DamagedResult):
        grokking.figure("modular_addition", {"mine": run}, tmp_path)


def test_a_start_is_named_by_its_experiment_or_its_run(tmp_path):
    triples = load_study(ROOT, ["pku2024"], "paper", None).papers["pku2024"].experiments["triples_pretrained"].runs[0]
    assert grokking.run("pku2024/triples_pretrained") == triples
    assert (
        grokking.run("pku2024/triples", start={"name": "run", "experiment": "pku2024/pairs_generalised"}).parent
        == triples.parent
    )
    assert grokking.run("pku2024/triples_pretrained", 2).parent == grokking.run("pku2024/pairs_generalised", seed=2).id
    assert grokking.run("pku2024/triples_pretrained", start={"run": "mine"}).parent == "mine"
    with pytest.raises(ConfigError, match=f"start.run: '{triples.parent}': is not trained in .*; train it first"):
        grokking.train(triples, tmp_path, progress=False)
    assert not list(tmp_path.iterdir())


def test_numbers_may_be_numpys_or_torchs():
    plain = grokking.run(seed=1, weight_decay=1e-3, **SMALL)
    for kind in (np.float64, np.float32, torch.tensor):
        found = grokking.run(seed=np.int64(1), weight_decay=kind(1e-3), **{**SMALL, "steps": np.int64(100)})
        assert found.weight_decay == pytest.approx(1e-3)
        assert type(found.weight_decay) is float
        assert replace(found, weight_decay=1e-3).id == plain.id


def test_a_curve_is_crossed_up_and_down(tmp_path):
    trained = grokking.train(grokking.run(**{**SMALL, "steps": 1e4}), tmp_path, progress=False)
    level = float(trained.table["train_loss"].iloc[-1]) * 2
    step = grokking.crossing(trained, "train_loss", level, "down")
    assert 0 < step < 1e4
    assert grokking.crossing(trained.table, "train_loss", level, direction="down") == step
    assert grokking.crossing(trained, "train_loss", 1e9) != step


def test_a_folder_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"results: '.*file': cannot be written \(Not a directory\)"):
        grokking.train(grokking.run(**SMALL), tmp_path / "file", progress=False)


def test_a_notebook_completes_what_there_is():
    assert {"run", "train", "crossing", "figure", "__version__"} <= set(dir(grokking))


class Stream(io.StringIO):
    """A terminal of 80 columns, or a file."""

    def __init__(self, terminal):
        super().__init__()
        self.isatty = lambda: terminal


def shown(monkeypatch, terminal, *messages, level=logging.INFO):
    monkeypatch.setattr("sys.stderr", stream := Stream(terminal))
    monkeypatch.setenv("COLUMNS", "80")
    with told(True):
        for message in messages:
            logging.getLogger("grokking.runs.train").log(level, message)
    return stream.getvalue()


def report(done, **row):
    return Report(done, 12.0, 15.0, False, row)


STEP = report(0.45, step=10, train_loss=0.5, **{f"a_long_name_{number}": 0.123456 for number in range(9)})


def test_progress_fits_a_terminal_and_says_first_how_far_it_is(monkeypatch):
    *lines, end = shown(monkeypatch, True, STEP, STEP).split("\r")[1:]
    assert all(len(line.rstrip("\n")) == 79 for line in (*lines, end))
    assert end.startswith("45%, 12.0 s, about 15 s left  step 10  train_loss 0.5  a_long_name")


def test_a_file_gets_progress_seldom_warnings_always_and_the_end(monkeypatch):
    found = shown(monkeypatch, False, *[report(0.01, step=n) for n in range(50)]).splitlines()
    assert found == [f"1%, 12.0 s, about 15 s left  step {step}" for step in (0, 49)]
    assert len(shown(monkeypatch, False, *["made anew"] * 3, level=logging.WARNING).splitlines()) == 4
    monkeypatch.setattr("sys.stderr", None)
    with told(True):
        logging.getLogger("grokking.runs.train").info("nowhere to say it")


@pytest.mark.parametrize(
    ("left", "at_most", "said"),
    [(None, False, "starting"), (3.6, False, "about 4 s left"), (3, True, "about 3 s left at most")],
)
def test_what_is_left_of_a_run_in_words(left, at_most, said):
    assert words(Report(0.5, 1.0, left, at_most, {"step": 7.0})) == f"50%, 1.0 s, {said}  step 7"


def test_importing_the_package_does_not_load_torch():
    program = "import sys, grokking; assert 'torch' not in sys.modules; grokking.run; assert 'torch' in sys.modules"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=120).returncode == 0
    with pytest.raises(AttributeError, match="has no attribute 'fit'"):
        _ = grokking.fit


def test_the_tutorial_finds_the_law_of_the_delay_and_leaves_the_repository_clean(tmp_path):
    """A line for each α, the slope, and where the picture is: in results/, which git ignores, wherever it is called."""
    (tmp_path / "docs").mkdir()
    tutorial = shutil.copy(ROOT / "docs/tutorial.py", tmp_path / "docs")
    command = [sys.executable, tutorial]
    done = subprocess.run(command, cwd=tmp_path / "docs", capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]
    *runs, slope, place = done.stdout.splitlines()
    line = r"α = +(\d+): memorised at t = +\d+\.\d, grokked at t = +\d+, λt = \d\.\d\d"
    assert [re.fullmatch(line, run)[1] for run in runs] == ["2", "4", "8", "16"]
    assert float(slope.removeprefix("slope of λt against log α: ")) == pytest.approx(1, abs=0.15)
    picture = tmp_path / "results/tutorial.png"
    assert place.endswith(f": {picture}")
    assert picture.stat().st_size > 10_000
    assert {path.name for path in tmp_path.iterdir()} == {"docs", "results"}
    assert [path.name for path in (tmp_path / "docs").iterdir()] == ["tutorial.py"]
    assert done.stderr == ""
