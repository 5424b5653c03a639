"""Scripts of the workflow and commands around it: what they write, in which unit, and how they end."""

import json
import os
import re
import runpy
import shutil
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from grokking import arithmetic as processor
from grokking.analyses.spec import AnalysisSpec
from grokking.code import Codebase
from grokking.files import write_json
from grokking.store import recipe, results
from grokking.store.paths import RESULTS
from grokking.store.provenance import ROOT
from grokking.store.results import ANALYSIS, read_csv
from grokking.store.sealed import read_sealed, write_sealed
from grokking.study.built import Built
from tests.mutation import __main__ as mutation
from tests.unit.report_files import NamedFiles, benchmark_file, by_header
from tests.unit.test_published import CLAIMS, published, result  # noqa: F401 (a fixture)


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A function that carries a script out in a folder of its own, as Snakemake does."""
    monkeypatch.chdir(tmp_path)

    def carried_out(script, output, params=(), **more):
        settings = SimpleNamespace(**dict(params))
        read = SimpleNamespace(**{"input": [], "output": output, "params": settings, "log": ["job.log"], **more})
        runpy.run_path(str(ROOT / f"workflow/scripts/{script}.py"), {"snakemake": read})

    return carried_out


def read(file):
    return json.loads(Path(file).read_text(encoding="utf-8"))


def test_provenance_counts_runs_evaluations_and_seconds(job):
    """The seconds of analyses too."""
    for name, evaluations, seconds in (("a", 100, 60.04), ("b", 11, 30.0)):
        write_sealed(RESULTS.run(name), {}, {"run": name, "evaluations": evaluations, "wall_seconds": seconds})
    write_sealed(RESULTS.analysis("t"), {}, {"run": "t", "wall_seconds": 9.0})
    job("collect_provenance", ["provenance.json"], {"runs": ["a", "b"], "analyses": ["t"]})
    made = read("provenance.json")
    assert made["totals"] == {"runs": 2, "evaluations": 111, "wall_seconds": 99.0}
    assert [[one["run"] for one in made[kind]] for kind in ("runs", "analyses")] == [["a", "b"], ["t"]]


@pytest.mark.parametrize(("kinds", "arithmetic"), [(["portable"], "portable"), (["portable", "native"], "native")])
def test_an_analysis_is_sealed_with_its_seconds_and_the_arithmetic_of_its_runs(kinds, arithmetic, job, monkeypatch):
    """Portable only if all its runs are."""
    runs = {f"run-{kind}": kind for kind in kinds}
    for name, kind in runs.items():
        write_sealed(RESULTS.run(name), {}, {"run": name, "arithmetic": kind})
    drawn = SimpleNamespace(table=lambda seed, by: pd.DataFrame({"seed": [seed], "read": [len(by["e"])]}))
    spec = SimpleNamespace(id="t", runs=tuple(runs), seed=3, analysis=drawn, by_experiment=lambda runs: {"e": runs})
    monkeypatch.setattr(AnalysisSpec, "from_mapping", lambda *_: spec)
    monkeypatch.setattr(results, "read_spec", lambda _: (None, {}))
    monkeypatch.setattr(Codebase, "of_analysis", lambda *_: "c0de")
    monkeypatch.setattr(recipe, "of_analysis", lambda *_: recipe.Recipe("t", {}, "c0de"))
    clock = iter((100.0, 163.5))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock, 163.5))
    job("evaluate_analysis", [], {"spec": {}, "code": "c0de"}, wildcards=SimpleNamespace(analysis="t"))
    about = read_sealed(RESULTS.analysis("t"))
    expected = arithmetic if processor.kind() == "portable" else "native"
    assert (about["wall_seconds"], about["arithmetic"], about["code"]) == (63.5, expected, "c0de")
    assert read_csv(RESULTS.analysis("t") / ANALYSIS).to_dict("list") == {"seed": [3], "read": [len(runs)]}


def test_minutes_seconds_and_memory_have_a_file_each(job):
    files = [
        benchmark_file(Path("results/benchmarks/train/a.tsv"), 600, 2048),
        benchmark_file(Path("results/benchmarks/align/a.tsv"), 30, 100),
    ]
    output = NamedFiles(table="runtime.md", seconds="runtimes.json", memory="memory.json")
    job("tabulate_runtime", output, {"jobs": {"one": {str(file): [] for file in files}}})
    row, total = by_header(Path("runtime.md").read_text(encoding="utf-8"))
    assert row == {"target": "`one`", "jobs": "2", "minutes on one core": "10.5", "longest job (s)": "600",
                   "peak memory of a job (GiB)": "2"}  # fmt: skip
    assert total == row | {"target": "all of them"}
    assert read("runtimes.json") == {"align:a": 30.0, "train:a": 600.0}  # seconds
    assert read("memory.json") == {"align": 100, "train": 2048}  # MiB


@pytest.mark.parametrize("same", [True, False])
def test_the_comparison_of_a_build_is_written_with_its_verdict(same, job, published, monkeypatch):  # noqa: F811
    fresh = published.parent
    monkeypatch.chdir(fresh.parent)
    if not same:
        result(fresh / "runs/run-1", table=b"step\n1.1\n")
    built = [Built(run.name, "p/e", int(run.name[-1]), str(run)) for run in sorted((fresh / "runs").iterdir())]
    params = {"built": [vars(one) for one in built], "figures": ["p/one"], "tolerances": {}, "default": 0.01,
              "published": str(published), "claims": True}  # fmt: skip
    job("compare", NamedFiles(text="comparison.md", agrees="agrees.json"), params)
    assert read("agrees.json") is same
    text = Path("comparison.md").read_text(encoding="utf-8")
    assert ("2 identical" in text) is same
    assert "0 claims changed." in text


@pytest.mark.parametrize("whole", [True, False])
def test_claims_of_some_figures_alone_are_not_compared(whole, job, published, monkeypatch):  # noqa: F811
    monkeypatch.chdir(published.parent.parent)
    write_json(published.parent / "claims.json", CLAIMS[:0])
    built = [Built("run-0", "p/e", 0, "results/runs/run-0")]
    params = {"built": [vars(one) for one in built], "figures": [], "tolerances": {}, "default": 0.01,
              "published": str(published), "claims": whole}  # fmt: skip
    job("compare", NamedFiles(text="comparison.md", agrees="agrees.json"), params)
    assert read("agrees.json") is not whole


# Commands


COMMANDS = {
    "report": ["snakemake --cores 3 --prioritize results/figures/lyu2024/figure_3.svg -- all",
               "PYTHONWARNINGS=ignore::RuntimeWarning snakemake --cores 1 --report results/workflow.html -- all"],
    "check": ["snakemake --cores 3 check"],
    "smoke": ["snakemake --cores 3 smoke"],
    "mutants": ["python -m tests.mutation"],
    "lint": ["ruff check .", "ruff format --check .", "mypy", "snakefmt --check Snakefile workflow"],
    "accept": ["snakemake --cores 1 --forcerun accept -- accept",
               "xargs snakemake --touch --forceall --cores 1 -- < results/accepted.txt"],
    "benchmark": ["python -m benchmarks"],
    "publish": ["snakemake --cores 3 --config everything=true -- all", "python -m benchmarks", "python -m publish"],
    "archive": ["python -m publish.archive"],
    "test": ["ruff check .", "pytest --numprocesses 3 --dist loadfile"],
}  # fmt: skip


@pytest.mark.parametrize("target", COMMANDS)
def test_make_runs_the_commands_of_a_target_in_their_order_and_stops_at_the_first_that_fails(target):
    """`make -n` prints them; a `-` before one, or `|| true` behind it, would let it fail."""
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    environment = {**os.environ, "MAKEFLAGS": ""}
    done = subprocess.run(["make", "-n", "CORES=3", target], cwd=ROOT, env=environment, capture_output=True, text=True)
    lines = [line.partition("  #")[0].strip() for line in done.stdout.splitlines()]
    found = [line for line in lines if line in COMMANDS[target]]
    assert (found, done.returncode) == (COMMANDS[target], 0)
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert not re.search(r"^\t(-|.*(\|\||; true))", text, re.MULTILINE)


def test_make_clean_keeps_what_is_published(tmp_path):
    for name in ("published", "runs", "smoke"):
        (tmp_path / "results" / name).mkdir(parents=True)
    command = ["make", "--no-print-directory", "-n", "-f", str(ROOT / "Makefile"), "clean"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert sorted(done.stdout.split()) == ["-rf", ".snakemake", "results/runs", "results/smoke", "rm"]


def test_ci_runs_all_tests_and_ends_as_they_do():
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert (lines[2], lines[-1]) == ("set -euo pipefail", "exec make test")
    provided = {line.split()[1] for line in lines if line.startswith("provide ")}
    assert {"chromedriver", "node", "slurmd", "qemu-x86_64"} <= provided


@pytest.mark.parametrize(
    ("codes", "code", "said"),
    [
        ([0, 1], 0, "1 mutants, 0 not noticed."),  # first without a mutant, then with it
        ([0, 0], 1, "1 mutants, 1 not noticed."),
        ([0, 4], 1, "**no such test**"),  # neither noticed nor not
        ([1], 2, "without any mutant: no such test"),
    ],
)
def test_a_mutant_that_survives_ends_the_command_with_an_error(codes, code, said, monkeypatch, capsys, tmp_path):
    left = iter(codes)
    monkeypatch.setattr(mutation, "run", lambda *_: (next(left), "no such test"))
    monkeypatch.setattr(mutation, "copied", lambda _: tmp_path)
    monkeypatch.setattr(mutation, "mutants", lambda: [SimpleNamespace(
        text="", file="f.py", test="t", kind="k", wrong="w", mentions=lambda word: word == "w"
    )])  # fmt: skip
    assert mutation.main(["w"]) == code
    printed = capsys.readouterr()
    assert said in printed.out + printed.err
