"""Published results: small copies of a build, and what a later build changes."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from grokking.figures.data import read_data, write_data
from grokking.files import write_json
from grokking.report.gallery import TABLES, gallery
from grokking.report.published import comparison, publish, verify
from grokking.runs.provenance import ROOT
from grokking.study.load import load_study
from tests.unit.figure_tables import run, together

TABLE = together(*(run("e", seed=seed, test_accuracy=np.linspace(0, 1, 5)) for seed in (0, 1)))
ORIGIN = {"commit": "abc", "machine": {"processor": "a processor"}}


@pytest.fixture
def published(tmp_path):
    """The results of one build with one figure, published."""
    results = tmp_path / "results"
    write_data(results / "figures/p/one.csv", TABLE)
    write_json(results / "claims.json", [{"id": "a", "verdict": "reproduced"}])
    files = [results / "figures/p/one.csv", results / "claims.json"]
    publish(files, results, results / "published", ORIGIN, "# Results\n")
    return results / "published"


class KilledError(BaseException):
    pass


def killed(patch, after):
    """Kill the process at one of the changes to the disk: a file written, a folder renamed or removed."""
    changes = 0

    def dying(change):
        def counted(*arguments, **settings):
            nonlocal changes
            changes += 1
            if changes > after:
                raise KilledError
            return change(*arguments, **settings)

        return counted

    for owner, name in ((Path, "rename"), (Path, "replace"), (shutil, "rmtree")):
        patch.setattr(owner, name, dying(getattr(owner, name)))


def contents(folder):
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("moment", range(11))
def test_publishing_killed_at_any_moment_keeps_the_old_folder_or_the_new_one_whole(moment, published, monkeypatch):
    """Whichever of the two is not in its place lies beside it, and the next publication puts it back or finishes."""
    results = published.parent
    old = contents(published)
    write_json(results / "claims.json", [{"id": "a", "verdict": "differs"}])
    files = [results / "figures/p/one.csv", results / "claims.json"]

    def again():
        publish(files, results, published, ORIGIN, "# New\n")

    with monkeypatch.context() as patch:
        killed(patch, moment)
        try:
            again()
        except KilledError:
            whole = [folder for folder in results.glob("*published*") if contents(folder) == old]
            new = published.exists() and contents(published) != old
            assert verify(published) if new else whole
    for second in range(3):  # killed once more, it still deletes nothing that is the only whole one
        with monkeypatch.context() as patch:
            killed(patch, second)
            try:
                again()
            except KilledError:
                assert any((folder / "manifest.json").exists() for folder in results.glob("*published*"))
    again()
    assert verify(published)["commit"] == "abc"
    assert (published / "README.md").read_text(encoding="utf-8") == "# New\n"
    assert [folder.name for folder in results.glob("*published*")] == ["published"]


def test_a_folder_that_cannot_be_put_in_its_place_leaves_the_old_one_there(published, monkeypatch):
    old, rename = contents(published), Path.rename

    def refused(folder, target):
        if folder.name == ".published.new":
            raise PermissionError(f"{target}")
        return rename(folder, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(PermissionError):
        publish([published.parent / "claims.json"], published.parent, published, ORIGIN, "# New\n")
    assert contents(published) == old


def test_what_is_too_large_is_refused_and_the_old_folder_stays(published, monkeypatch):
    old = contents(published)
    monkeypatch.setattr("grokking.report.published.LARGEST", 10)
    with pytest.raises(ValueError, match="more than"):
        publish([published.parent / "claims.json"], published.parent, published, ORIGIN, "")
    assert contents(published) == old


def test_tables_are_published_compressed(published):
    assert not (published / "figures/p/one.csv").exists()
    assert read_data(published / "figures/p/one.csv.gz").equals(read_data(published.parent / "figures/p/one.csv"))


def test_a_build_like_the_published_one_differs_in_nothing(published):
    text = comparison(published, published.parent, ["p/one"])
    assert "6 events in 2 runs; 0 differ by more than 1 %, 6 are identical to the last digit." in text
    assert "0 claims changed their verdict." in text


def test_what_moved_is_named(published):
    later = TABLE.assign(step=TABLE["step"].where(TABLE["seed"] == 0, 2 * TABLE["step"]))
    write_data(published.parent / "figures/p/one.csv", later)
    write_json(published.parent / "claims.json", [{"id": "a", "verdict": "differs"}])
    text = comparison(published, published.parent, ["p/one"])
    assert "6 events in 2 runs; 2 differ by more than 1 %" in text
    assert "| p/e, seed 1 | test_accuracy up to 75% | 100 | 200 | 2 |" in text
    assert "p/e, seed 0" not in text
    assert "| a | reproduced | differs |" in text


@pytest.mark.parametrize(("factor", "told"), [(1.005, False), (1.02, True), (0.98, True)])
def test_what_moved_by_more_than_one_per_cent_is_told(factor, told, published):
    write_data(published.parent / "figures/p/one.csv", TABLE.assign(step=factor * TABLE["step"]))
    text = comparison(published, published.parent, ["p/one"])
    assert f"{4 if told else 0} differ by more than 1 %, 2 are identical" in text
    assert (f"| p/e, seed 0 | test_accuracy up to 75% | 100 | {100 * factor:g} | {factor:g} |" in text) == told


def test_the_gallery_shows_every_figure_of_a_build_with_its_table(tmp_path):
    study = load_study(ROOT, ["gromov2023"], "paper", None)
    (tmp_path / "tables/gromov2023").mkdir(parents=True)
    (tmp_path / "tables/gromov2023/figure_5.md").write_text("| a |\n|---|\n| 1 |\n", encoding="utf-8")
    for name in TABLES.values():
        (tmp_path / name).write_text(f"# Title\n\n## part of {name}\n", encoding="utf-8")
    text = gallery(study.papers.values(), [], tmp_path, "a machine")
    for figure in study.default_figures.values():
        assert f"![{figure.title}](figures/gromov2023/{figure.name}.png)" in text
        assert f"`snakemake --cores 2 {figure.target}`" in text
    assert text.count("| a |") == 1
    assert "### part of runtime.md" in text
    assert "# Title" not in text.replace("## Title", "")
