"""The command of the container, as a user whom the machine does not know, in a checkout that he may not write."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grokking.study.load import load_study
from tests.workflow.conftest import ROOT
from tests.workflow.test_clean_copies import TINY

pytestmark = pytest.mark.workflow
USER = 12345  # who has no name and no home
# Root's Python may lie where only root may read; a capability lets the user read, but not write, everything.
AS_USER = [
    *("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
]


def said(instruction):
    """The arguments of the lines of the Dockerfile with an instruction."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    return re.findall(rf"^{instruction} (.+)$", text, re.MULTILINE)


def may_become_another_user():
    try:
        return subprocess.run([*AS_USER, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def test_the_image_has_the_commit_but_not_the_repository():
    assert ".git" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert said("ARG") == ['COMMIT=""']
    assert "GROKKING_COMMIT=$COMMIT" in said("ENV")


@pytest.mark.skipif(not may_become_another_user(), reason="needs root and setpriv, to become another user")
def test_the_containers_command_works_for_any_user(copy, tmp_path):
    (copy / "config/papers/mine.yaml").write_text(TINY, encoding="utf-8")
    (run,) = load_study(copy, ["mine"], "paper", None).runs
    build = tmp_path / "build"
    build.mkdir()
    os.chown(build, USER, USER)
    places = {"/grokking": str(copy), "/build": str(build)}
    (entry,) = said("ENTRYPOINT")
    command = [re.sub("^/(grokking|build)", lambda match: places[match[0]], part) for part in json.loads(entry)]
    variables = dict(line.split("=", 1) for line in said("ENV"))
    assert variables["HOME"] == "/tmp"  # which everyone may write
    variables |= {"GROKKING_COMMIT": "c0ffee", "HOME": str(build)}
    found = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(copy / "src")}
    done = subprocess.run(
        [*AS_USER, *command, f"results/runs/{run}/run.json", "--config", "papers=[mine]"],
        cwd=copy, env={**found, **variables}, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    seal = build / f"results/runs/{run}/run.json"
    assert seal.stat().st_uid == USER
    assert json.loads(seal.read_text(encoding="utf-8"))["commit"] == "c0ffee"
    assert not (copy / ".snakemake").exists()
    assert not (copy / "results").exists()
