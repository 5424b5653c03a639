"""Small results of every kind have the same bytes on every x86-64 processor with AVX2: here, and under emulation."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from grokking import arithmetic
from grokking.analyses.analysis import Analysis
from grokking.dynamics.dynamics import Dynamics
from grokking.dynamics.filters.filter import GradientFilter
from grokking.models.model import Model
from grokking.parts.registry import parts
from grokking.starts.start import Start
from grokking.stops.stop import Stop
from grokking.study.load import load_study, stems
from grokking.tasks.task import Task
from tests.portable.__main__ import FILE
from tests.workflow.conftest import ROOT

EXPECTED = json.loads(FILE.read_text(encoding="utf-8"))
PHASES = {file.stem for file in (ROOT / "src/grokking/theory/phases").glob("[a-z]*.py")}
EMULATOR = "qemu-x86_64"
UNUSUAL = {  # what a shell, a cluster or a notebook may set
    **{name: "2" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")},
    **{"MALLOC_MMAP_THRESHOLD_": str(2**25), "MALLOC_TRIM_THRESHOLD_": str(2**28), "MALLOC_PERTURB_": "165"},
    **{"ONEDNN_DEFAULT_FPMATH_MODE": "ANY", "ATEN_CPU_CAPABILITY": "default", "OPENBLAS_CORETYPE": "Prescott"},
    **{"TZ": "Pacific/Chatham", "LC_ALL": "C", "COLUMNS": "20", "PYTHONHASHSEED": "7"},
}
portable = pytest.mark.skipif(arithmetic.kind() != "portable", reason=f"native arithmetic: {arithmetic.reason()}")


def computed(*arguments, under=(), **more):
    """What `python -m tests.portable` prints. MKL would print a line for each product, factorisation or transform."""
    command = [*under, sys.executable, "-m", "tests.portable", *arguments]
    env = {**os.environ, "MKL_VERBOSE": "1", **more}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "MKL" not in done.stdout
    return json.loads(done.stdout)


def different(found, expected):
    return [name for name in found if found[name] != expected.get(name)]


@portable
def test_no_variable_of_the_environment_moves_a_byte():
    """Of MALLOC_…, which the workflow sets for speed, too: here they are set, elsewhere in these tests they are not.

    `python -m tests.portable write` writes the hashes anew where a change of numbers is meant.
    """
    found = computed(**UNUSUAL)
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
    assert {run.task.name for run in runs} == set(parts(Task)) - {"table", "function_table"}  # from a user's files
    assert {run.model.name for run in runs} == set(parts(Model))
    assert {run.dynamics.name for run in runs} == set(parts(Dynamics))
    assert {run.stop.name for run in runs} == set(parts(Stop))
    assert {run.start.name for run in runs} == set(parts(Start))
    assert {run.dynamics.filter.name for run in runs if run.dynamics.takes_steps} == set(parts(GradientFilter))
    assert {one.analysis.name for one in study.default_analyses.values()} == set(parts(Analysis))
    assert {run.task.data for run in runs if run.model.has_theory} == PHASES
