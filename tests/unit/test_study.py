"""From YAML to runs: grids, inheritance, presets, starts, jobs and names."""

import subprocess
import sys
from dataclasses import dataclass, field, fields, make_dataclass
from pathlib import Path

import pytest

from grokking.analyses.analysis import Analysis
from grokking.analyses.spec import AnalysisSpec
from grokking.dynamics.dynamics import Dynamics
from grokking.models.model import Model
from grokking.parts.fields import build, build_part
from grokking.parts.part import differing
from grokking.parts.registry import parts
from grokking.parts.yaml import read_yaml
from grokking.specs.run import RunSpec
from grokking.starts.closed_form import ClosedForm
from grokking.stops.stop import Stop
from grokking.study.config import ABSTRACT, PaperFile
from grokking.study.experiment import Experiment
from grokking.study.grid import points
from grokking.study.inheritance import Section, overlay, split
from grokking.study.jobs import assign
from grokking.study.load import load_study, preset_names, stems
from grokking.study.sources import sources_of, sources_of_figure
from grokking.tasks.task import Task

ROOT = Path(__file__).parents[2]
PAPERS = stems(ROOT, "papers")


@pytest.fixture(scope="module")
def study():
    return load_study(ROOT, PAPERS, "paper", None)


def experiment(study, paper, name):
    return study.papers[paper].experiments[name]


# The papers as they are


def test_theory_is_asked_only_where_it_has_an_answer(study):
    """The tangent kernel's classifier where f = 0 at first, a critical time where the scale is above 1."""
    expected = {"fig1a": 5, "fig3": 5, "fig2a": 0, "fig4": 0, "fig2b_x1": 1, "fig2b_x100": 1, "small_descent": 0}
    asked = {name: {source.problem for source in sources_of(study, "lyu2024", [name])} - {""} for name in expected}
    assert {name: len(problems) for name, problems in asked.items()} == expected


def test_the_papers_settings(study):
    spec = experiment(study, "lyu2024", "fig1a").runs[0].to_mapping()
    assert spec["task"] == {"name": "sparse_classification", "n": 256, "d": 100_000, "k": 3, "n_test": 10_000}
    assert (spec["weight_decay"], spec["learning_rate"], spec["steps"]) == (1e-3, 0.01, 2_000_000)
    spec = experiment(study, "lyu2024", "fig3").runs[0].to_mapping()
    assert spec["task"] == {"name": "multiplication_table", "d": 97, "observed": 0.05}
    assert (spec["weight_decay"], spec["learning_rate"], spec["steps"]) == (1e-4, 0.1, 10_000_000)
    assert all(len(experiment(study, "lyu2024", name).seeds) >= 5 for name in ("fig1a", "fig1b", "fig3"))


def test_the_second_papers_settings(study):
    spec = experiment(study, "gromov2023", "gromov_fig5").runs[0]
    assert (spec.dynamics.name, spec.dynamics.epsilon, spec.weight_decay, spec.l2) == ("adamw", 1e-15, 0.1, 0.0)
    spec = experiment(study, "gromov2023", "gromov_weight_decay").runs[0]
    assert (spec.dynamics.name, spec.dynamics.momentum, spec.weight_decay, spec.l2) == ("sgd", 0.9, 0.0, 1e-9)
    assert isinstance(experiment(study, "gromov2023", "gromov_closed_form_start").runs[0].start, ClosedForm)
    widths = experiment(study, "gromov2023", "gromov_widths_adamw")
    assert [run.model.width for run in widths.of_seed(0)] == [10, 20, 30, 40, 60, 80, 100, 150, 250, 500]
    assert {run.stop.level for run in widths.runs} == {1.0}
    assert all(run.may_diverge for run in experiment(study, "gromov2023", "gromov_rate_gd").runs)


def test_label_noise_runs_to_a_fixed_slow_time(study):
    for name in ("label_noise_1e-3", "label_noise_7e-4", "label_noise_5e-4"):
        run = experiment(study, "lyu2024", name).runs[0]
        assert run.learning_rate**2 * run.steps == pytest.approx(1, rel=1e-6)
        assert run.model.init_norm**2 == pytest.approx(2 * run.task.d)  # θ starts at 1


def test_every_run_and_analysis_is_its_own_description(study):
    assert all(RunSpec.from_mapping(spec.to_mapping(), "again") == spec for spec in study.runs.values())
    assert all(AnalysisSpec.from_mapping(spec.to_mapping(), "again") == spec for spec in study.analyses.values())


def test_analyses_read_the_runs_of_their_seed(study):
    gd = study.papers["gromov2023"].analyses["gromov_phases_gd"]
    nets = experiment(study, "gromov2023", "gromov_phase_net_gd")
    assert [spec.runs for spec in gd] == [(run.id,) for run in nets.runs]
    assert all(set(spec.runs) <= study.runs.keys() for spec in study.analyses.values())


def test_runs_on_the_same_data_share_their_references(study):
    flow, descent = (experiment(study, "lyu2024", name).runs[0] for name in ("fig3_prefix", "fig3_prefix_descent"))
    assert flow.problem.id == descent.problem.id == experiment(study, "lyu2024", "fig3").runs[0].problem.id
    assert flow.id != descent.id


def test_a_build_leaves_out_what_is_on_demand(study):
    assert "lyu2024_figure_4_long" in study.figures.keys() - study.default_figures.keys()
    left_out = study.runs.keys() - study.default_runs.keys()
    assert {run.id for run in experiment(study, "lyu2024", "fig4_long").runs} <= left_out
    shown = {
        run.id for figure in study.default_figures.values() for run in study.runs_of(figure.paper, figure.experiments)
    }
    assert not left_out & shown
    everything = load_study(ROOT, PAPERS, "paper", None, everything=True)
    asked = [figure for figure in everything.figures.values() if study.figures[figure.target].on_demand]
    assert all(
        run.id in everything.default_runs for one in asked for run in everything.runs_of(one.paper, one.experiments)
    )


def test_targets_begin_with_their_paper(study):
    assert {"lyu2024_figure_1a", "gromov2023_figure_1", "gromov2023_figure_10"} <= study.figures.keys()


def test_a_figure_says_what_it_is_read_from(study):
    figure = study.figures["lyu2024_work_precision"]
    roles = {source.experiment: source.role for source in sources_of_figure(study, figure)}
    assert [name for name, role in roles.items() if role == "reference"] == ["small_reference"]
    sweep = sources_of_figure(study, study.figures["gromov2023_sensitivity"])[0]
    assert (sweep.evidence, len(sweep.runs), sweep.problem) == ("sweep", 4, "")


# Presets and seeds


def test_seeds_can_be_overridden():
    study = load_study(ROOT, PAPERS, "paper", 2)
    counts = {one.name: len(one.seeds) for one in study.experiments}
    assert counts["fig1a"] == counts["fig3"] == counts["gromov_widths_gd"] == counts["fig2b_x100"] == 2
    assert counts["fig3_prefix_descent"] == counts["fig2a_tight"] == 1  # a comparison of methods keeps its number
    assert len(study.papers["gromov2023"].analyses["gromov_grids"]) == counts["gromov_grid_net"] == 2


def test_a_budget_is_for_experiments_that_are_open_ended():
    once, more = (load_study(ROOT, ["pku2024"], "paper", None, budget=budget) for budget in (1, 2.5))
    factors = {
        one.name: {run.steps / before.steps for run, before in zip(one.runs, other.runs, strict=True)}
        for one, other in zip(more.experiments, once.experiments, strict=True)
    }
    open_ended = ("transformer_0.4", "mlp", "grokfast", "decay_1", "triples_pretrained", "sums_of_6")
    assert [factors[name] for name in open_ended] == [{2.5}] * len(open_ended)
    given = ("fractions_adam", "rates_sgd", "pair_net", "triples", "triples_continued", "samples_decay", "relu_net")
    assert [factors[name] for name in given] == [{1}] * len(given)


def test_a_tolerance_for_the_experiments_that_have_none_of_their_own():
    file = PaperFile(experiments={"a": {}, "b": {}}, event_tolerances={"*": 0.5, "a": 0.1})
    assert file.tolerances("ab") == {"a": 0.1, "b": 0.5}
    assert PaperFile(experiments={"a": {}, "b": {}}, event_tolerances={"a": 0.1}).tolerances("ab") == {"a": 0.1}


@pytest.mark.parametrize("seeds", [2.0, 2])
def test_seeds_may_be_written_as_a_float(seeds):
    assert len(load_study(ROOT, ["lyu2024"], "paper", seeds).papers["lyu2024"].experiments["fig1a"].seeds) == 2


def test_the_smoke_preset_changes_numbers_only(study):
    smoke = load_study(ROOT, PAPERS, "smoke", None)
    assert [one.name for one in smoke.experiments] == [one.name for one in study.experiments]
    pairs = zip(study.experiments, smoke.experiments, strict=True)
    assert all(type(a.runs[0].task) is type(b.runs[0].task) and a.is_sweep == b.is_sweep for a, b in pairs)
    assert not any(run.model.name == "two_layer_net" and run.model.width > 64 for run in smoke.runs.values())
    assert len(smoke.default_runs) < len(study.default_runs) / 3


def test_presets_are_the_files():
    assert preset_names(ROOT) == ["paper", "smoke"]


def test_overlay_replaces_a_part_of_another_name_and_lists():
    old = {"task": {"name": "a", "x": 1}, "steps": 1}
    assert overlay(old, {"task": {"x": 2}}) == {"task": {"name": "a", "x": 2}, "steps": 1}
    assert overlay(old, {"task": {"name": "a", "x": 2}}) == {"task": {"name": "a", "x": 2}, "steps": 1}
    assert overlay(old, {"task": {"name": "b", "y": 2}}) == {"task": {"name": "b", "y": 2}, "steps": 1}
    assert overlay({"x": [1, 2]}, {"x": [3]}) == {"x": [3]}
    assert overlay({"x": [1, 2]}, {"x": 3}) == {"x": 3}
    assert old == {"task": {"name": "a", "x": 1}, "steps": 1}


def full(papers, paper="f"):
    """The full settings of the entries of one of several papers."""
    return Section("experiments", papers, papers.__getitem__).settings(paper)


def test_what_is_changed_is_inherited():
    entries = {"a": {"x": 3, "y": 1}, "b": {"like": "a", "y": 4}, "c": {"like": "b"}}
    assert full({"f": entries}) == {"a": {"x": 3, "y": 1}, "b": {"x": 3, "y": 4}, "c": {"x": 3, "y": 4}}


def test_a_base_of_another_paper_has_its_own_bases_there():
    papers = {
        "f": {"a": {"like": "g/b", "y": 2}, "b": {"z": 9}, "c": {"like": "f/a"}, "d": {"like": "a"}},
        "g": {"root": {"abstract": True, "x": 1, "y": 1}, "b": {"like": "root", "z": 3}},
    }
    a = {"x": 1, "y": 2, "z": 3}
    assert full(papers) == {"a": a, "b": {"z": 9}, "c": a, "d": a}


def test_experiments_that_a_base_names_are_those_of_its_paper():
    start = {"name": "run", "experiment": "net"}
    papers = {
        "f": {
            "a": {"like": "g/a"},
            "mine": {"like": "g/a", "start": {"experiment": "other"}, "of": "f/net"},
            "whole": {"like": "g/a", "start": {"name": "closed_form"}, "of": ["net", "h/net"]},
        },
        "g": {"a": {"start": start, "of": ["net", "g/two"]}},
    }
    assert full(papers) == {
        "a": {"start": {**start, "experiment": "g/net"}, "of": ["g/net", "g/two"]},
        "mine": {"start": {**start, "experiment": "other"}, "of": "net"},
        "whole": {"start": {"name": "closed_form"}, "of": ["net", "h/net"]},
    }
    assert full(papers, "g") == {"a": {"start": start, "of": ["net", "two"]}}


def test_all_of_an_abstract_experiment_is_inherited_but_that_it_is_abstract():
    entries = {
        "base": {"abstract": True, "x": 1},
        "a": {"like": "base", "y": 2},
        "b": {"like": "a", "abstract": False},
        "more": {"like": "a", "abstract": True, "y": 3},
        "c": {"like": "more"},
    }
    built, abstract = split(full({"f": entries}), "f")
    assert built == {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 2}, "c": {"x": 1, "y": 3}}
    assert abstract == ("base", "more")


def ancestors(entries, name):
    """What an entry is `like`, what that is `like`, and so on."""
    while name := entries[name].get("like"):
        yield name


def repeated(values, before, place=""):
    """The settings that are as they were, key by key in a part of the same name."""
    for key in values.keys() & (before.keys() - {ABSTRACT}):
        new, old = values[key], before[key]
        parts = isinstance(new, dict) and isinstance(old, dict)
        if parts and new.get("name", old.get("name")) == old.get("name"):
            yield from repeated(new, old, f"{place}{key}.")
        elif new == old:
            yield f"{place}{key}"


def file_of(paper):
    return build(PaperFile, read_yaml(ROOT / f"config/papers/{paper}.yaml", paper), paper)


@pytest.mark.parametrize("section", ["experiments", "analyses"])
@pytest.mark.parametrize("paper", PAPERS)
def test_nothing_is_set_to_what_is_inherited_nor_back_to_what_was(paper, section):
    entries = getattr(file_of(paper), section)
    resolved = full({paper: entries}, paper)
    for name, values in entries.items():
        for other in ancestors(entries, name):
            assert not list(repeated(values, resolved[other])), (name, other)


@pytest.mark.parametrize("paper", PAPERS)
def test_an_experiment_is_at_most_two_below_a_base(paper):
    """A base is abstract, or like nothing."""
    entries = file_of(paper).experiments
    bases = {name for name, values in entries.items() if values.get(ABSTRACT) or "like" not in values}
    for name in entries:
        above = list(ancestors(entries, name))
        assert name in bases or bases & set(above[:2]), above
        assert len(above) <= 4, (name, above)


# Grids and jobs


def test_a_grid_is_the_product_of_its_lists_the_first_slowest():
    grid = list(points({"a": [1, 2], "b": {"c": 3, "d": [4, 5]}}, "f"))
    assert grid == [{"a": a, "b": {"c": 3, "d": d}} for a in (1, 2) for d in (4, 5)]
    assert list(points({"a": [{"x": [1, 2]}, {"y": 3}]}, "f")) == [{"a": {"x": 1}}, {"a": {"x": 2}}, {"a": {"y": 3}}]


def run(seed=0, **values):
    base = {
        "task": {"name": "modular_addition", "p": 7, "observed": 0.5},
        "model": {"name": "two_layer_net", "width": 8},
        "dynamics": {"name": "gradient_flow"},
        "learning_rate": 1,
        "steps": 10,
    }
    return RunSpec.from_mapping(overlay(base, values) | {"seed": seed}, "here")


def test_every_run_is_in_exactly_one_job(study):
    listed = [spec.id for job in study.jobs.values() for spec in job]
    assert sorted(listed) == sorted(study.runs)
    assert all(name == job[0].id for name, job in study.jobs.items() if len(job) == 1)
    assert all(len({spec.seed for spec in job}) == 1 for job in study.jobs.values())
    sizes = {len(job) for name, job in study.jobs.items() if name.startswith("gromov2023-gromov_fractions_gd-s")}
    assert sizes == {11, 12}  # the first seed's α = 0.5 is in gromov_width_gd too


def test_on_a_gpu_the_runs_of_a_fleet_have_one_job():
    report = load_study(ROOT, ["pku2024"], "paper", None)
    jobs = assign(report.experiments, gpu=True)
    listed = [run.id for runs in jobs.values() for run in runs]
    assert sorted(listed) == sorted(report.runs)
    of = {run.id: name for name, runs in jobs.items() for run in runs}
    for name in ("transformer_0.4", "fractions_ascending", "mlp"):
        assert len({of[run.id] for run in experiment(report, "pku2024", name).runs}) == 1
    assert all(len({run.fleet for run in runs}) == 1 for runs in jobs.values())
    parents = {run.parent for run in report.runs.values()}
    assert all(len(runs) == 1 for runs in jobs.values() if runs[0].id in parents)


def test_the_runs_of_a_job_belong_to_the_same_experiments(study):
    members = [{run.id for run in experiment.runs} for experiment in study.experiments]
    for job in study.jobs.values():
        ids = {run.id for run in job}
        assert all(ids <= member or not ids & member for member in members)


def test_the_first_experiment_that_lists_a_run_has_its_job():
    shared, one, two, three = (run(steps=n) for n in (10, 20, 30, 40))
    jobs = assign([Experiment("x", "a", (shared,)), Experiment("y", "b", (one, shared, two, three), 2, True)])
    assert [(name, job) for name, job in jobs.items() if len(job) == 1] == [(shared.id, (shared,)), (one.id, (one,))]
    (name,) = [name for name, job in jobs.items() if len(job) == 2]
    assert name.startswith("b-y-s0-")
    assert jobs[name] == (two, three)


def test_a_run_from_which_others_start_has_its_own_job():
    first, second = run(steps=10), run(steps=20)
    child = run(steps=30, start={"name": "run", "run": first.id})
    jobs = assign([Experiment("x", "a", (first, child, second), 3, True)])
    assert jobs[first.id] == (first,)
    assert sorted(len(job) for job in jobs.values()) == [1, 2]


def test_short_runs_that_the_same_figures_need_share_a_job():
    one, two, three, other = (run(steps=n) for n in (10, 20, 30, 40))
    child = run(steps=50, start={"name": "run", "run": one.id})
    experiments = [Experiment("x", "a", (one,)), Experiment("y", "b", (two, child, other, three))]
    needed_by = dict.fromkeys((one.id, two.id, child.id, three.id), "figure") | {other.id: "another"}
    jobs = assign(experiments, size=2, needed_by=needed_by)
    assert sorted(jobs.values(), key=str) == sorted([(one,), (two, child), (other,), (three,)], key=str)
    assert next(name for name, job in jobs.items() if len(job) == 2).startswith("b-y-s0-")


@pytest.mark.parametrize("gpu", [False, True])
def test_jobs_of_the_smoke_preset_train_no_run_that_only_another_figure_needs(gpu):
    smoke = load_study(ROOT, ["lyu2024", "gromov2023", "pku2024"], "smoke", None, gpu=gpu)
    assert sorted(run.id for job in smoke.jobs.values() for run in job) == sorted(smoke.runs)
    assert len(smoke.jobs) < len(smoke.runs) / 2
    members = [
        {run for source in sources_of_figure(smoke, figure) for run in source.runs} for figure in smoke.figures.values()
    ]
    for job in smoke.jobs.values():
        ids = {run.id for run in job}
        assert all(ids <= member or not ids & member for member in members)


# Identity


def test_names_follow_what_is_computed():
    assert run().id == run(weight_decay=0.0).id == run(start={"name": "initialisation"}).id
    changes = [
        {"seed": 1},
        {"steps": 11},
        {"weight_decay": 0.1},
        {"task": {"p": 11}},
        {"stop": {"name": "level", "column": "train_loss", "level": 0.1, "direction": "down"}},
        {"points_per_decade": 25},
        {"may_diverge": True},
        {"model": {"init_scale": 2}},
        {"dynamics": {"name": "adam"}},
        {"dynamics": {"name": "adam", "filter": {"name": "exponential_average"}}},
        {"start": {"name": "run", "run": "x"}},
    ]
    ids = [run(**change).id for change in changes]
    assert len({run().id, *ids}) == len(changes) + 1


def test_ids_stay_as_they_are():
    """Renaming every run retrains it: a change here must be meant."""
    assert run().id == "modular_addition-two_layer_net-gradient_flow-s0-36b6b4aa"


@pytest.mark.parametrize(
    "part",
    [
        *parts(Task).values(),
        *parts(Model).values(),
        *parts(Dynamics).values(),
        *parts(Stop).values(),
        *parts(Analysis).values(),
    ],
)
def test_a_new_field_of_a_part_renames_nothing(part):
    required = [one.name for one in fields(part) if one.default is one.default_factory]
    values = dict.fromkeys(required, 3)
    old = object.__new__(part)
    new = object.__new__(
        make_dataclass("New", [("new_field", int, field(default=5))], bases=(part,), frozen=True, kw_only=True)
    )
    for one in fields(part):
        for instance in (old, new):
            object.__setattr__(instance, one.name, values.get(one.name, one.default))
    object.__setattr__(new, "new_field", 5)
    assert differing(new) == differing(old)
    object.__setattr__(new, "new_field", 6)
    assert differing(new) != differing(old)


def test_a_new_field_of_a_run_or_an_analysis_renames_nothing():
    @dataclass(frozen=True, kw_only=True)
    class LaterRun(RunSpec):
        new_field: int = 5

    @dataclass(frozen=True)
    class LaterAnalysis(AnalysisSpec):
        new_field: int = 5

    old = run(weight_decay=0.1)
    own = {one.name: getattr(old, one.name) for one in fields(old)}
    assert (LaterRun(**own).id, LaterRun(**own).problem.id) == (old.id, old.problem.id)
    assert LaterRun(**own, new_field=6).id != old.id
    recovery = build_part(parts(Analysis), {"name": "recovery", "d": 5, "ranks": [1], "observed": [0.5]}, "here")
    assert LaterAnalysis(recovery, 1, ("x",)).id == AnalysisSpec(recovery, 1, ("x",)).id
    assert LaterAnalysis(recovery, 1, ("x",), 6).id != AnalysisSpec(recovery, 1, ("x",)).id


def test_an_analysis_is_named_by_the_runs_and_not_by_what_they_are_called():
    one, other = (build_part(parts(Analysis), {"name": "neuron_phases", "of": name}, "here") for name in "ab")
    assert AnalysisSpec(one, 0, ("x",)).id == AnalysisSpec(other, 0, ("x",)).id != AnalysisSpec(one, 0, ("y",)).id


# What loading costs


def test_loading_needs_no_torch_and_no_pandas():
    """Snakemake does it at every start and in every job; each of these takes longer than all the rest."""
    code = f"""
import sys
from pathlib import Path
import grokking.code, grokking.study.check, grokking.study.files, grokking.study.leftovers
from grokking.study.load import load_study

load_study(Path({str(ROOT)!r}), {PAPERS}, "smoke", None).jobs
found = {{"torch", "pandas", "scipy", "matplotlib"}} & sys.modules.keys()
assert not found, found
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_mini_batches_of_the_smoke_preset_are_few():
    study = load_study(ROOT, PAPERS, "smoke", None)
    steps = {run.id: run.steps for run in study.runs.values() if run.task.name == "modular_sum"}
    assert max(steps.values()) <= 300
