"""Small results of every kind have the same bytes on every x86-64 processor with AVX2: here, and under emulation."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from grokking import arithmetic
from grokking.specs.analyses import ANALYSES
from grokking.specs.dynamics import DYNAMICS
from grokking.specs.filters import FILTERS
from grokking.specs.models import MODELS
from grokking.specs.starts import STARTS
from grokking.specs.stops import STOPS
from grokking.specs.tasks import TASKS
from grokking.study.load import load_study, stems
from tests.portable.__main__ import FILE
from tests.workflow.conftest import ROOT

EXPECTED = json.loads(FILE.read_text(encoding="utf-8"))
PHASES = {file.stem for file in (ROOT / "src/grokking/theory/phases").glob("[a-z]*.py")}
EMULATOR = "qemu-x86_64"
portable = pytest.mark.skipif(arithmetic.kind() != "portable", reason=f"native arithmetic: {arithmetic.reason()}")


def computed(*arguments, under=()):
    """What `python -m tests.portable` prints."""
    command = [*under, sys.executable, "-m", "tests.portable", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def different(found, expected):
    return [name for name in found if found[name] != expected.get(name)]


@portable
def test_small_results_have_their_bytes():
    """`python -m tests.portable write` writes them anew where a change of numbers is meant."""
    found = computed()
    assert set(found) == set(EXPECTED)
    assert different(found, EXPECTED) == []


@portable
@pytest.mark.emulated
@pytest.mark.skipif(not shutil.which(EMULATOR), reason=f"no {EMULATOR} (Debian's package qemu-user)")
@pytest.mark.parametrize("processor", ["Haswell", "EPYC-Rome"])  # of Intel and of AMD, without AVX-512
def test_small_results_have_their_bytes_on_another_processor(processor):
    found = computed("emulated", under=(EMULATOR, "-cpu", processor))
    assert len(found) > 130
    assert different(found, EXPECTED) == []


def test_the_smoke_build_whose_results_are_compared_has_every_kind_of_part():
    study = load_study(ROOT, stems(ROOT, "papers"), "smoke", None)
    runs = study.default_runs.values()
    assert {run.task.name for run in runs} == set(TASKS)
    assert {run.model.name for run in runs} == set(MODELS)
    assert {run.dynamics.name for run in runs} == set(DYNAMICS)
    assert {run.stop.name for run in runs} == set(STOPS)
    assert {run.start.name for run in runs} == set(STARTS)
    assert {run.dynamics.filter.name for run in runs if run.dynamics.kind == "steps"} == set(FILTERS)
    assert {one.analysis.name for one in study.default_analyses.values()} == set(ANALYSES)
    assert {run.task.data for run in runs if run.model.has_theory} == PHASES
