"""Snakemake in clean copies of the repository."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from grokking.study.load import load_study
from tests import warm

ROOT = Path(__file__).parents[2]
COPIED = ["Snakefile", "Makefile", "README.md", "environment.yml", "config", "profiles", "src", "workflow"]
SMOKE = "config/presets/smoke.yaml"
COLD = {warm.PLACE: ""}  # for a call of Snakemake whose processes load everything themselves, as a user's do
Snakemake = Callable[..., subprocess.CompletedProcess[str]]


def copy_repository(target: Path) -> Path:
    """The files a clean clone has, without anything built, and what Python has compiled of them."""
    target.mkdir(exist_ok=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("*.egg-info"))
        else:
            shutil.copyfile(source, target / name)
    return target


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "snakemake", *arguments]


def environment(**more: str) -> dict[str, str]:
    """This environment's programs, and plain output."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, **more}


def snakemake(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Snakemake with the package of the copy in `folder`, or of another one given as PYTHONPATH.

    Where the environment is another one its processes load everything themselves, else they are forks (`tests.warm`).
    """
    env = environment(**{"PYTHONPATH": str(folder / "src"), **more})
    call = command(*arguments) if more.keys() - {"PYTHONPATH"} else [*warm.CALL, *arguments]
    return subprocess.run(call, cwd=folder, env=env, capture_output=True, text=True, timeout=1500, check=False)


def jobs(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """The job counts that a dry run announces, without the total and the time."""
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^(\w+) +(\d+)(?: |$)", done.stdout + done.stderr, re.MULTILINE)
    return {name: int(count) for name, count in rows if name not in ("total", "about")}


def edit(folder: Path, file: str, old: str, new: str) -> None:
    """Replace the first `old` in a file."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def run_of(folder, experiment, paper="lyu2024"):
    """The first run of an experiment at smoke size."""
    return load_study(folder, [paper], "smoke", None).papers[paper].experiments[experiment].runs[0]


def long_run(folder, steps="1e5"):
    """A run of many steps, with checkpoints soon after one another: its id, its target and its checkpoint."""
    edit(folder, SMOKE, "fig3_prefix_descent: {steps: 2e4}", f"fig3_prefix_descent: {{steps: {steps}}}")
    edit(folder, "src/grokking/runs/checkpoint.py", "INTERVAL = 5.0", "INTERVAL = 0.2")
    run = run_of(folder, "fig3_prefix_descent").id
    return run, f"results/runs/{run}/run.json", folder / f"results/checkpoints/{run}.safetensors"


def fingerprints(folder: Path, pattern: str) -> dict[str, bytes]:
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in sorted(folder.glob(pattern))}


@pytest.fixture
def copy(tmp_path):
    """A clean copy of the repository."""
    return copy_repository(tmp_path / "a repository")  # whose name has a space, as a user's may


@pytest.fixture(scope="session")
def smoke(tmp_path_factory):
    """A copy in which the smoke preset has been built; tests may read it, and must not change it.

    Under pytest-xdist the first process that asks for it builds it for all; the others wait.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, ready = shared / "smoke", shared / "smoke is built"
    with FileLock(shared / "smoke.lock"):
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)
            done = snakemake(copy_repository(folder), "--cores", "2", "smoke")
            assert done.returncode == 0, done.stderr[-3000:]
            ready.touch()
    return folder


@pytest.fixture
def built(smoke, tmp_path):
    """A copy of the built copy, to be changed."""
    return Path(shutil.copytree(smoke, tmp_path / "built", symlinks=True))
