"""An archive of a build: whole, checked by its own checksums, the same bytes each time."""

import hashlib
import io
import subprocess
import zipfile

import pytest

from grokking.failures import DamagedResult
from grokking.store.checksums import write_checksums
from grokking.store.provenance import commit
from grokking.store.sealed import write_sealed
from publish import archive as archiving
from publish.archive import NEEDED, SUMS, archive, built, tracked


def git(folder, *arguments):
    who = ("-c", "user.name=someone", "-c", "user.email=someone@example.org")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def clone(tmp_path):
    """A repository with one file under version control, and a build in it."""
    git(tmp_path, "init", "-q")
    (tmp_path / "Snakefile").write_text("rule all:\n", encoding="utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    results = tmp_path / "results"
    for name in (*NEEDED, "workflow.html", "figures/a/b.svg", "checkpoints/r.safetensors", "logs/train/r.log"):
        file = results / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name, encoding="utf-8")
    for name in (*NEEDED, "figures/a/b.svg"):
        write_checksums([results / name, (results / name).with_suffix(".sha256")])
    write_sealed(results / "runs/r", {"trajectory.csv": b"step\n", "weights.safetensors": b"large"}, {})
    write_sealed(results / "analyses/x", {"table.csv": b"d\n"}, {})
    return tmp_path


def test_an_archive_has_code_and_results_and_vouches_for_each(clone):
    names = [*tracked(clone), *built(clone)]
    content = archive(clone, names, "grokking-1")
    assert content == archive(clone, reversed(names), "grokking-1")
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        inside = {name.removeprefix("grokking-1/"): file.read(name) for name in file.namelist()}
    sums = dict(reversed(line.split("  ")) for line in inside.pop(SUMS).decode().splitlines())
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in inside.items()}
    own = {"figures/a/b.svg", "figures/a/b.sha256", "workflow.html", "runs/r/run.json", "runs/r/trajectory.csv"}
    assert {"Snakefile", "results/report.html", "results/report.sha256", *(f"results/{name}" for name in own)} <= set(
        inside
    )
    assert not [name for name in inside if name.endswith((".safetensors", ".log"))]


def test_what_no_commit_holds_is_not_archived(clone, tmp_path_factory):
    (clone / "Snakefile").write_text("rule none:\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"commit first.*Snakefile"):
        tracked(clone)
    with pytest.raises(ValueError, match=r"is not a git clone"):
        tracked(tmp_path_factory.mktemp("empty"))


def test_without_a_build_it_says_what_to_do(clone):
    (clone / "results/report.html").unlink()
    with pytest.raises(ValueError, match=r"results/report\.html is missing; `make report` builds it"):
        built(clone)


OWN = ("src/grokking/own/mine.py", "config/papers/ä b.yaml", "config/tables/s5.csv", "workflow/rules/mine.smk")
SCRATCH = ("notes.txt", "src/grokking/own/__pycache__/mine.pyc", "src/grokking/own/.mine.py.swp", "config/old.yaml~")


def write(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")


@pytest.mark.parametrize("name", OWN)
def test_a_file_of_ones_own_that_no_commit_holds_makes_the_commit_dirty(name, clone):
    """Ignored or not: a user may ignore what is his own."""
    head = commit(clone)
    write(clone, *SCRATCH)
    assert commit(clone) == head
    write(clone, name)
    assert commit(clone) == f"{head}-dirty"
    (clone / ".git/info/exclude").write_text("*\n", encoding="utf-8")
    assert commit(clone) == f"{head}-dirty"
    (clone / "Snakefile").write_text("rule none:\n", encoding="utf-8")
    assert commit(clone) == f"{head}-dirty"


def test_files_of_ones_own_are_archived_and_the_others_are_named(clone, monkeypatch, capsys):
    write(clone, *OWN, *SCRATCH, "data/x.csv", "results/figures/extra/plot.svg")
    (clone / ".gitignore").write_text("/results/\n/grokking-*.zip\n.gitignore\n__pycache__/\n*.swp\n", encoding="utf-8")
    monkeypatch.setattr(archiving, "ROOT", clone)
    archiving.main()
    (target,) = clone.glob("grokking-*.zip")
    with zipfile.ZipFile(target) as file:
        inside = {name.partition("/")[2] for name in file.namelist()}
    assert {*OWN} <= inside
    assert not inside & {*SCRATCH, "data/x.csv", "results/figures/extra/plot.svg"}
    said = capsys.readouterr().out
    assert f"packed, though no commit holds them: {', '.join(sorted(OWN))}\n" in said
    assert "left out, because no commit holds them: config/old.yaml~, data/x.csv, notes.txt\n" in said
    assert "left out, because no job wrote them: results/figures/extra/plot.svg\n" in said


def test_a_tracked_file_is_archived_whatever_its_name(clone):
    write(clone, "a b/ü.txt")
    git(clone, "add", ".")
    git(clone, "commit", "-qm", "second")
    assert "a b/ü.txt" in tracked(clone)


@pytest.mark.parametrize("name", ["claims.json", "figures/a/b.svg", "runs/r/trajectory.csv", "analyses/x/run.json"])
def test_an_edited_result_is_not_archived(name, clone):
    (clone / "results" / name).write_text("edited", encoding="utf-8")
    with pytest.raises(DamagedResult, match=name):
        built(clone)
