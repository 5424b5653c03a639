"""What fits into a number of hours: the cheapest figures, shared jobs once, and what rests on the others."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from grokking.claims import AtLeast, Claims, experiment
from grokking.claims.judge import NOT_BUILT, judge
from grokking.code import Codebase
from grokking.files import write_atomically
from grokking.page.contents import Contents
from grokking.page.documents import claims_table
from grokking.page.page import page
from grokking.parts.errors import ConfigError
from grokking.report.changed_claims import changed_claims
from grokking.store.paths import Results
from grokking.study import check, targets
from grokking.study.files import Files
from grokking.study.finished import finished_part
from grokking.study.hours import CLAIMS, choose, costs, limited, minutes
from grokking.study.leftovers import finished
from grokking.study.load import load_study, read_settings
from tests.unit.small_runs import KINDS, QUICK, carry_out

ROOT = Path(__file__).parents[2]
COSTS = {
    "dear": {"a": 600.0, "b": 60.0},
    "cheap": {"c": 60.0},
    "shares": {"a": 600.0, "c": 60.0, "d": 30.0},
    "unknown": {"c": 60.0, "e": None},
    "built": {},
}


def chosen(hours, cores=1, costs=COSTS):
    return choose(costs, hours, cores, "here")


def test_the_cheapest_come_first_and_a_shared_job_counts_once():
    assert chosen(1 / 60).chosen == ("built", "cheap")
    assert chosen(11.5 / 60).chosen == ("built", "cheap", "shares")  # 60 + 600 + 30 s
    assert chosen(12.5 / 60).chosen == ("built", "cheap", "shares", "dear")  # a is paid


def test_cores_share_the_jobs_but_no_job_is_cut():
    assert chosen(10.5 / 60, cores=1).chosen == ("built", "cheap")
    assert chosen(10.5 / 60, cores=2).chosen == ("built", "cheap", "shares", "dear")
    assert chosen(9.9 / 60, cores=100).chosen == ("built", "cheap")  # a takes ten minutes on any machine


def test_what_is_left_out_is_told_with_its_minutes():
    assert chosen(0.02, cores=2).note == (
        "hours=0.02: 2 figures, about 1 min on 2 cores for what was not there; "
        "left out: dear (10 min), shares (10 min), unknown (no published time)"
    )
    assert chosen(9, costs={"one": {"a": 30.0}}).note == (
        "hours=9: 1 figure, about 30 s on 1 core for what was not there; left out: nothing"
    )


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ({"dear", "cheap"}, "here: 0.01: no figure fits; the cheapest, cheap, needs 1 min on 1 core"),
        ({"unknown"}, "here: 0.01: no figure fits; no figure has a published run time"),
        (set(), "here: 0.01: no figure fits; no figure has a published run time"),
    ],
)
def test_where_nothing_fits_the_cheapest_is_named(left, words):
    with pytest.raises(ConfigError) as error:
        chosen(0.01, costs={name: COSTS[name] for name in COSTS if name in left} | {CLAIMS: {}})
    assert str(error.value) == words


JOBS = some.dictionaries(some.sampled_from("abcdef"), some.none(), max_size=4)
TIMES = some.fixed_dictionaries({job: some.one_of(some.none(), some.floats(1, 1000)) for job in "abcdef"})


@settings(max_examples=40, deadline=None)
@given(some.lists(JOBS, min_size=1, max_size=6), TIMES, some.floats(0, 1), some.integers(1, 4))
def test_nothing_more_fits_and_nothing_too_much_is_chosen(units, times, hours, cores):
    prices = {f"f{place}": {job: times[job] for job in jobs} for place, jobs in enumerate(units)}
    try:
        choice = chosen(hours, cores, prices)
    except ConfigError:
        assert not any(None not in jobs.values() and minutes(jobs, cores) <= 60 * hours for jobs in prices.values())
        return
    paid = {job: time for name in choice.chosen for job, time in prices[name].items()}
    assert minutes(paid, cores) == choice.minutes <= 60 * hours
    assert choice.left_out.keys() == prices.keys() - {*choice.chosen}
    for name, more in choice.left_out.items():
        assert (more is None) == (None in prices[name].values())
        assert more is None or minutes({**paid, **prices[name]}, cores) > 60 * hours


# What a limited build has


@pytest.fixture(scope="module")
def study():
    return load_study(ROOT, ["lyu2024", "gromov2023"], "paper", None)


def test_every_job_of_a_figure_is_paid_and_what_is_built_is_not(study):
    files = Files(Results(Path("results")), study.jobs, study.job_of)

    def of(target, is_built=lambda rule, name: False):
        return costs(study, files, {}, is_built)[target].keys()

    jobs = of("lyu2024_figure_1a")
    assert sorted({job.partition(":")[0] for job in jobs}) == ["align", "solve_references", "train"]
    assert len(jobs) == 15
    assert {job.partition(":")[0] for job in of("lyu2024_figure_1a", lambda rule, _: rule == "train")} == {
        "align", "solve_references",
    }  # fmt: skip
    claims = of(CLAIMS)
    assert f"train:{study.papers['lyu2024'].experiments['fig2a_tight'].runs[0].id}" in claims


def test_a_run_that_others_start_from_is_paid_too():
    study = load_study(ROOT, ["pku2024"], "paper", None)
    files = Files(Results(Path("r")), study.jobs, study.job_of)
    prices = costs(study, files, {}, lambda rule, name: False)
    for target, figure in study.default_figures.items():
        for run in study.runs_of(figure.paper, figure.experiments):
            assert not run.parent or ":".join(files.training(run.parent)) in prices[target]


def test_a_limited_build_has_the_chosen_figures_and_what_rests_on_them(study):
    small = limited(study, ["lyu2024_figure_1a", "lyu2024_flow_and_descent"])
    assert list(small.default_figures) == ["lyu2024_figure_1a", "lyu2024_flow_and_descent"]
    assert small.figures.keys() == study.figures.keys()  # the others can still be asked for
    lyu = small.papers["lyu2024"]
    shown = {name for figure in small.default_figures.values() for name in figure.experiments}
    assert {*lyu.needed} == shown
    assert {name for claim in lyu.judged for name in claim.experiments} <= shown
    assert 0 < len(lyu.judged) < len(lyu.claims)
    assert set(lyu.comparisons) <= set(study.papers["lyu2024"].comparisons)
    assert lyu.comparisons
    assert lyu.tolerance_checks == {}
    assert targets.claimed(small)["gromov2023"] == []
    built = {one["experiment"] for one in check.compared_results(small, Results(Path("r")), None)}
    assert built == {f"lyu2024/{name}" for name in shown}


def test_what_is_there_is_part_of_a_build_whatever_fits(study):
    """A claim is judged on it though no chosen figure shows it."""
    small = limited(study, ["lyu2024_figure_1a"], ["lyu2024/fig1a", "lyu2024/fig2a", "lyu2024/fig2a_tight"])
    assert list(small.default_figures) == ["lyu2024_figure_1a"]
    lyu = small.papers["lyu2024"]
    shown = {*study.figures["lyu2024_figure_1a"].experiments}
    assert {*study.papers["lyu2024"].needed} - lyu.left_out == shown | {"fig1a", "fig2a", "fig2a_tight"}
    assert any("fig2a" in claim.experiments for claim in lyu.judged)


def test_what_fits_as_a_whole_is_the_whole_build(study):
    whole = limited(study, [*study.default_figures, CLAIMS])
    assert whole == study


def test_a_claim_on_what_was_left_out_is_not_built_and_not_compared(tmp_path):
    claims = Claims()
    claims.paper("a", "b", "says so", experiment("left_out").final("test_accuracy"), AtLeast(1, paper=3))
    (judged,) = judge(list(claims), {}, True)
    assert judged.verdict == NOT_BUILT
    assert "| – | every seed at least 1 | not built |" in claims_table([judged.to_mapping()])
    files = [tmp_path / name for name in ("published.json", "fresh.json")]
    for file, verdict in zip(files, ("reproduced", NOT_BUILT), strict=True):
        file.write_text(json.dumps([{**judged.to_mapping(), "verdict": verdict}]), encoding="utf-8")
    assert changed_claims(*files, lambda claim: 0, {"a"}) == []
    assert changed_claims(*reversed(files), lambda claim: 0, {"a"}) == []  # an earlier build may have left it out


def test_the_page_says_what_was_left_out(tmp_path):
    built = {
        "totals": {"runs": 0, "wall_seconds": 0},
        "versions": {},
        "commit": "",
        "runs": [],
        "machine": {"processor": "a CPU", "cores": 2, "system": "Linux"},
    }
    note = chosen(0.02).note
    for said in (note, ""):
        assert (f"<p>{note}</p>" in page(Contents(tmp_path, [], [], built, note=said))) == bool(said)


def test_a_result_is_there_if_the_present_code_made_it(tmp_path):
    code, results = Codebase.at(ROOT), Results(tmp_path)
    done, outdated, absent = (KINDS[name] for name in ("gradient_descent", "relu", "adam"))
    carry_out(done, tmp_path, code.of_run(done))
    carry_out(outdated, tmp_path, "other")
    runs = {spec.id: spec for spec in (done, outdated, absent)}
    there = finished(runs, {}, code, results)
    assert there == {results.run(done.id)}
    files = Files(results, {"both": (done, outdated), **{name: (spec,) for name, spec in runs.items()}}, {})
    assert [files.is_built(rule, name, there) for rule, name in (("train", done.id), ("train", absent.id))] == [
        True,
        False,
    ]
    assert not files.is_built("train_sweep", "both", there)


OWN = f"""{QUICK}
  other: {{like: quick, steps: 3}}
  unseen: {{like: quick, steps: 4}}
figures:
  one: {{kind: modular_addition, experiments: [quick], title: One, caption: One.}}
  both: {{kind: modular_addition, experiments: [quick, other], title: Both, caption: Both.}}
"""
OWN_CLAIMS = """
from grokking.claims import AtLeast, Claims, experiment

claims = Claims()
for name in ("quick", "other", "unseen"):
    claims.paper(name, "Figure 1", "It ends.", experiment(name).final("step"), AtLeast(1, paper=2))
"""


@pytest.mark.parametrize(("made", "figures"), [
    ((), []), (("quick",), ["mine_one"]), (("other", "unseen"), []), (("quick", "other"), ["mine_one", "mine_both"]),
    (("quick", "other", "unseen"), ["mine_one", "mine_both"]),
])  # fmt: skip
def test_the_finished_part_of_a_study_is_what_the_present_code_made(made, figures, tmp_path):
    """Figures all of whose results are there, and claims on whatever is there, shown or not."""
    for name, content in {"papers/mine.yaml": OWN, "claims/mine.py": OWN_CLAIMS}.items():
        write_atomically(tmp_path / "config" / name, content.encode())
    write_atomically(tmp_path / "config/config.yaml", b"preset: paper\npapers: [mine]\n")
    study = load_study(tmp_path, ["mine"], "paper", None)
    code, results = Codebase.at(ROOT), Results(tmp_path / "results")
    for name, own in study.papers["mine"].experiments.items():
        (run,) = own.runs
        carry_out(run, results.root, code.of_run(run) if name in made else "other")
    part = finished_part(study, code, results)
    assert list(part.default_figures) == figures
    assert [claim.id for claim in part.papers["mine"].judged] == [f"mine.{name}" for name in made]


def test_hours_are_for_the_papers_sizes():
    with pytest.raises(ConfigError, match=r"hours: 2\.0: needs preset: paper, whose run times are published"):
        read_settings(ROOT, {"hours": 2, "preset": "smoke"})
    assert read_settings(ROOT, {"hours": "0.5"}).hours == 0.5
