"""Published results: small copies of a build, and what a later build changes."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from grokking.figures.data import read_data, write_data
from grokking.files import write_json
from grokking.report.comparison import compare
from grokking.report.gallery import TABLES, gallery
from grokking.report.publish import require_reasons
from grokking.report.published import publish, verify
from grokking.store.provenance import ROOT
from grokking.study.load import load_study
from tests.unit.figure_tables import run, together

TABLE = together(*(run("e", seed=seed, test_accuracy=np.linspace(0, 1, 5)) for seed in (0, 1)))
CLAIMS = [{"id": "a", "verdict": "reproduced", "ours": {"seeds": [1, 2, 3]}}]
ORIGIN = {"commit": "abc", "machine": {"processor": "a processor"}}


@pytest.fixture
def published(tmp_path):
    """The results of one build with one figure, published."""
    results = tmp_path / "results"
    write_data(results / "figures/p/one.csv", TABLE)
    write_json(results / "claims.json", CLAIMS)
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


def compared(published, **tolerances):
    named = {f"p/{name}": far for name, far in tolerances.items()}
    return compare(published, published.parent, ["p/one"], named, default=0.02)


def rebuild(published, factor=1.0, claims=CLAIMS, table=TABLE):
    """Another build, in which the second seed takes `factor` times as many steps."""
    later = table.assign(step=table["step"].where(table["seed"] == 0, factor * table["step"]))
    write_data(published.parent / "figures/p/one.csv", later)
    write_json(published.parent / "claims.json", claims)


def test_a_build_like_the_published_one_differs_in_nothing(published):
    found = compared(published)
    assert found.agrees
    assert "6 events in 2 runs; 0 moved by more than 1 %, 0 by more than their tolerance; 6 are id" in found.text()
    assert "0 claims changed." in found.text()


@pytest.mark.parametrize(("factor", "agrees"), [(1.015, True), (1.03, False), (0.97, False), (2, False)])
def test_an_event_may_move_by_its_tolerance(published, factor, agrees):
    rebuild(published, factor)
    found = compared(published)
    assert found.agrees is agrees
    assert f"| p/e, seed 1 | test_accuracy up to 75% | 100 | {100 * factor:g} |" in found.text()
    assert "p/e, seed 0" not in found.text()
    assert ("**too far**" in found.text()) is not agrees


def test_an_experiment_may_have_a_tolerance_of_its_own(published):
    rebuild(published, 1.1)
    assert not compared(published, other=0.2).agrees
    assert compared(published, e=0.2).agrees
    rebuild(published, 1.3)
    assert not compared(published, e=0.2).agrees


def test_a_seed_that_is_lost_is_too_far(published):
    rebuild(published, table=TABLE[TABLE["seed"] == 0])
    found = compared(published, e=10.0)
    assert not found.agrees
    assert len(found.far) == 3


@pytest.mark.parametrize(
    ("claims", "row"),
    [
        ([{**CLAIMS[0], "verdict": "differs"}], "| a | reproduced, draws: 3 | differs, draws: 3 |"),
        ([{**CLAIMS[0], "ours": {"seeds": [1, 2]}}], "| a | reproduced, draws: 3 | reproduced, draws: 2 |"),
        ([{**CLAIMS[0], "verdict": "not run", "ours": None}], "| a | reproduced, draws: 3 | not run, draws: 0 |"),
        ([], "| a | reproduced, draws: 3 | absent |"),
        ([*CLAIMS, {**CLAIMS[0], "id": "b"}], "| b | absent | reproduced, draws: 3 |"),
    ],
)
def test_a_claim_that_changed_is_named(published, claims, row):
    rebuild(published, claims=claims)
    found = compared(published)
    assert not found.agrees
    assert row in found.text()


def test_a_known_difference_is_no_change(published):
    known = [{**CLAIMS[0], "verdict": "differs", "reason": "another draw"}]
    files = [published.parent / "figures/p/one.csv", published.parent / "claims.json"]
    rebuild(published, claims=known)
    publish(files, published.parent, published, ORIGIN, "# Results\n")
    assert compared(published).agrees
    rebuild(published)  # it is reproduced now: that is news, too
    assert not compared(published).agrees


def test_a_claim_that_fails_is_published_with_its_reason_only():
    known = {"id": "a", "verdict": "differs", "reason": "another draw"}
    require_reasons([known, {"id": "b", "verdict": "reproduced"}])
    for verdict in ("differs", "does not hold"):
        with pytest.raises(SystemExit, match=r"these claims fail and config/claims/ gives no reason: c$"):
            require_reasons([known, {"id": "c", "verdict": verdict}])


@pytest.mark.parametrize(("factor", "told"), [(1.005, False), (1.015, True), (0.985, True)])
def test_what_moved_by_more_than_one_per_cent_is_told(factor, told, published):
    rebuild(published, factor)
    text = compared(published).text()
    assert f"{2 if told else 0} moved by more than 1 %, 0 by more than their tolerance; 4 are identical" in text
    assert (f"| p/e, seed 1 | test_accuracy up to 75% | 100 | {100 * factor:g} | {factor:g} | 2% |" in text) == told


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
