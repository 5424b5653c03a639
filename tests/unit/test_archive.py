"""An archive of a build: whole, checked by its own checksums, the same bytes each time."""

import hashlib
import io
import subprocess
import zipfile

import pytest

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
    for name in (*NEEDED, "figures/a/b.svg", "runs/r/run.json", "runs/r/trajectory.csv", "analyses/x/table.csv"):
        file = tmp_path / "results" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name, encoding="utf-8")
    for name in ("runs/r/weights.safetensors", "checkpoints/r.safetensors", "logs/train/r.log"):
        file = tmp_path / "results" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"large")
    return tmp_path


def test_an_archive_has_code_and_results_and_vouches_for_each(clone):
    names = [*tracked(clone), *built(clone)]
    content = archive(clone, names, "grokking-1")
    assert content == archive(clone, reversed(names), "grokking-1")
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        inside = {name.removeprefix("grokking-1/"): file.read(name) for name in file.namelist()}
    sums = dict(reversed(line.split("  ")) for line in inside.pop(SUMS).decode().splitlines())
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in inside.items()}
    assert {"Snakefile", "results/report.html", "results/figures/a/b.svg", "results/runs/r/trajectory.csv"} <= set(
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
