"""What the workflow builds: the files behind figures, claims and comparisons, by name in the studies of all presets."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from grokking.code import Codebase
from grokking.parts.errors import ConfigError
from grokking.store.paths import Results
from grokking.store.source import SWEEP, Source
from grokking.study import check, targets
from grokking.study.files import Files
from grokking.study.leftovers import forget_finished
from grokking.study.limits import Limits
from grokking.study.load import load_study, stems
from grokking.study.lookup import Lookup
from tests.unit.small_runs import KINDS, carry_out

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def study():
    return load_study(ROOT, stems(ROOT, "papers"), "smoke", None)


# Names in the studies of several presets


class NoJobError(Exception):
    pass


FOLDERS = {"results/smoke": {"a": 1, "both": 2}, "results": {"both": 3, "alone": 4}}


def lookup(read=None):
    def entries(folder):
        if read is not None:
            read.append(folder)
        return FOLDERS[folder]

    return Lookup("run", tuple(FOLDERS), entries, NoJobError)


def test_a_name_is_looked_up_in_the_first_folder_that_has_it():
    assert dict(lookup()) == {"a": 1, "both": 2, "alone": 4}
    assert list(lookup()) == ["a", "both", "alone"]
    assert len(lookup()) == 3
    assert "alone" in lookup()
    assert "none" not in lookup()


def test_a_folder_is_read_once_and_only_if_it_is_needed():
    read = []
    names = lookup(read)
    assert [names["a"], names["both"], names["a"]] == [1, 2, 1]
    assert read == ["results/smoke"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("alnoe", "alnoe: the chosen papers have no such run; near: alone"),
        ("zzz", "zzz: the chosen papers have no such run"),
    ],
)
def test_a_name_that_no_folder_has_is_refused_with_names_like_it(name, message):
    with pytest.raises(NoJobError) as error:
        lookup()[name]
    assert str(error.value) == message


# Files of jobs


ALONE, FIRST, SECOND = "alone", "first", "second"
FILES = Files(
    Results(Path("r")),
    {ALONE: (KINDS["flow"],), "pair": (KINDS["relu"], KINDS["adam"])},
    {ALONE: ALONE, FIRST: "pair", SECOND: "pair"},
)


def source(*runs, **more):
    return Source(experiment="e", seed=0, runs=runs, **{"evidence": "sum", **more})


def test_a_run_is_finished_where_its_job_says_so():
    assert FILES.of_run(ALONE) == "r/runs/alone/run.json"
    assert FILES.of_run(FIRST) == FILES.of_run(SECOND) == "r/sweeps/pair.json"


@pytest.mark.parametrize(
    ("sources", "files", "jobs"),
    [
        ([source(ALONE)], ["runs/alone/run.json"], ["train/alone"]),
        ([source(FIRST, SECOND, evidence=SWEEP), source(SECOND)], ["sweeps/pair.json"], ["train_sweep/pair"]),
        (
            [source(ALONE, problem="p")],
            ["runs/alone/run.json", "references/p/run.json", "alignments/alone/run.json"],
            ["train/alone", "align/alone", "solve_references/p"],
        ),
        (  # the runs of an analysis are made, but not read by who reads the analysis
            [source(ALONE, FIRST, analysis="t")],
            ["analyses/t/run.json"],
            ["train/alone", "train_sweep/pair", "evaluate_analysis/t"],
        ),
        ([], [], []),
    ],
)
def test_files_and_jobs_behind_sources(sources, files, jobs):
    assert FILES.of_sources(sources) == [f"r/{file}" for file in files]
    assert FILES.of_all({"a": sources, "b": sources}) == [f"r/{file}" for file in files]
    pair = [f"r/runs/{KINDS[name].id}" for name in ("relu", "adam")]
    trained = {"train/alone": [f"r/runs/{KINDS['flow'].id}"], "train_sweep/pair": pair}
    assert FILES.benchmarks_of(sources) == {f"r/benchmarks/{job}.tsv": trained.get(job, []) for job in jobs}


def test_runs_that_start_from_others_wait_for_them(study):
    files = Files(Results(Path("r")), study.jobs, study.job_of)
    children = [run for run in study.runs.values() if run.parent]
    assert children
    assert files.of_parents(study.runs.values()) == [files.of_run(run.parent) for run in children]


# Files of figures and reports


def test_a_figure_has_four_files_and_some_a_table(study):
    plain, tabulated = (study.figures[name] for name in ("lyu2024_figure_1a", "lyu2024_generalisation"))
    assert targets.figure_files("o", [plain]) == [
        f"o/figures/lyu2024/figure_1a.{suffix}" for suffix in ("svg", "png", "pdf", "csv")
    ]
    assert targets.figure_files("o", [plain, tabulated], ["svg"]) == [
        "o/figures/lyu2024/figure_1a.svg", "o/figures/lyu2024/generalisation.svg", "o/tables/lyu2024/generalisation.md",
    ]  # fmt: skip
    assert set(targets.tabulated(study, "o")) == {
        f"o/tables/{name}" for name in ("lyu2024/generalisation", "gromov2023/figure_5", "pku2024/settings")
    }
    assert targets.drawn(study, "o")["o/figures/lyu2024/figure_1a"] is plain
    assert len(targets.drawn(study, "o")) == len(study.figures)


def test_the_report_shows_every_default_figure_and_no_other(study):
    files = targets.report_files(study, "o")
    shown = {file for file in files if file.endswith(".svg")}
    assert shown == {f"o/figures/{one.paper}/{one.name}.svg" for one in study.default_figures.values()}
    assert "o/figures/lyu2024/figure_4_long.svg" not in files
    assert {"o/claims.json", "o/provenance.json"} <= set(files)


def test_claims_have_each_seed_of_each_of_their_experiments_once(study):
    for paper, sources in targets.claimed(study).items():
        claims = study.papers[paper].judged
        assert {one.experiment for one in sources} == {name for claim in claims for name in claim.experiments}
        assert max(Counter((one.experiment, one.seed) for one in sources).values()) == 1


def test_a_paper_without_claims_has_no_sources_for_them(study):
    lyu = replace(study.papers["lyu2024"], claims=())
    silent = replace(study, papers={**study.papers, "lyu2024": lyu})
    for sources in (targets.claimed, targets.checked, targets.tolerance_checks):
        assert set(sources(study)) - set(sources(silent)) == {"lyu2024"}


def test_flow_comes_before_descent_and_a_tolerance_before_the_tight_one(study):
    pairs = [pair for paper in study.papers.values() for pair in paper.comparisons.values()]
    sides = [[one.experiment for one in sources] for sources in targets.comparisons(study).values()]
    assert sides == [[pair.flow, pair.descent] for pair in pairs]
    lyu = [one.experiment for one in targets.checked(study)["lyu2024"]]
    expected = [name for pair in targets.tolerance_checks(study)["lyu2024"].items() for name in pair]
    assert list(dict.fromkeys(lyu)) == list(dict.fromkeys(expected)) != []


def test_problems_are_those_of_models_with_a_theory(study):
    assert set(targets.problems(study)) == {run.problem.id for run in study.runs.values() if run.model.has_theory}


# What is compared with the published build


def test_a_check_of_some_figures_compares_their_files_and_results_alone(study):
    figures = check.named_figures(study, ["lyu2024_figure_1a"])
    assert check.compared_files(study, "o", figures, Path("absent")) == targets.figure_files("o", figures)
    assert check.compared_files(study, "o", None, Path("absent")) == targets.report_files(study, "o")
    some, every = (check.compared_results(study, Results(Path("r")), chosen) for chosen in (figures, None))
    assert {one["experiment"] for one in some} == {"lyu2024/fig1a"}
    assert len(every) > len(some)
    assert all(one in every for one in some)
    assert check.named_figures(study, None) is check.named_figures(study, ()) is None


@pytest.mark.parametrize(
    ("name", "allowed"),
    [("lyu2024_figure_1c", "near: lyu2024_figure_"), ("zzz", "snakemake --list-rules shows them")],
)
def test_a_figure_to_check_that_there_is_not_is_refused(study, name, allowed):
    with pytest.raises(ConfigError, match=rf"^config/config.yaml: check: '{name}': no such figure; {allowed}"):
        check.named_figures(study, ["lyu2024_figure_1a", name])


def test_nothing_is_built_to_be_compared_with_a_build_without_hashes(study, tmp_path):
    manifest = tmp_path / "manifest.json"
    assert check.version_of(tmp_path) == "none"
    manifest.write_text("{}", encoding="utf-8")
    assert check.compared_files(study, "o", None, tmp_path) == []
    before = check.version_of(tmp_path)
    manifest.write_text('{"hashes": {}}', encoding="utf-8")
    assert check.compared_files(study, "o", None, tmp_path)
    assert check.version_of(tmp_path) != before


def test_event_tolerances_are_those_that_papers_give(study):
    assert check.EVENT_TOLERANCE == 0.01  # 1 % where a paper says nothing: docs/claims.md
    tolerances = check.event_tolerances(study)
    assert {name.partition("/")[0] for name in tolerances} <= study.papers.keys()
    for paper in study.papers.values():
        assert {name: tolerances[f"{paper.name}/{name}"] for name in paper.event_tolerances} == paper.event_tolerances


def test_an_analysis_may_move_like_the_runs_that_it_reads(study):
    tolerances = check.event_tolerances(study)
    assert tolerances["pku2024/kernel_transformer"] == 9
    assert tolerances["pku2024/kernel_relu_net"] == 0.06
    assert tolerances["pku2024/kernel_quadratic_net"] == 0.01
    assert tolerances["lyu2024/regression"] == 0.01  # which reads no runs


def test_a_run_of_another_paper_may_move_as_there(study):
    figure = replace(study.figures["gromov2023_figure_1"], experiments=("lyu2024/fig2a",))
    gromov = replace(study.papers["gromov2023"], figures={figure.name: figure}, event_tolerances={})
    both = replace(study, papers={**study.papers, "gromov2023": gromov})
    assert check.event_tolerances(both)["gromov2023/lyu2024/fig2a"] == 0.06


# What jobs are given, and what they leave


def test_limits_follow_the_published_build():
    unknown = Limits({}, {})
    assert (unknown.megabytes("train"), unknown.minutes("train:x")) == (2000, 60)
    limits = Limits({"train:x": 1000.0, "train:y": 3}, {"train": 3000, "align": 10})
    assert [limits.megabytes(rule) for rule in ("train", "align")] == [6000, 2000]
    assert [limits.minutes(f"train:{run}") for run in "xyz"] == [50, 10, 60]


def test_the_checkpoint_of_a_run_goes_when_the_present_code_has_finished_it(tmp_path):
    code, results = Codebase.at(ROOT), Results(tmp_path)
    done, outdated, unfinished = (KINDS[name] for name in ("gradient_descent", "relu", "adam"))
    carry_out(done, tmp_path, code.of_run(done))
    carry_out(outdated, tmp_path, "other")
    runs = {spec.id: spec for spec in (done, outdated, unfinished)}
    jobs = {"both": (done, outdated), "one": (done,)}
    left = [results.checkpoint(name) for name in (*runs, *jobs, "of another paper")]
    for file in left:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"")
        file.with_suffix(".log").write_bytes(b"")
    forget_finished(results, jobs, runs, code)
    kept = {results.checkpoint(name) for name in (outdated.id, unfinished.id, "both", "of another paper")}
    assert {file for file in left if file.exists()} == kept
    assert {file for file in left if file.with_suffix(".log").exists()} == kept
