"""The code that is hashed is the code that runs: grokking comes from the checkout in use, or an error says so."""

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from grokking.code import Codebase
from grokking.parts.errors import ConfigError
from grokking.store.provenance import PACKAGE, ROOT, require_checkout, require_own_checkout
from tests.unit.small_runs import KINDS

RUN = "import grokking; grokking.run('lyu2024/fig2a')"


def last_line(program, folder, path):
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    return done.stderr.splitlines()[-1]


def test_python_in_another_checkout_is_refused_with_what_to_do(tmp_path):
    """A second clone, and an environment that has the first installed."""
    (tmp_path / "src/grokking").mkdir(parents=True)
    (tmp_path / "src/grokking/__init__.py").touch()
    (tmp_path / "docs").mkdir()
    said = last_line(RUN, tmp_path / "docs", ROOT / "src")
    assert said.endswith(
        f"grokking: '{PACKAGE}': is imported from there, not from the checkout in use: "
        f"run pip install -e '{tmp_path}', or set PYTHONPATH='{tmp_path}/src'"
    )
    require_own_checkout(ROOT / "docs")
    require_own_checkout(tmp_path.parent)
    with pytest.raises(ConfigError, match="not from the checkout in use"):
        require_checkout(tmp_path)


def test_a_copy_of_the_package_without_papers_says_why_it_finds_none(tmp_path):
    """What `pip install .` leaves in an environment."""
    shutil.copytree(PACKAGE, tmp_path / "lib/grokking", ignore=shutil.ignore_patterns("__pycache__"))
    said = last_line(RUN, tmp_path, tmp_path / "lib")
    assert said.endswith(
        f"grokking: '{tmp_path}/lib/grokking': was installed without config/, which it reads: "
        "run pip install -e . in a checkout, or set PYTHONPATH to its src/"
    )


def job(code):
    """A job that trains a run, as Snakemake starts it with the version `code`."""
    run = KINDS["mlp"]
    params = SimpleNamespace(runs={run.id: run.to_mapping()}, code={run.id: code})
    return SimpleNamespace(log=["job.log"], params=params, resources=SimpleNamespace(device="cpu"), wildcards={})


def carried_out(code):
    """Whether a job ends with a result."""
    runpy.run_path(str(ROOT / "workflow/scripts/train.py"), {"snakemake": job(code)})
    return Path("results/runs", KINDS["mlp"].id).exists()


def test_a_job_whose_code_has_changed_since_the_call_ends_with_one_line(tmp_path, monkeypatch, caplog):
    """An edit while a build runs: the result would be sealed with the code of before."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        carried_out("0ther")
    assert "error: the code of this job has changed since Snakemake was called (version 0ther, now " in caplog.text
    assert not Path("results/runs").exists()
    assert carried_out(Codebase.at(ROOT).of_run(KINDS["mlp"]))
