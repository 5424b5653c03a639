"""Publishing: a small folder that is replaced as a whole, and the generated lines of the README."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from grokking.claims.judge import NOT_BUILT
from grokking.failures import DamagedResult
from grokking.figures.data import read_data, write_data
from grokking.files import write_atomically, write_json
from grokking.report.published import provenance, values, verify
from grokking.report.tables import markdown
from grokking.store.checksums import write_checksums
from grokking.store.hashes import hashes
from grokking.store.paths import Results
from grokking.store.provenance import ROOT
from grokking.store.sealed import write_sealed
from grokking.study.built import results_behind
from grokking.study.hours import limited
from grokking.study.load import load_study, stems
from publish import __main__ as publishing
from publish.__main__ import (
    FILES,
    hashes_of,
    papers_own,
    published_files,
    require_build,
    require_reasons,
    require_same_part,
    require_unedited,
    rows_of,
)
from publish.folder import publish
from publish.readme import fill

ORIGIN = {"commit": "abc"}
TABLE = pd.DataFrame({"step": [0, 1], "loss": [1.0, 0.5]})


@pytest.fixture
def published(tmp_path):
    """The results of one build with one figure, published."""
    results = tmp_path / "results"
    write_data(results / "figures/p/one.csv", TABLE)
    write_json(results / "claims.json", [])
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
    monkeypatch.setattr("publish.folder.LARGEST", 2 / 2**20)
    with pytest.raises(ValueError, match="more than"):
        publish([published.parent / "claims.json"], published.parent, published, ORIGIN, "")
    assert contents(published) == old


def test_an_unfinished_build_is_not_published(tmp_path):
    for name in FILES[:-1]:
        with pytest.raises(SystemExit, match=f"results/{name} is missing; `make publish`"):
            require_build(tmp_path)
        (tmp_path / name).touch()
    (tmp_path / FILES[-1]).touch()
    require_build(tmp_path)


def test_a_claim_that_fails_is_published_with_its_reason_only():
    known = {"id": "a", "verdict": "differs", "reason": "another draw"}
    require_reasons([known, {"id": "b", "verdict": "reproduced"}])
    for verdict in ("differs", "refuted", "failed"):
        with pytest.raises(SystemExit, match=r"these claims fail and config/claims/ gives no reason: c$"):
            require_reasons([known, {"id": "c", "verdict": verdict}])


def test_tables_are_published_compressed(published):
    assert not (published / "figures/p/one.csv").exists()
    assert read_data(published / "figures/p/one.csv.gz").equals(TABLE)


def test_pictures_are_published_as_webp_with_their_colours(published):
    """A picture of a gradient: no colour is off by more than a tenth, and the file is smaller."""
    results = published.parent
    shades = np.linspace(0, 255, 300 * 100).reshape(100, 300).astype(np.uint8)
    drawn = np.stack([shades, shades[::-1], shades[:, ::-1]], axis=2)
    Image.fromarray(drawn).save(results / "figures/p/one.png")
    publish([results / "figures/p/one.png"], results, published, ORIGIN, "")
    shown = np.asarray(Image.open(published / "figures/p/one.webp").convert("RGB"), dtype=int)
    assert np.abs(shown - drawn).max() <= 25
    assert not (published / "figures/p/one.png").exists()


def test_the_provenance_is_published_compressed(published):
    results, made = published.parent, {"runs": [{"run": "r", "code": "c"}], "analyses": []}
    write_json(results / "provenance.json", made)
    publish([results / "provenance.json"], results, published, ORIGIN, "")
    assert provenance(published) == made
    assert [file.name for file in published.glob("provenance*")] == ["provenance.json.gz"]


def test_an_edited_published_file_is_named(published):
    assert verify(published)["commit"] == "abc"
    (published / "claims.json").write_text("[1]\n", encoding="utf-8")
    with pytest.raises(DamagedResult, match=r"claims\.json is not what was published"):
        verify(published)
    (published / "claims.json").unlink()
    with pytest.raises(DamagedResult, match=r"claims\.json is not what was published"):
        verify(published)
    (published / "manifest.json").unlink()
    with pytest.raises(DamagedResult, match=r"manifest\.json cannot be read"):
        verify(published)


def test_an_edited_manifest_is_named(published):
    """In one of its numbers, in a checksum, or by a cut; a manifest of hashes must vouch for itself."""
    file = published / "manifest.json"
    text = file.read_text(encoding="utf-8")
    manifest = json.loads(text)
    own = manifest["sha256"].pop("manifest.json")
    unsealed = json.dumps({**manifest, "hashes": {}})
    for edited in (text.replace("abc", "abd"), text.replace(own, own[::-1]), unsealed, text[:-9], "[]", "{}"):
        file.write_text(edited, encoding="utf-8")
        with pytest.raises(DamagedResult, match=r"manifest\.json .*; `git checkout \S+` restores it$"):
            verify(published)


@pytest.mark.parametrize("damage", ["edited", "cut", "missing", "unlisted"])
def test_limits_are_read_from_whole_published_files_alone(damage, published):
    """A build without published results has no limits."""
    results = published.parent
    assert values(results / "nothing", "runtimes.json") == {}
    write_json(results / "runtimes.json", {"train:a": 60.0})
    publish([results / "runtimes.json"], results, published, ORIGIN, "")
    assert values(published, "runtimes.json") == {"train:a": 60.0}
    file = published / ("memory.json" if damage == "unlisted" else "runtimes.json")
    if damage == "missing":
        file.unlink()
    else:
        file.write_text({"edited": '{"train:a": 6}', "cut": "{", "unlisted": "{}"}[damage], encoding="utf-8")
    with pytest.raises(DamagedResult, match=f"{file.name} is not what was published"):
        values(published, file.name)


def test_no_edited_file_of_a_build_is_published(published):
    file = published.parent / "claims.json"
    with pytest.raises(SystemExit, match=r"publish: .*claims\.json was truncated or modified"):
        require_unedited([file])
    write_checksums([file, file.with_suffix(".sha256")])
    require_unedited([file])


def test_the_readme_has_the_rows_of_the_papers_own_figures_and_the_total(tmp_path):
    table = markdown(["target", "minutes"], [["`a`", 1.0], ["`b`", 2.0], ["all of them", 3.0]])
    (tmp_path / "runtime.md").write_text(table, encoding="utf-8")
    rows = rows_of(tmp_path / "runtime.md", {"b", "not built"}).splitlines()
    assert rows == ["| target | minutes |", "|---|---|", "| `b` | 2 |", "| all of them | 3 |"]
    study = load_study(ROOT, stems(ROOT, "papers"), "paper", None)
    own = papers_own(study)
    assert {study.figures[target].paper for target in own} == set(study.papers)
    for figure in study.default_figures.values():
        assert (figure.target in own) == figure.title.startswith("Figure ")


def built_results(study, folder, arithmetic="portable"):
    """Every result of a study, with a table of its own."""
    for built in results_behind(study, Results(folder)):
        table = {"table.csv": f"x\n{built.name}\n".encode()}
        write_sealed(Path(built.folder), table, {"run": built.name, "arithmetic": arithmetic})


def test_each_result_is_published_with_its_hash_by_experiment_and_seed(tmp_path):
    study = small_study()
    built_results(study, tmp_path)
    found = hashes_of(study, Results(tmp_path))
    built = list(results_behind(study, Results(tmp_path)))
    assert {(key, name) for key, results in found.items() for name in results} == {
        (f"{one.experiment}, seed {one.seed}", one.name) for one in built
    }
    assert {results[one.name] for one in built for results in found.values() if one.name in results} == {
        hashes(Path(one.folder)) for one in built
    }


def test_results_that_no_other_machine_reproduces_are_not_published(tmp_path):
    study = small_study()
    built_results(study, tmp_path, "native")
    with pytest.raises(SystemExit, match=r"results are of native arithmetic or a GPU; rebuild them with portable"):
        hashes_of(study, Results(tmp_path))


def small_study():
    """One figure of each paper."""
    study = load_study(ROOT, ["lyu2024"], "smoke", None)
    kept = {
        name: one for name, one in study.papers["lyu2024"].figures.items() if name in ("figure_3", "sharp_regression")
    }
    empty = {"claims": (), "comparisons": {}, "tolerance_checks": {}}
    return replace(study, papers={"lyu2024": replace(study.papers["lyu2024"], figures=kept, **empty)})


def test_what_is_published_of_a_figure_is_its_picture_its_data_and_any_table(tmp_path):
    study = load_study(ROOT, stems(ROOT, "papers"), "paper", None)
    (tmp_path / "tables/gromov2023").mkdir(parents=True)
    (tmp_path / "tables/gromov2023/figure_5.md").touch()
    files = [file.relative_to(tmp_path).as_posix() for file in published_files(study, tmp_path)]
    own = [file for file in files if "/" not in file]
    assert set(own) == {"claims.json", "provenance.json", "runtimes.json", "memory.json", "runtime.md", "benchmark.md",
                        "flow_and_descent.md", "integrator_error.md"}  # fmt: skip
    pictures = [
        f"figures/{one.paper}/{one.name}.{end}" for one in study.default_figures.values() for end in ("png", "csv")
    ]
    assert sorted(set(files) - set(own)) == sorted([*pictures, "tables/gromov2023/figure_5.md"])


BENCHMARK = """| experiment | seconds per seed (most) | descent: steps | ms per step |
|---|---|---|---|
| lyu2024/fig2a | 83.97 | 100,000,000 | 13.95 |

| net | ms |
|---|---|
| MLP | 2 |
"""
REST_OF_A_BUILD = (
    *("load_study", "read_settings", "finished_part", "require_build", "Codebase", "Contents", "outline"),
    *("hashes_of", "published_files", "gallery", "papers_own", "publish"),
)


def test_the_readme_says_the_minutes_of_all_jobs(tmp_path, monkeypatch):
    """Of the build around it only what `main` reads itself is there."""
    built = {"versions": {}, "commit": "abc", "machine": {}}
    write_json(tmp_path / "results/claims.json", [])
    write_json(tmp_path / "results/provenance.json", built)
    write_json(tmp_path / "results/runtimes.json", {"train:a": 7200.0, "train:b": 90.0})
    readme = tmp_path / "README.md"
    for file, names in {"README.md": ["findings", "claims", "speed"], "docs/running.md": ["runtime"]}.items():
        write_atomically(tmp_path / file, "".join(f"<!-- {name} -->\n<!-- /{name} -->\n" for name in names).encode())
    (tmp_path / "results/benchmark.md").write_text(BENCHMARK, encoding="utf-8")
    write_atomically(tmp_path / "config/findings.md", b"# Findings\n")
    monkeypatch.setattr(publishing, "ROOT", tmp_path)
    for name in REST_OF_A_BUILD:
        monkeypatch.setattr(publishing, name, MagicMock())
    monkeypatch.setattr(publishing, "rows_of", lambda *_: "rows")
    publishing.main()
    assert publishing.publish.call_args.args[3]["minutes_on_one_core"] == 121.5
    told = readme.read_text(encoding="utf-8")
    assert " 122 minutes " in told
    assert (
        "is 10⁸ steps of gradient descent: 388 hours of one core at 13.95 ms a step. Here it takes 84 seconds." in told
    )
    assert (tmp_path / "docs/findings.md").read_text(encoding="utf-8") == "# Findings\n"
    assert "rows" in (tmp_path / "docs/running.md").read_text(encoding="utf-8")


def test_only_claims_on_all_that_is_there_are_published():
    """Not those of another part, with claims on more or on less."""
    study = load_study(ROOT, ["lyu2024"], "paper", None)
    part = limited(study, ["lyu2024_figure_1a"])
    there = {claim.id for claim in part.papers["lyu2024"].judged}
    every = [claim.id for claim in study.claims]
    assert 0 < len(there) < len(every)

    def judged(built):
        return [{"id": id, "verdict": "reproduced" if id in built else NOT_BUILT} for id in every]

    require_same_part(part, judged(there))
    for others in ([], every, sorted(there)[1:]):
        with pytest.raises(SystemExit, match=r"claims.json is not of all that is there; judge that: .*hours=0 -- all$"):
            require_same_part(part, judged(others))


def test_no_findings_are_published_that_the_build_does_not_support():
    source = "## One\n\nIt is so. [[p.a reproduced]]\n"
    with pytest.raises(
        SystemExit, match=r"publish: config/findings.md: p\.a is said to be 'reproduced', but is 'differs'"
    ):
        publishing.told(source, [{"id": "p.a", "kind": "paper", "verdict": "differs"}], ())


def test_only_what_stands_between_the_marks_is_replaced():
    readme = "head\n<!-- one -->\nold\n<!-- /one -->\nmiddle\n<!-- two -->\n<!-- /two -->\nend\n"
    filled = fill(readme, {"one": "new", "two": "also"})
    assert filled == "head\n<!-- one -->\nnew\n<!-- /one -->\nmiddle\n<!-- two -->\nalso\n<!-- /two -->\nend\n"
    with pytest.raises(KeyError, match="three"):
        fill(readme, {"three": ""})
