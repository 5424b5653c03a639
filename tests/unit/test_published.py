"""A build against the published one: the same bytes, or events and verdicts that may have moved."""

import hashlib
import json
import runpy
import shutil
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from grokking.failures import DamagedResult
from grokking.figures.data import write_data
from grokking.files import write_json
from grokking.report.comparison import compare
from grokking.store.checksums import write_checksums
from grokking.store.provenance import ROOT
from grokking.store.sealed import write_sealed
from grokking.study.built import Built
from publish.folder import publish
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
    assert "compared to the byte): 2 identical." in found.text()
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
    assert "The published results were made by other code." in found.text()
    assert "run-1" not in found.text()


def test_other_code_with_the_same_numbers_is_the_same_build(published):
    for folder in (published.parent / "runs").iterdir():
        result(folder, code="0ther")
    assert compared(published).agrees


def test_what_was_published_before_runs_had_hashes_is_told_in_one_line(published):
    manifest = json.loads((published / "manifest.json").read_text(encoding="utf-8"))
    del manifest["hashes"], manifest["sha256"]["manifest.json"]
    write_json(published / "manifest.json", manifest)
    rebuild(published, claims=[])
    found = compared(published)
    assert not found.agrees
    assert "older code made them" in found.text()
    assert len(found.text().strip().splitlines()) == 5


def test_fewer_and_more_seeds_are_compared_on_those_that_both_have(published):
    shutil.rmtree(published.parent / "runs/run-1")
    assert compared(published).agrees
    result(published.parent / "runs/run-2", table=b"step\n7\n")
    found = compared(published)
    assert found.agrees
    assert (
        "1 identical, 1 of a seed or experiment that is not published, 1 published but not built here" in found.text()
    )


def test_the_same_seed_with_other_settings_is_another_build(published):
    """Another id, though the numbers may be the same."""
    (published.parent / "runs/run-1").rename(published.parent / "runs/other-1")
    found = compared(published)
    assert not found.agrees
    assert "1 with other settings than published, 1 identical" in found.text()


def test_what_was_compared_with_nothing_agrees_with_nothing(published):
    for folder in (published.parent / "runs").iterdir():
        folder.rename(folder.with_name(f"run-{int(folder.name[-1]) + 5}"))
    assert not compared(published).agrees


def test_native_results_without_published_events_are_told(published):
    rebuild(published, table=TABLE[TABLE["seed"] == 0])
    found = compared(published)
    assert found.agrees
    assert "1 native without published events, not compared, 1 native and compared by events" in found.text()


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
    assert "By events (native arithmetic or a GPU): 3 in 1 runs; 0 moved" in found.text()


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


CHANGED, SEEDS = "| **changed** |", "| other seeds |"


@pytest.mark.parametrize(
    ("change", "row", "agrees"),
    [
        ({"verdict": "differs"}, f"| a | reproduced, seeds: 3 | differs, seeds: 3 {CHANGED}", False),
        ({"ours": {"seeds": [1, 2]}}, f"reproduced, seeds: 3 | reproduced, seeds: 2 {SEEDS}", True),
        ({"verdict": "differs", "ours": {"seeds": [1]}}, f"| differs, seeds: 1 {SEEDS}", True),
        ({"verdict": "not run", "ours": None}, f"| not run, seeds: 0 {CHANGED}", False),
        ({"id": "b"}, f"| a | reproduced, seeds: 3 | absent, seeds: 0 {CHANGED}", False),
        ({"id": "b"}, f"| b | absent, seeds: 0 | reproduced, seeds: 3 {CHANGED}", False),
    ],
)
def test_a_claim_that_changed_is_named(published, change, row, agrees):
    """A verdict may change with the number of seeds."""
    write_json(published.parent / "claims.json", [{**CLAIMS[0], **change}])
    found = compared(published)
    assert found.agrees is agrees
    assert row in found.text()
    assert compared(published, claims=False).agrees
    assert "Claims are compared only for a whole build." in compared(published, claims=False).text()


def test_a_known_difference_is_no_change(published):
    known = [{**CLAIMS[0], "verdict": "differs", "reason": "another draw"}]
    write_json(published.parent / "claims.json", known)
    published_again(published)
    assert compared(published).agrees
    write_json(published.parent / "claims.json", CLAIMS)  # it is reproduced now: that is news, too
    assert not compared(published).agrees


@pytest.mark.parametrize(("factor", "told"), [(1.005, False), (1.015, True), (0.985, True)])
def test_what_moved_by_more_than_one_per_cent_is_told(factor, told, published):
    rebuild(published, factor)
    text = compared(published).text()
    assert f"{2 if told else 0} moved by more than 1 %, 0 by more than their tolerance; 4 are identical" in text
    assert (f"| p/e, seed 1 | test_accuracy up to 75% | 100 | {100 * factor:g} | {factor:g} | 2% |" in text) == told


def checked(published, agrees=True):
    """Run the job `check` after a comparison whose files are whole."""
    results = published.parent
    text, verdict, claims = results / "comparison.md", results / "agrees.json", results / "claims.json"
    text.write_text("what differs", encoding="utf-8")
    write_json(verdict, agrees)
    for file in (text, verdict, claims):
        write_checksums([file, file.with_suffix(".sha256")])
    rerun_check(published)


class NamedFiles(list):
    """The input of a job: a list whose files have names."""


def rerun_check(published):
    """Run the job `check` on what is there."""
    results = published.parent
    files = NamedFiles([results / name for name in ("comparison.md", "agrees.json", "claims.json")])
    files.text, files.agrees, *files.compared = files
    built = [{"folder": str(run)} for run in (results / "runs").iterdir()]
    job = SimpleNamespace(
        input=files,
        log=[results / "check.log"],
        params=SimpleNamespace(published=str(published), built=built),
    )
    runpy.run_path(str(ROOT / "workflow/scripts/check.py"), {"snakemake": job})


@pytest.mark.parametrize(
    "file", ["comparison.md", "agrees.json", "claims.json", "runs/run-0/trajectory.csv", "published/manifest.json"]
)
def test_a_check_trusts_no_file_that_was_edited_after_the_comparison(file, published, caplog):
    checked(published)
    path = published.parent / file
    path.write_bytes(path.read_bytes().replace(b"1", b"2").replace(b"what", b"not").replace(b"true", b"false"))
    with pytest.raises(SystemExit):
        rerun_check(published)
    assert f"error: {path} " in caplog.text


@pytest.mark.parametrize("agrees", [True, False])
def test_a_check_fails_where_the_build_is_another_one(agrees, published, capsys):
    with nullcontext() if agrees else pytest.raises(SystemExit, match="check: "):
        checked(published, agrees)
    assert "what differs" in capsys.readouterr().out
