"""The rules of the workflow hand their jobs what the scripts read: parameters, limits, versions of the code, logs."""

import os
import re
from collections import namedtuple
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from snakemake.api import SnakemakeApi
from snakemake.exceptions import WorkflowError
from snakemake.settings.types import ConfigSettings, OutputSettings, ResourceSettings

from grokking.code import Codebase
from grokking.parts.yaml import read_yaml
from grokking.report.published import values
from grokking.study import check, targets
from grokking.study.limits import UNCUT, Limits
from grokking.study.load import load_study, stems

ROOT = Path(__file__).parents[2]
STUDY = load_study(ROOT, stems(ROOT, "papers"), "paper", None)
CODE = Codebase.at(ROOT)
LIMITS = Limits(*(values(ROOT / "results/published", name) for name in ("runtimes.json", "memory.json")))
AGAIN = {"code", "templates", "manifest"}  # parameters that no script reads: a change runs the job again
DRAWN = {"title", "caption", "deviations", "added", "looks"}  # what the provenance report or the page says of a figure
JOBS = ("train", "train_sweep", "solve_references", "align", "evaluate_analysis")  # those that may go to a cluster
SHARED = {"train_sweep": "train.py", "claims": "print_claims.py"}  # scripts that are not called like their rule
SMK = "\n".join(file.read_text("utf-8") for file in sorted((ROOT / "workflow/rules").glob("*.smk")))


@contextmanager
def read(folder, cores=1, nodes=None, **config):
    """The workflow as Snakemake reads it, in a folder; for a cluster with a number of `nodes`."""
    with patch.dict(os.environ), SnakemakeApi(OutputSettings()) as api:
        settings = ResourceSettings(cores=cores, nodes=nodes), ConfigSettings(config=config)
        yield api.workflow(*settings, snakefile=ROOT / "Snakefile", workdir=folder)._workflow


@pytest.fixture(scope="module")
def workflow(tmp_path_factory):
    """The workflow in an empty folder."""
    with read(tmp_path_factory.mktemp("empty")) as found:
        yield found


def scripts(workflow):
    """The rules that run a script, by name, and the text of the script."""
    return {
        rule.name: (rule, (ROOT / "workflow/scripts" / Path(rule.script).name).read_text("utf-8"))
        for rule in workflow.rules
        if rule.script
    }


def of(**values):
    """The wildcards of a job."""
    return namedtuple("Wildcards", values)(**values)


def given(workflow, name, key, wildcards):
    """A parameter of a job."""
    value = workflow.get_rule(name).params[key]
    return value(wildcards) if callable(value) else value


def limit(workflow, name, resource):
    return workflow.get_rule(name).resources[resource].raw


def names_given(rule):
    """The names that a rule gives its script, by kind."""
    parts = {kind: dict(getattr(rule, kind).items()).keys() for kind in ("params", "input", "output")}
    return {**parts, "resources": set(rule.resources), "wildcards": set(rule.wildcard_names)}


def test_a_script_reads_what_its_rule_hands_over_and_nothing_is_handed_over_in_vain(workflow):
    """What the two rules of one script name is read for either."""
    for name, (rule, text) in scripts(workflow).items():
        alike = [names_given(other) for other, _ in scripts(workflow).values() if other.script == rule.script]
        for kind, passed in names_given(rule).items():
            read = set(re.findall(rf"\b{kind}\.(?!keys\b)(\w+)", text))
            assert read <= set().union(*(other[kind] for other in alike)), f"{name}: {kind}"
            if kind == "params":
                assert passed - read <= AGAIN | (DRAWN if name == "draw_figure" else set()), name
            if kind == "output":
                assert passed - {"checksums"} <= read, name  # which are written of all outputs


def test_a_script_and_the_version_of_its_code_are_those_of_the_rule(workflow):
    blocks = {name: text for name, text in re.findall(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", SMK, re.M | re.S)}
    for name, (rule, _) in scripts(workflow).items():
        script = Path(rule.script).name
        assert script == SHARED.get(name, f"{name}.py")
        assert set(re.findall(r'code_of\(\s*"(\w+\.py)"', blocks[name])) <= {script}, name
        assert "code" in dict(rule.params.items()) or name in ("claims", "check", "accept"), name  # which print or move


def test_a_job_has_the_version_of_all_code_that_makes_it(workflow):
    run, parent = (
        {one.id: one for one in STUDY.default_runs.values() if bool(one.parent) == wanted} for wanted in (0, 1)
    )
    for spec in [*list(run.values())[:1], *list(parent.values())[:1]]:
        assert given(workflow, "train", "runs", of(run=spec.id)) == {spec.id: spec.to_mapping()}
        assert given(workflow, "train", "code", of(run=spec.id)) == {spec.id: CODE.of_run(spec)}
    name, job = next((name, job) for name, job in STUDY.jobs.items() if len(job) > 1)
    assert given(workflow, "train_sweep", "code", of(sweep=name)) == {spec.id: CODE.of_run(spec) for spec in job}
    spec = next(one for one in STUDY.default_runs.values() if one.model.has_theory)
    assert given(workflow, "align", "code", of(run=spec.id)) == CODE.of_alignment(spec)
    assert given(workflow, "solve_references", "code", of(problem=spec.problem.id)) == CODE.of_references(spec.problem)
    analysis = next(one for one in STUDY.default_analyses.values() if one.runs)
    runs = [STUDY.runs[name] for name in analysis.runs]
    assert given(workflow, "evaluate_analysis", "code", of(analysis=analysis.id)) == CODE.of_analysis(analysis, runs)


@pytest.mark.parametrize("figure", ["lyu2024_figure_3", "gromov2023_figure_3", "pku2024_figure_1"])
def test_a_figure_has_the_version_of_the_function_that_draws_it(workflow, figure):
    one = STUDY.figures[figure]
    asked = of(out="results", paper=one.paper, figure=one.name)
    module = given(workflow, "draw_figure", "drawn_by", asked)["module"]
    assert given(workflow, "draw_figure", "code", asked) == CODE.version("draw_figure.py", [module])
    assert given(workflow, "draw_figure", "code", asked) != CODE.version("draw_figure.py")
    assert {key: given(workflow, "draw_figure", key, asked) for key in ("title", "caption", "added")} == {
        key: getattr(one, key) for key in ("title", "caption", "added")
    }


@pytest.mark.parametrize("rule", JOBS)
def test_a_job_computes_on_one_core_with_the_memory_of_its_rule_and_without_a_limit_here(workflow, rule):
    """The log and the time of a job are where the display and the table of minutes look for them."""
    assert limit(workflow, rule, "_cores") == 1
    assert limit(workflow, rule, "mem_mb") == LIMITS.megabytes(rule)
    assert limit(workflow, rule, "runtime") == UNCUT == 7 * 24 * 60
    assert limit(workflow, rule, "gpu") == 0
    (wildcard,) = workflow.get_rule(rule).wildcard_names
    assert str(workflow.get_rule(rule).benchmark) == f"results/benchmarks/{rule}/{{{wildcard}}}.tsv"
    assert list(workflow.get_rule(rule).log) == [f"results/logs/{rule}/{{{wildcard}}}.log"]
    if rule.startswith("train"):
        assert limit(workflow, rule, "device") == "cpu"


def test_a_job_on_a_cluster_has_more_memory_and_time_with_each_attempt(tmp_path):
    """Three times its published minutes, twice the published peak of its rule, but at least 2 GB."""
    name, seconds = max(((n, s) for n, s in LIMITS.seconds.items() if n.startswith("train:")), key=lambda item: item[1])
    asked = [name.partition(":")[2]]
    with read(tmp_path, nodes=50) as workflow:
        memory, minutes = (workflow.globals[kind]("train") for kind in ("memory_of", "minutes_of"))
        peak = max(1000, LIMITS.memory["train"])
        assert [memory(asked, attempt) for attempt in (1, 2, 3)] == [n * 2 * peak for n in (1, 2, 3)]
        assert [minutes(asked, attempt) for attempt in (1, 2)] == [LIMITS.minutes(name), 2 * LIMITS.minutes(name)]
        assert 3 * seconds <= 60 * minutes(asked, 1) < 3 * seconds + 60


def test_what_finishes_a_figure_comes_first(workflow):
    """Before the next run."""
    priority = {name: workflow.get_rule(name).priority for name in ("train", "train_sweep", "align", "draw_figure")}
    assert priority == {"train": 0, "train_sweep": 0, "align": 10, "draw_figure": 10}


def test_the_gate_is_given_the_published_build_the_tolerances_and_all_results(workflow):
    default, tolerances, published, claims = (
        given(workflow, "compare", key, of()) for key in ("default", "tolerances", "published", "claims")
    )
    assert (default, tolerances) == (check.EVENT_TOLERANCE, check.event_tolerances(STUDY))
    assert (Path(published), claims) == (ROOT / "results/published", True)
    figures = {f"{one.paper}/{one.name}" for one in STUDY.default_figures.values()}
    assert set(given(workflow, "compare", "figures", of())) == figures
    built = given(workflow, "compare", "built", of())
    assert {one["name"] for one in built} >= set(STUDY.default_analyses)
    assert all(Path(one["folder"]).name == one["name"] for one in built)


def test_claims_are_judged_at_the_papers_sizes_alone(workflow):
    sizes = {out: given(workflow, "judge_claims", "at_paper_size", of(out=out)) for out in ("results", "results/smoke")}
    assert sizes == {"results": True, "results/smoke": False}


def test_the_minutes_of_a_figure_are_those_of_all_its_jobs_and_its_own(workflow):
    jobs = given(workflow, "tabulate_runtime", "jobs", of(out="results"))
    assert jobs.keys() == STUDY.default_figures.keys()
    files = jobs["lyu2024_figure_3"]
    rules = [file.split("/")[2] for file in files]
    assert {rule: rules.count(rule) for rule in rules} == {
        "train": 5, "align": 5, "solve_references": 5, "draw_figure": 1
    }  # fmt: skip
    assert len(set(files)) == len(files)


def test_a_target_builds_what_its_name_says(workflow):
    wanted = {name: [str(file) for file in workflow.get_rule(name).input] for name in ("all", "smoke", "figures")}
    assert wanted["all"] == ["results/report.html"]
    assert wanted["smoke"] == ["results/smoke/report.html"]
    assert sorted(wanted["figures"]) == sorted(targets.figure_files("results", STUDY.default_figures.values()))
    for name, figure in STUDY.figures.items():
        rule = workflow.get_rule(name)
        assert (list(rule.input), rule.docstring) == (targets.figure_files("results", [figure]), figure.title)
    for name, paper in STUDY.papers.items():
        drawn = [one for one in paper.figures.values() if not one.on_demand]
        assert sorted(workflow.get_rule(name).input) == sorted(targets.figure_files("results", drawn))


def test_a_paper_of_which_nothing_fits_into_the_hours_is_refused(tmp_path):
    with read(tmp_path, cores=3, papers=["lyu2024", "pku2024"], hours=0.02) as limited:
        assert limited.globals["FITTING"].cores == 3  # of the call, wherever they were given
        (refuse,) = limited.get_rule("pku2024").input
        with pytest.raises(WorkflowError, match=r"^pku2024: none of its figures fits into hours=0\.02; give more"):
            refuse(None)
        assert limited.get_rule("lyu2024").input


# Profiles


def profile(name):
    return read_yaml(ROOT / f"profiles/{name}/profile.yaml", name)


def test_calls_here_and_on_a_cluster_differ_only_in_what_a_cluster_needs():
    here, there = profile("default"), profile("slurm")
    both = ("rerun-incomplete", "keep-going", "show-failed-logs", "logger", "rerun-triggers", "default-resources")
    assert {key: here[key] for key in both} == {key: there[key] for key in both}
    assert here["rerun-triggers"] == ["mtime", "params", "input"]
    assert here["default-resources"] == {"gpu": 0, "mem_mb": 2000}
    assert (here["resources"], here["rerun-incomplete"], here["keep-going"]) == ({"gpu": 1}, True, True)
    assert (there["executor"], there["retries"], there["jobs"], there["local-cores"]) == ("slurm", 3, 50, 2)


def test_what_goes_together_on_a_cluster_are_rules_of_the_workflow(workflow):
    there = profile("slurm")
    names = {rule.name for rule in workflow.rules}
    assert there["groups"].keys() <= names
    assert set(there["groups"].values()) == there["group-components"].keys()
    assert not {"train", "train_sweep"} & there["groups"].keys()  # each with a limit of its own
