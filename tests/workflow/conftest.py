"""Snakemake in clean copies of the repository."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ["Snakefile", "README.md", "environment.yml", "config", "profiles", "src", "workflow"]
Snakemake = Callable[..., subprocess.CompletedProcess[str]]


def copy_repository(target: Path) -> Path:
    """The files a clean clone has, without anything built."""
    target.mkdir(exist_ok=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copyfile(source, target / name)
    return target


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "snakemake", *arguments]


def environment() -> dict[str, str]:
    """The shell command of rule `report` must find this environment's snakemake."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def snakemake(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=folder, env=environment(), capture_output=True, text=True, timeout=1500, check=False
    )


@pytest.fixture
def copy(tmp_path):
    """A clean copy of the repository."""
    return copy_repository(tmp_path / "repository")


@pytest.fixture(scope="session")
def smoke(tmp_path_factory):
    """A copy in which the smoke preset has been built; tests may read it, and must not change it."""
    folder = copy_repository(tmp_path_factory.mktemp("smoke"))
    done = snakemake(folder, "--cores", "2", "smoke")
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.fixture
def built(smoke, tmp_path):
    """A copy of the built copy, to be changed."""
    return Path(shutil.copytree(smoke, tmp_path / "built", symlinks=True))
