"""Published results: small copies of a build, and what a later build changes."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from grokking.report.gallery import TABLES, gallery
from grokking.report.publish import require_own_code, require_reasons

from grokking.failures import DamagedResult
from grokking.figures.data import read_data, write_data
from grokking.files import write_json
from grokking.report.comparison import compare
from grokking.report.published import publish, verify
from grokking.store.provenance import ROOT
from grokking.store.recipe import Recipe
from grokking.store.sealed import write_sealed
from grokking.study.built import Built
from grokking.study.load import load_study
from tests.unit.figure_tables import run, together

TABLE = together(*(run("e", seed=seed, test_accuracy=np.linspace(0, 1, 5)) for seed in (0, 1)))
CLAIMS = [{"id": "a", "verdict": "reproduced", "ours": {"seeds": [1, 2, 3]}}]
ORIGIN = {"commit": "abc", "machine": {"processor": "a processor"}}
TABLE_HASH, WEIGHTS_HASH = (hashlib.sha256(content).hexdigest()[:16] for content in (b"step\n1\n", b"w"))
HASHES = {f"p/e, seed {seed}": {f"run-{seed}": f"portable {TABLE_HASH} {WEIGHTS_HASH}"} for seed in (0, 1)}


@pytest.fixture
def published(tmp_path):
    """The results of one build with one figure, published."""
    results = tmp_path / "results"
    write_data(results / "figures/p/one.csv", TABLE)
    write_json(results / "claims.json", CLAIMS)
    made = [{"run": name, "code": "c0de"} for name in ("run-0", "run-1")]
    write_json(results / "provenance.json", {"runs": made, "analyses": []})
    for one in made:
        result(results / "runs" / one["run"])
    files = [results / "figures/p/one.csv", results / "claims.json", results / "provenance.json"]
    publish(files, results, results / "published", {**ORIGIN, "hashes": HASHES}, "# Results\n")
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


def result(folder, table=b"step\n1\n", code="c0de", arithmetic="portable"):
    """A sealed result with a table and weights."""
    files = {"trajectory.csv": table, "weights.safetensors": b"w"}
    write_sealed(folder, files, {"run": folder.name, "code": code, "arithmetic": arithmetic})


def compared(published, claims=True, **tolerances):
    named = {f"p/{name}": far for name, far in tolerances.items()}
    fresh = published.parent
    built = [Built(run.name, "p/e", int(run.name[-1]), str(run)) for run in sorted((fresh / "runs").iterdir())]
    return compare(published, fresh, built, ["p/one"], named, default=0.02, claims=claims)


def rebuild(published, factor=1.0, claims=CLAIMS, table=TABLE):
    """Another build, by native arithmetic, in which the second seed takes `factor` times as many steps."""
    for folder in (published.parent / "runs").iterdir():
        result(folder, arithmetic="native")
    if "step" in table:
        table = table.assign(step=table["step"].where(table["seed"] == 0, factor * table["step"]))
    write_data(published.parent / "figures/p/one.csv", table)
    write_json(published.parent / "claims.json", claims)


def test_a_build_like_the_published_one_differs_in_nothing(published):
    found = compared(published)
    assert found.agrees
    assert "compared to the byte: 2 identical." in found.text()
    assert "By events" not in found.text()
    assert "0 claims changed." in found.text()


@pytest.mark.parametrize(("code", "said"), [("c0de", "| p/e | 1 | run-1 |"), ("0ther", "| p/e | 1 | run-1 |")])
def test_one_digit_of_one_run_is_another_build(published, code, said):
    result(published.parent / "runs/run-1", table=b"step\n1.000000001\n", code=code)
    found = compared(published)
    assert not found.agrees
    assert said in found.text()
    assert "run-0" not in found.text()


def test_a_build_of_other_code_alone_is_told_in_one_line(published):
    for folder in (published.parent / "runs").iterdir():
        result(folder, table=b"step\n2\n", code="0ther")
    found = compared(published)
    assert not found.agrees
    assert "All of them were made by other code than what is published." in found.text()
    assert "run-1" not in found.text()


def test_other_code_with_the_same_numbers_is_the_same_build(published):
    for folder in (published.parent / "runs").iterdir():
        result(folder, code="0ther")
    assert compared(published).agrees


def test_what_was_published_before_runs_had_hashes_is_told_in_one_line(published):
    manifest = json.loads((published / "manifest.json").read_text(encoding="utf-8"))
    del manifest["hashes"]
    write_json(published / "manifest.json", manifest)
    rebuild(published, claims=[])
    found = compared(published)
    assert not found.agrees
    assert "made by older code" in found.text()
    assert len(found.text().strip().splitlines()) == 5


def test_fewer_and_more_seeds_are_compared_on_those_that_both_have(published):
    shutil.rmtree(published.parent / "runs/run-1")
    assert compared(published).agrees
    result(published.parent / "runs/run-2", table=b"step\n7\n")
    found = compared(published)
    assert found.agrees
    assert (
        "1 identical, 1 of a seed or experiment that is not published, 1 published and not built here" in found.text()
    )


def test_the_same_seed_with_other_settings_is_another_build(published):
    """Another id, though the numbers may be the same."""
    (published.parent / "runs/run-1").rename(published.parent / "runs/other-1")
    found = compared(published)
    assert not found.agrees
    assert "1 of other settings than the published, 1 identical" in found.text()


def test_what_was_compared_with_nothing_agrees_with_nothing(published):
    for folder in (published.parent / "runs").iterdir():
        folder.rename(folder.with_name(f"run-{int(folder.name[-1]) + 5}"))
    assert not compared(published).agrees


def test_native_results_without_published_events_are_told(published):
    rebuild(published, table=TABLE[TABLE["seed"] == 0])
    found = compared(published)
    assert found.agrees
    assert "1 native, without published events: not compared, 1 native and compared by events" in found.text()


def test_a_result_that_was_edited_is_named(published):
    (published.parent / "runs/run-1/trajectory.csv").write_bytes(b"step\n3\n")
    with pytest.raises(DamagedResult, match=r"run-1/trajectory\.csv"):
        compared(published)


def test_one_portable_and_one_native_result_are_compared_by_events(published):
    """Each run for itself."""
    rebuild(published)
    result(published.parent / "runs/run-0")
    found = compared(published)
    assert found.agrees
    assert "1 identical" in found.text()
    assert "By events, for native arithmetic or a GPU: 3 in 1 runs; 0 moved" in found.text()


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


def nets(grokked):
    """The table of a sweep of two nets and one seed."""
    same = {
        "experiment": "e",
        "seed": 0,
        "dynamics": "adamw",
        "memorised": 10.0,
        "test_accuracy": 1.0,
        "ended": "level",
    }
    found = zip((8, 16), grokked, strict=True)
    return pd.DataFrame([{**same, "width": width, "cost": step, "grokked": step} for width, step in found])


def published_again(published):
    """What has been built is published."""
    fresh = published.parent
    files = [fresh / name for name in ("figures/p/one.csv", "claims.json", "provenance.json")]
    publish(files, fresh, published, {**ORIGIN, "hashes": HASHES}, "# Results\n")


def test_the_nets_of_a_sweep_are_compared_one_by_one(published):
    write_data(published.parent / "figures/p/one.csv", nets([100.0, 200.0]))
    published_again(published)
    rebuild(published, table=nets([100.0, 200.0]))
    assert compared(published).agrees
    rebuild(published, table=nets([100.0, 260.0]))
    found = compared(published)
    assert not found.agrees
    assert [event.event for event in found.far.itertuples()] == ["grokked (width 16)"]


CHANGED, DRAWS = "| **changed** |", "| other draws |"


@pytest.mark.parametrize(
    ("change", "row", "agrees"),
    [
        ({"verdict": "differs"}, f"| a | reproduced, draws: 3 | differs, draws: 3 {CHANGED}", False),
        ({"ours": {"seeds": [1, 2]}}, f"reproduced, draws: 3 | reproduced, draws: 2 {DRAWS}", True),
        ({"verdict": "differs", "ours": {"seeds": [1]}}, f"| differs, draws: 1 {DRAWS}", True),
        ({"verdict": "not run", "ours": None}, f"| not run, draws: 0 {CHANGED}", False),
        ({"id": "b"}, f"| a | reproduced, draws: 3 | absent, draws: 0 {CHANGED}", False),
        ({"id": "b"}, f"| b | absent, draws: 0 | reproduced, draws: 3 {CHANGED}", False),
    ],
)
def test_a_claim_that_changed_is_named(published, change, row, agrees):
    """On another number of draws a verdict may be another one."""
    write_json(published.parent / "claims.json", [{**CLAIMS[0], **change}])
    found = compared(published)
    assert found.agrees is agrees
    assert row in found.text()
    assert compared(published, claims=False).agrees
    assert "Claims are compared with the whole build alone." in compared(published, claims=False).text()


def test_a_known_difference_is_no_change(published):
    known = [{**CLAIMS[0], "verdict": "differs", "reason": "another draw"}]
    write_json(published.parent / "claims.json", known)
    published_again(published)
    assert compared(published).agrees
    write_json(published.parent / "claims.json", CLAIMS)  # it is reproduced now: that is news, too
    assert not compared(published).agrees


def test_results_of_other_code_are_not_published(tmp_path):
    made = {tmp_path / f"run-{i}": Recipe(f"run-{i}", {}, "c0de") for i in range(2)}
    for folder, recipe in made.items():
        write_sealed(folder, {}, recipe.written())
    require_own_code(made)
    write_sealed(tmp_path / "run-1", {}, {**made[tmp_path / "run-1"].written(), "code": "0ther"})
    with pytest.raises(SystemExit, match=r"have made these results; build them again first:\n  \S+run-1$"):
        require_own_code(made)


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
