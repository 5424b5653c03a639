"""A fourth paper: config, claims, an entry in two other files, and one file for each new part.

The files in `fourth/` lie where they belong in the repository. The parts are a task on a group, an
optimiser, an analysis of two experiments and a kind of figure.
"""

import filecmp
import json
import runpy
import shutil
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from tests.workflow.conftest import COPIED, ROOT, SMOKE, copy_repository, edit, jobs, snakemake

pytestmark = pytest.mark.workflow
FOURTH = Path(__file__).parent / "fourth"
SETTINGS = "config/config.yaml"
ENTRY = "groups:\n  momentum: {seeds: 1}\n  compared: {seeds: 1}\n"
ALONE = ("--config", "papers=[groups]")
FIGURE = "smoke/figures/groups/figure_1"


def add_paper(folder):
    """Add the paper to a copy of the repository: its files, and its two entries."""
    shutil.copytree(FOURTH, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    edit(folder, SETTINGS, "pku2024]", "pku2024, groups]")
    smoke = folder / SMOKE
    smoke.write_text(smoke.read_text(encoding="utf-8") + ENTRY, encoding="utf-8")


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """A copy with the paper, and the jobs of all papers before and after it was added."""
    folder = copy_repository(tmp_path_factory.mktemp("fourth") / "copy")
    before = jobs(snakemake(folder, "-n", "smoke"))
    add_paper(folder)
    return folder, before, jobs(snakemake(folder, "-n", "smoke"))


@pytest.fixture(scope="module")
def results(counted):
    """The results of the paper at smoke size, and its claims at its own."""
    folder, *_ = counted
    for target in ("smoke", "results/claims.json"):
        done = snakemake(folder, "--cores", "2", target, *ALONE)
        assert done.returncode == 0, done.stderr
    return folder / "results"


def read(file):
    return json.loads(file.read_text(encoding="utf-8"))


def changed(folder):
    """The files of a copy that the repository does not have, or has with another content."""
    files = [file for name in COPIED for file in (folder / name, *(folder / name).rglob("*"))]
    kept = [file for file in files if file.is_file() and "__pycache__" not in file.parts]
    names = [file.relative_to(folder) for file in kept]
    return {name.as_posix() for name in names if not same(folder / name, ROOT / name)}


def same(mine, theirs):
    """Whether a file of a copy is that of the repository."""
    return theirs.exists() and filecmp.cmp(mine, theirs, shallow=False)


def test_it_touches_its_own_files_and_two_entries(results):
    parts = ("symmetric_group", "normalised_descent", "speed", "speeds")
    assert changed(results.parent) == {
        *("config/papers/groups.yaml", "config/claims/groups.py", SETTINGS, SMOKE),
        *(f"src/grokking/own/{name}.py" for name in parts),
    }


def test_it_changes_no_job_of_the_other_papers(counted):
    _, before, after = counted
    added = {"train": 2, "evaluate_analysis": 1, "draw_figure": 1}
    assert after == {name: count + added.get(name, 0) for name, count in before.items()}


def test_the_documentation_shows_its_task():
    file = FOURTH / "src/grokking/own/symmetric_group.py"
    shown = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    assert f"```python\n{file.read_text(encoding='utf-8')}```" in shown


def test_its_task_is_a_group_that_is_no_sum():
    module = runpy.run_path(str(FOURTH / "src/grokking/own/symmetric_group.py"))
    table, elements = module["SymmetricGroup"](3, 0.5).results(), range(6)
    triples = product(elements, repeat=3)
    assert all(table[table[a, b], c] == table[a, table[b, c]] for a, b, c in triples)
    assert list(table[0]) == list(table[:, 0]) == list(elements)
    assert all(sorted(row) == list(elements) for row in (*table, *table.T))
    assert not (table == table.T).all()


def test_the_analysis_has_the_rows_of_both_experiments(results):
    table = (results / f"{FIGURE}.csv").read_text(encoding="utf-8").splitlines()
    assert table[0] == "experiment,seed,evidence,dynamics,memorised,speed"
    (first, slow, one), (second, fast, ratio) = (row.split(",")[3:] for row in table[1:])
    assert (first, second) == ("sgd", "normalised_descent")
    assert float(one) == 1
    assert float(ratio) == pytest.approx(float(slow) / float(fast), rel=1e-4)


def test_the_figure_shows_both_dynamics(results):
    for suffix in ("png", "pdf"):
        assert (results / f"{FIGURE}.{suffix}").stat().st_size > 1000
    drawn = (results / f"{FIGURE}.svg").read_text(encoding="utf-8")
    for text in ("GD + momentum", "normalised descent", "steps to 99 % training accuracy"):
        assert f">{text}</text>" in drawn


def test_its_claims_are_judged(results):
    judged = {claim["id"]: claim for claim in read(results / "claims.json")}
    verdicts = {"memorised": "reproduced", "sooner": "reproduced", "steps": "supported"}
    assert {name: claim["verdict"] for name, claim in judged.items()} == {
        f"groups.fig1.{name}": verdict for name, verdict in verdicts.items()
    }
    speed, steps = (judged[f"groups.fig1.{name}"]["ours"]["seeds"] for name in ("sooner", "steps"))
    assert len(speed) == 2
    assert np.multiply(speed, steps) == pytest.approx([1, 1], rel=1e-4)  # from analysis and runs
    assert [claim["verdict"] for claim in read(results / "smoke/claims.json")] == ["not run"] * 3


def test_the_page_names_it(results):
    page = (results / "smoke/report.html").read_text(encoding="utf-8")
    assert "Composition of permutations" in page
    assert "steps of a fixed length memorise sooner" in page
    assert "Momentum memorises the training pairs" in page


def test_without_a_smoke_entry_it_is_refused_in_one_line(copy):
    add_paper(copy)
    edit(copy, SMOKE, ENTRY, "")
    done = snakemake(copy, "--cores", "1", "smoke", *ALONE)
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("Using workflow")]
    assert f"{SMOKE}: groups.momentum: missing; give smaller settings" in line
