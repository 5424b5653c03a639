"""A build against the published one: the same bytes, or events and verdicts that may have moved."""

import hashlib
import json
import runpy
import shutil
from contextlib import nullcontext
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from grokking.failures import DamagedResult
from grokking.figures.data import write_data
from grokking.files import write_json
from grokking.report.changed_claims import has_older_words
from grokking.report.comparison import compare
from grokking.store.checksums import write_checksums
from grokking.store.provenance import ROOT
from grokking.store.sealed import write_sealed
from grokking.study.built import Built
from grokking.study.load import load_study, stems
from publish.folder import publish
from tests.unit.figure_tables import run, together
from tests.unit.report_files import NamedFiles

TABLE = together(*(run("e", seed=seed, test_accuracy=np.linspace(0, 1, 5)) for seed in (0, 1)))
OURS = {"median": 0.5, "min": 0.4, "max": 0.7, "seeds": [0.4, 0.5, 0.7], "half_width": 0.01}
CLAIM = {"id": "p.a", "paper": 0.5, "rule": "median within ±0.1", "judged_on": {"e": [0, 1, 2]}, "ours": OURS}
CLAIMS = [{**CLAIM, "verdict": "reproduced"}]
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
    assert "Older code made the published results" in found.text()
    assert len(found.text().strip().splitlines()) == 5


def test_verdicts_in_the_words_of_older_code_are_told_in_one_line(published):
    write_json(published.parent / "claims.json", [{**CLAIMS[0], "kind": "ours", "verdict": "does not hold"}])
    published_again(published)
    rebuild(published, claims=[{**CLAIMS[0], "kind": "ours", "verdict": "refuted"}])
    found = compared(published)
    assert not found.agrees
    assert "other words for verdicts" in found.text()
    assert len(found.text().strip().splitlines()) == 5
    assert compared(published, claims=False).agrees


def test_a_paper_that_only_one_of_the_builds_has_is_not_compared(published):
    """Neither its results nor its claims, whichever of the builds lacks it."""
    result(published.parent / "runs/other-0")
    write_json(published.parent / "claims.json", [*CLAIMS, {**CLAIM, "id": "q.a", "verdict": "differs"}])
    built = [Built(f"run-{seed}", "p/e", seed, str(published.parent / f"runs/run-{seed}")) for seed in (0, 1)]
    more = [*built, Built("other-0", "q/e", 0, str(published.parent / "runs/other-0"))]
    found = compare(published, published.parent, more, ["p/one"], {}, default=0.02)
    assert found.agrees
    assert "2 identical, 1 of a seed or experiment that is not published" in found.text()
    write_json(published.parent / "claims.json", [*CLAIMS, {**CLAIM, "id": "p.b", "verdict": "differs"}])
    assert not compare(published, published.parent, more, ["p/one"], {}, default=0.02).agrees


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


def published_again(published, *more, also=MappingProxyType({})):
    """What has been built is published, and the hashes of what else was built there."""
    fresh = published.parent
    files = [fresh / name for name in ("figures/p/one.csv", "claims.json", "provenance.json", *more)]
    publish(files, fresh, published, {**ORIGIN, "hashes": HASHES | also}, "# Results\n")


def test_the_nets_of_a_sweep_are_compared_one_by_one(published):
    write_data(published.parent / "figures/p/one.csv", nets([100.0, 200.0]))
    published_again(published)
    rebuild(published, table=nets([100.0, 200.0]))
    assert compared(published).agrees
    rebuild(published, table=nets([100.0, 260.0]))
    found = compared(published)
    assert not found.agrees
    assert [event.event for event in found.far.itertuples()] == ["grokked (width 16)"]


def judged(published, found=None, **changes):
    """The comparison with a build whose claim, or what we found for it, has changed."""
    ours = OURS | found if found else OURS
    write_json(published.parent / "claims.json", [{**CLAIMS[0], "ours": ours, **changes}])
    return compared(published)


PUBLISHED = "reproduced: 0.5 ± 0.01 (0.4 … 0.7), seeds: 3"


@pytest.mark.parametrize(
    ("found", "changes", "what", "now"),
    [
        (None, {"verdict": "differs"}, "verdict", "differs: 0.5 ± 0.01 (0.4 … 0.7), seeds: 3"),
        ({"median": 0.500001}, {}, "median", "reproduced: 0.500001 ± 0.01 (0.4 … 0.7), seeds: 3"),
        ({"min": 0.41}, {}, "smallest", "reproduced: 0.5 ± 0.01 (0.41 … 0.7), seeds: 3"),
        ({"max": 0.71}, {}, "largest", "reproduced: 0.5 ± 0.01 (0.4 … 0.71), seeds: 3"),
        ({"half_width": 0.02}, {}, "interval", "reproduced: 0.5 ± 0.02 (0.4 … 0.7), seeds: 3"),
        ({"half_width": None}, {}, "interval", "reproduced: 0.5 ± – (0.4 … 0.7), seeds: 3"),
        ({"seeds": [0.5, 0.4, 0.7]}, {}, "seed 0, seed 1", PUBLISHED),
        ({"seeds": [None, 0.5, 0.7]}, {}, "seed 0", PUBLISHED),
        (
            None,
            {"verdict": "not run", "ours": None},
            "verdict, median, smallest, largest, interval",
            "not run, seeds: 0",
        ),
    ],
)
def test_a_number_of_a_claim_that_changed_is_another_build(published, found, changes, what, now):
    claim = judged(published, found, **changes)
    assert not claim.agrees
    assert f"| p.a | {what} | {PUBLISHED} | {now} | **changed** |" in claim.text()
    assert "\n1 claims changed.\n" in claim.text()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"rule": "median within ±0.2"},
            "The rule of p.a has changed since it was published: median within ±0.1, now ",
        ),
        ({"paper": 0.6}, "The paper's value in p.a has changed since it was published: 0.5, now 0.6."),
        ({"paper": None}, "The paper's value in p.a has changed since it was published: 0.5, now None."),
    ],
)
def test_a_changed_rule_or_value_of_the_paper_is_told_as_such(published, changes, said):
    found = judged(published, **changes)
    assert not found.agrees
    assert said in found.text()
    assert "**changed**" not in found.text()


def test_a_claim_in_other_words_is_the_same(published):
    assert judged(published, statement="In other words.", source="Figure 2", reason="because").agrees


@pytest.mark.parametrize("id", ["p.b", "p.a.b"])
def test_a_claim_that_one_build_lacks_is_named(published, id):
    found = judged(published, id=id)
    assert not found.agrees
    for row in (f"| p.a | claim | {PUBLISHED} | absent | **changed** |", f"| {id} | claim | absent | {PUBLISHED} |"):
        assert row in found.text()


def test_claims_and_milestones_of_papers_that_are_not_built_are_not_missed(published):
    """`--config papers=p` and `hours`: integrator_error.md then has fewer rows."""
    fresh = published.parent
    (fresh / "integrator_error.md").write_text("| p | q |", encoding="utf-8")
    write_json(fresh / "claims.json", [*CLAIMS, {**CLAIMS[0], "id": "q.a"}])
    published_again(published, "integrator_error.md", also={"q/e, seed 0": {"run-2": "portable a b"}})
    (fresh / "integrator_error.md").write_text("| p |", encoding="utf-8")
    write_json(fresh / "claims.json", CLAIMS)
    assert compared(published).agrees
    write_json(fresh / "claims.json", [])
    assert "| p.a | claim |" in compared(published).text()


@pytest.mark.parametrize(
    ("seeds", "numbers", "agrees"),
    [
        ([0, 1], [0.4, 0.5], True),
        ([0, 1, 2, 3], [0.4, 0.5, 0.7, 0.9], True),
        ([4, 5, 6], [0.1, 0.2, 0.3], True),  # as many, but others
        ([2, 9], [0.7, 0.1], True),
        ([0, 1], [0.4, 0.51], False),  # the seed of both builds has another number
        ([2, 9], [0.4, 0.1], False),
    ],
)
@pytest.mark.parametrize("verdict", ["reproduced", "differs"])
def test_a_claim_on_other_seeds_is_listed_and_its_common_seeds_are_compared(published, seeds, numbers, agrees, verdict):
    found = judged(published, {"median": 0.3, "seeds": numbers}, judged_on={"e": seeds}, verdict=verdict)
    assert found.agrees is agrees
    assert ("| other seeds |" if agrees else "| **changed** |") in found.text()
    assert f"seeds: {len(seeds)} |" in found.text()


def test_a_claim_that_compares_two_experiments_names_the_seeds_of_both(published):
    both = {"judged_on": {"e": [0, 1, 2], "f": [0, 1]}}
    write_json(published.parent / "claims.json", [{**CLAIMS[0], **both}])
    published_again(published)
    found = judged(published, {"seeds": [0.4, 0.6, 0.8]}, **both)
    assert "| p.a | seed 1, seed 2 |" in found.text()


def test_without_a_whole_build_claims_are_not_compared(published):
    write_json(published.parent / "claims.json", [])
    assert compared(published, claims=False).agrees
    assert "Claims are compared only for a whole build." in compared(published, claims=False).text()


@pytest.mark.parametrize(
    ("median", "native", "agrees"),
    [(0.5001, False, False), (0.5001, True, True), (0.515, True, True), (0.525, True, False), (None, True, False)],
)
def test_numbers_of_claims_may_move_by_the_tolerance_of_native_runs_alone(published, median, native, agrees):
    """By 2 % of accuracies, here; the claim's numbers on a portable run must be equal."""
    if native:
        rebuild(published)
    assert judged(published, {"median": median}).agrees is agrees
    assert compared(published, e=0.2).agrees is (agrees or (native and median is not None))


@pytest.mark.parametrize(("median", "agrees"), [(50.9, True), (49.1, True), (51.1, False), (-50.0, False)])
def test_large_numbers_of_claims_may_move_in_proportion(published, median, agrees):
    write_json(published.parent / "claims.json", [{**CLAIMS[0], "ours": OURS | {"median": 50.0}}])
    published_again(published)
    rebuild(published)
    assert judged(published, {"median": median}).agrees is agrees


def test_of_many_changed_claims_twenty_are_listed_and_the_failures_first(published):
    claims = [{**CLAIMS[0], "id": f"p.c{number}"} for number in range(30)]
    write_json(published.parent / "claims.json", claims)
    published_again(published)
    moved = [claim | {"judged_on": {"e": [5]}, "ours": OURS | {"median": 0.9}} for claim in claims[:15]]
    moved += [claim | {"ours": OURS | {"median": 0.1}} for claim in claims[15:]]
    write_json(published.parent / "claims.json", moved)
    rows = [line for line in compared(published).text().splitlines() if line.startswith("| p.c")]
    assert [row.endswith("| **changed** |") for row in rows] == [True] * 15 + [False] * 5
    assert "And 10 more." in compared(published).text()
    assert "15 claims changed." in compared(published).text()


# Tables


def test_a_cell_of_a_figures_table_that_changed_though_no_result_did_is_another_build(published):
    """As when what reads the results has changed: another unit of time, say."""
    write_data(published.parent / "figures/p/one.csv", TABLE.assign(time=10 * TABLE["time"]))
    found = compared(published)
    assert not found.agrees
    assert "**Different** although made of identical results: figures/p/one.csv." in found.text()


@pytest.mark.parametrize(
    ("table", "agrees"),
    [
        (TABLE[TABLE["seed"] == 0], False),  # a result that is there is not in the table
        (TABLE.assign(label="in other words"), True),
        (together(TABLE, run("e", seed=7), run("new", seed=0)), True),  # what is not published
        (together(TABLE[TABLE["seed"] == 1], TABLE[TABLE["seed"] == 0]), True),
        (TABLE.drop(columns="time"), False),
    ],
)
def test_rows_of_equal_results_are_compared_and_no_others(published, table, agrees):
    write_data(published.parent / "figures/p/one.csv", table)
    assert compared(published).agrees is agrees


def test_rows_of_a_result_that_differs_are_not_named_twice(published):
    result(published.parent / "runs/run-1", table=b"step\n2\n")
    table = TABLE.assign(step=TABLE["step"].where(TABLE["seed"] == 0, 2 * TABLE["step"]))
    write_data(published.parent / "figures/p/one.csv", table)
    assert not compared(published).tables


@pytest.mark.parametrize("name", ["tables/p/one.md", "integrator_error.md"])
def test_a_table_in_markdown_is_compared_where_all_results_are_equal(published, name):
    fresh = published.parent
    (fresh / name).parent.mkdir(parents=True, exist_ok=True)
    (fresh / name).write_text("| 1.2 |", encoding="utf-8")
    published_again(published, name)
    assert compared(published).agrees
    (fresh / name).write_text("| 1.3 |", encoding="utf-8")
    found = compared(published)
    assert not found.agrees
    assert f"made of identical results: {name}." in found.text()
    rebuild(published)
    assert compared(published).agrees is (name == "integrator_error.md")


def analysis(published, cosine, rows=3):
    """The figure's table of an analysis, whose result is native unless it is published."""
    table = pd.DataFrame({"experiment": "e", "seed": 0, "alpha": [1.0, 2, 3, 4][:rows], "cosine": cosine[:rows]})
    write_data(published.parent / "figures/p/one.csv", table)


@pytest.mark.parametrize(
    ("cosine", "rows", "told"),
    [
        ([1e-9, 0.5, 1.0], 3, ""),  # what is 0 but for rounding
        ([0, 0.515, 0.99], 3, "| p/e, seed 0 | cosine in row 2 | 0.5 | 0.515 | 1.03 | 2% | within |"),
        ([0, 0.53, 1.0], 3, "| p/e, seed 0 | cosine in row 2 | 0.5 | 0.53 | 1.06 | 2% | **too far** |"),
        ([0, np.nan, 1.0], 3, "| cosine in row 2 | 0.5 | – | – | 2% | **too far** |"),
        ([0, 0.5], 2, "| rows of cosine | 3 | 2 | 0.6667 | 2% | **too far** |"),
    ],
)
def test_the_columns_of_a_native_analysis_are_compared_with_the_published_ones(published, cosine, rows, told):
    analysis(published, [0, 0.5, 1.0])
    published_again(published)
    rebuild(published)
    analysis(published, cosine, rows)
    found = compared(published)
    assert told in found.text()
    assert found.agrees is ("too far" not in told)


CHANGED = set()  # the claims whose rule or value of the paper was changed on purpose since the last publication


def test_rules_and_values_of_the_papers_are_those_published():
    """A slip in config/claims is seen before the next build: a factor 1.2 where the sentence says 2 %."""
    own = {claim.id: claim for claim in load_study(ROOT, stems(ROOT, "papers"), "paper", None).claims}
    published = ROOT / "results/published/claims.json"
    if has_older_words(published):
        pytest.skip("the published claims were judged by older rules")
    known = json.loads(published.read_text(encoding="utf-8"))
    keys = ("kind", "paper", "rule")
    then = {one["id"]: [one[key] for key in keys] for one in known if one["id"] in own.keys() - CHANGED}
    assert {name: [own[name].kind, own[name].paper, own[name].rule.text()] for name in then} == then


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


def rerun_check(published):
    """Run the job `check` on what is there."""
    results = published.parent
    files = NamedFiles(text=results / "comparison.md", agrees=results / "agrees.json", compared=results / "claims.json")
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
