"""Runs from Python: the workflow's ids, results and figures; the tutorial; what is refused."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import grokking
from grokking.code import training_version
from grokking.failures import DamagedResult
from grokking.files import sealed_by
from grokking.specs.fields import ConfigError
from grokking.study.load import load_study

ROOT = Path(__file__).parents[2]
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
    assert sealed_by(tmp_path / "runs" / run.id, run.id, training_version(ROOT, run))
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
        (lambda: grokking.run("lyu2024/fig9"), "no such experiment; lyu2024 has fig1a, "),
        (lambda: grokking.run("fig2a"), "must be paper/name, with one of the papers gromov2023, lyu2024, pku2024"),
        (lambda: grokking.run(**{**SMALL, "lr": 1}), r"run\.lr: 1: unknown key; allowed: task, "),
        (lambda: grokking.run(**{**SMALL, "steps": [1, 2]}), "has several values where a run has one"),
        (lambda: grokking.run("pku2024/fractions_adam"), "give one of them as a keyword"),
        (lambda: grokking.figure("pie", {}), "kind: 'pie': unknown; allowed: diagonal_net, "),
    ],
)
def test_what_cannot_be_is_refused_in_the_words_of_the_config(call, message):
    with pytest.raises(ConfigError, match=message):
        call()


def test_a_figure_needs_finished_runs(tmp_path):
    with pytest.raises(DamagedResult):
        grokking.figure("modular_addition", {"mine": grokking.run(**SMALL)}, tmp_path)


def test_importing_the_package_does_not_load_torch():
    program = "import sys, grokking; assert 'torch' not in sys.modules; grokking.run; assert 'torch' in sys.modules"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=120).returncode == 0
    with pytest.raises(AttributeError, match="has no attribute 'fit'"):
        _ = grokking.fit


def test_the_tutorial_finds_the_law_of_the_delay(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "docs/tutorial.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (slope,) = re.findall(r"slope of λt against log α: (\S+)", done.stdout)
    assert float(slope) == pytest.approx(1, abs=0.15)
    assert (tmp_path / "tutorial.png").stat().st_size > 10_000
