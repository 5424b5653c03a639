"""What users run into: each of these works, or is refused in one line that names file, key and what is allowed.

Most come from reports of the same trouble in other projects; what is shown here for one file holds for its kind.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grokking.parts.errors import ConfigError
from grokking.parts.yaml import read_yaml
from grokking.study.load import load_study, other_targets, preset_names, read_settings
from grokking.study.names import is_rule_name
from grokking.study.origin import blamed, origins
from grokking.study.targets import comparisons
from grokking.tasks.training_set import number_observed

ROOT = Path(__file__).parents[2]
MINE = "config/papers/mine.yaml"
CLAIMS = "config/claims/mine.py"
SMALL = "config/presets/small.yaml"
SLOW = "slow: {like: base, start: "
FILES = {
    MINE: """
experiments:
  base:
    task: {name: modular_addition, p: 7, observed: 0.5}
    model: {name: two_layer_net, width: 8}
    dynamics: {name: gradient_flow, tolerance: 1e-3}
    weight_decay: 1e-3
    learning_rate: 0.1
    steps: 100
    seeds: 2
  slow: {like: base, weight_decay: 1e-4}
  net:
    task: {name: modular_function, p: 7, observed: 0.5}
    model: {name: quadratic_net, width: 8}
    dynamics: {name: gradient_descent}
    learning_rate: 1
    steps: 10
    seeds: 2
  sweep: {like: net, model: {width: [8, 16]}, nets_per_job: 2}
analyses:
  phases: {name: neuron_phases, of: net, seeds: 2}
figures:
  one:
    kind: modular_addition
    experiments: [base, slow]
    title: One figure
    caption: What it shows.
  two:
    kind: critical_fraction
    experiments: [sweep]
    title: Another
    caption: What it shows.
comparisons:
  pair: {flow: base, descent: slow}
""",
    CLAIMS: """
from grokking.claims import AtLeast, Claims, experiment

claims = Claims()
claims.paper(
    "fig1.memorised", "Figure 1", "The training set is memorised.",
    experiment("base").final("train_accuracy"), AtLeast(0.99, paper=1),
)
""",
    SMALL: """
mine:
  base: {steps: 10}
  net: {}
  sweep: {}
""",
}


@pytest.fixture
def root(tmp_path):
    for file, text in FILES.items():
        write(tmp_path, file, text)
    return tmp_path


def write(root, file, text, encoding="utf-8"):
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(text, encoding=encoding)


def edit(root, file, old, new):
    text = (root / file).read_text(encoding="utf-8")
    assert old in text
    write(root, file, text.replace(old, new, 1))


def load(root, preset="paper", papers=("mine",), seeds=None, reserved=()):
    return load_study(root, list(papers), preset, seeds, reserved)


def refusal(action, *given, **named):
    """The message of the refusal, which is one line."""
    with pytest.raises(ConfigError) as error:
        action(*given, **named)
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


def test_the_small_paper_works(root):
    study = load(root)
    assert set(study.papers["mine"].experiments) == {"base", "slow", "net", "sweep"}
    assert len(study.runs) == 8
    assert len(study.jobs) == 2 + 2 + 2 + 2  # the sweep's width of 8 is `net`


# --- what a config means


@pytest.mark.parametrize("name", ["adamw", "gradient_descent", "gradient_flow"])
def test_weight_decay_of_these_is_decoupled(root, name):
    edit(root, MINE, "{name: gradient_flow, tolerance: 1e-3}", f"{{name: {name}}}")
    run = load(root).papers["mine"].experiments["base"].runs[0]
    assert (run.weight_decay, run.l2, run.dynamics.decay) == (1e-3, 0, "weight_decay")


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("adam", "weight_decay", "l2"),
        ("sgd", "weight_decay", "l2"),
        ("adamw", "l2", "weight_decay"),
        ("gradient_descent", "l2", "weight_decay"),
        ("gradient_flow", "l2", "weight_decay"),
    ],
)
def test_the_other_decay_is_refused_with_the_right_key(root, name, wrong, right):
    edit(root, MINE, "{name: gradient_flow, tolerance: 1e-3}", f"{{name: {name}}}")
    edit(root, MINE, "weight_decay: 1e-3", f"{wrong}: 1e-3")
    message = refusal(load, root)
    assert message.startswith(f"{MINE}: experiments.base: {name} with {wrong}: 0.001: ")
    assert f"takes {right}, the λ of" in message


def test_observed_may_be_a_fraction_or_a_count(root):
    assert number_observed(100**2, 0.57) == 5700  # 0.57 · 10 000 is 5 699.999… in binary
    edit(root, MINE, "p: 7, observed: 0.5", "p: 97, observed: 3763")
    assert load(root).papers["mine"].experiments["base"].runs[0].task.observed == 3763


@pytest.mark.parametrize("function", ["x*y", "n**m", "sin(n)", "n +"])
def test_a_function_that_is_none_is_refused_with_what_is_allowed(root, function):
    edit(root, MINE, "modular_function, p: 7,", f"modular_function, function: {function}, p: 7,")
    message = refusal(load, root)
    assert "experiments.net.task" in message
    assert "allowed: n, m, whole numbers, + - * / ( ) and powers such as n^2" in message


def test_division_leaves_out_the_pairs_without_a_quotient(root):
    edit(root, MINE, "modular_function, p: 7,", "modular_function, function: n/m, p: 7,")
    (run, *_) = load(root).papers["mine"].experiments["net"].runs
    assert run.task.available == 42
    assert run.task.train_samples == 21


@pytest.mark.parametrize("text", ["1e-4", "1.0e-4", "0.0001", "1E-4", ".0001", "+1e-4", "100e-6"])
def test_small_numbers_may_be_written_in_any_way(root, text):
    edit(root, MINE, "weight_decay: 1e-3", f"weight_decay: {text}")
    assert load(root).papers["mine"].experiments["base"].runs[0].weight_decay == pytest.approx(1e-4)


@pytest.mark.parametrize("text", ["'1e-4'", "1e-4x", "1_000", "1:30", "yes", "1e"])
def test_text_is_no_number(root, text):
    edit(root, MINE, "weight_decay: 1e-3", f"weight_decay: {text}")
    value = text.strip("'")
    assert refusal(load, root) == f"{MINE}: experiments.base.weight_decay: {value!r}: must be a number of at least 0"


def test_ten_is_not_eight(root):
    edit(root, MINE, "steps: 100", "steps: 010")
    assert load(root).papers["mine"].experiments["base"].runs[0].steps == 10


def test_changing_one_run_leaves_the_others_and_their_references(root):
    before = load(root)
    edit(root, MINE, "slow: {like: base,", "slow: {like: base, steps: 50,")
    after = load(root)
    changed = before.runs.keys() ^ after.runs.keys()
    assert len(changed) == 4
    assert {run.problem.id for run in before.runs.values()} == {run.problem.id for run in after.runs.values()}


# --- papers beside each other


def test_a_copy_of_a_paper_is_a_paper_of_its_own(tmp_path):
    shutil.copytree(ROOT / "config", tmp_path / "config")
    alone = load(tmp_path, papers=["lyu2024"])
    for folder, suffix in (("papers", "yaml"), ("claims", "py")):
        text = (ROOT / f"config/{folder}/lyu2024.{suffix}").read_text(encoding="utf-8")
        write(tmp_path, f"config/{folder}/mine.{suffix}", text.replace("d: 97", "d: 50"))
    both = load(tmp_path, papers=["lyu2024", "mine"])
    assert both.papers["lyu2024"] == alone.papers["lyu2024"]
    assert both.papers["mine"].experiments["fig3"].runs[0].task.d == 50
    assert both.papers["mine"].experiments["fig1a"].runs == alone.papers["lyu2024"].experiments["fig1a"].runs
    assert {"lyu2024_figure_3", "mine_figure_3"} <= both.figures.keys()
    assert len({claim.id for claim in both.claims}) == 2 * len(alone.claims)
    assert len([run for job in both.jobs.values() for run in job]) == len(both.runs)


def test_a_paper_need_not_have_claims(root):
    (root / CLAIMS).unlink()
    assert load(root).claims == ()


def test_a_claims_file_may_hold_none_yet(root):
    write(root, CLAIMS, "from grokking.claims import Claims\n\nclaims = Claims()\n")
    assert load(root).claims == ()


def test_a_figure_may_show_another_papers_experiment(root):
    write(root, "config/papers/other.yaml", FILES[MINE].replace("[base, slow]", "[mine/base, slow]"))
    study = load(root, papers=["mine", "other"])
    figure = study.figures["other_one"]
    assert [run.steps for run in study.runs_of(figure.paper, figure.experiments)] == [100] * 4
    message = refusal(load, root, papers=["other"])
    assert "figures.one.experiments: 'mine/base': the paper mine is not chosen; allowed: other" in message


@pytest.mark.parametrize(
    ("papers", "figures", "reserved", "message"),
    [
        (
            ["a", "a_b"],
            {"a": "b_c", "a_b": "c"},
            (),
            "a_b_c is already a target of config/papers/a.yaml: figures.b_c",
        ),
        (["a", "a_b"], {"a": "b", "a_b": "c"}, (), "a_b is already a target of config/papers/a_b.yaml"),
        (["all"], {"all": "x"}, ("all",), "all is already a target of the workflow"),
        (["a"], {"a": "x"}, ("a_x",), "a_x is already a target of the workflow"),
        (["a", "A"], {"a": "x", "A": "y"}, (), "is already a target of config/papers/"),  # one file on some machines
    ],
)
def test_targets_must_differ(root, papers, figures, reserved, message):
    for paper in papers:
        write(root, f"config/papers/{paper}.yaml", FILES[MINE].replace("  one:\n", f"  {figures[paper]}:\n"))
    assert message in refusal(load, root, papers=papers, reserved=reserved)


# --- abstract experiments


ABSTRACT = "  root: {abstract: true, weight_decay: 1e-2}\n"
HEIR = f"{ABSTRACT}  heir: {{like: root, task: {{name: modular_addition, p: 7, observed: 0.5}}, steps: 3,"
HEIR += " model: {name: two_layer_net, width: 8}, dynamics: {name: gradient_flow}, learning_rate: 1}\n"


@pytest.fixture
def abstract(root):
    """The small paper with an abstract experiment, which cannot be built, and one that is like it."""
    edit(root, MINE, "  net:\n", f"{HEIR}  net:\n")
    return root


def test_an_abstract_experiment_is_inherited_and_not_built(abstract):
    edit(abstract, MINE, "comparisons:", 'event_tolerances: {"*": 0.5}\ncomparisons:')
    paper = load(abstract).papers["mine"]
    assert set(paper.experiments) == {"base", "slow", "heir", "net", "sweep"} == set(paper.event_tolerances)
    assert [run.weight_decay for run in paper.experiments["heir"].runs] == [1e-2]


def test_a_preset_changes_an_abstract_experiment_for_those_that_are_like_it(abstract):
    edit(abstract, SMALL, "mine:\n", "mine:\n  root: {weight_decay: 1}\n")
    assert load(abstract, "small").papers["mine"].experiments["heir"].runs[0].weight_decay == 1


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        (MINE, "[base, slow]", "[base, root]", "figures.one.experiments"),
        (MINE, "descent: slow", "descent: root", "comparisons.pair.descent"),
        (MINE, "comparisons:", "tolerance_checks: {base: root}\ncomparisons:", "tolerance_checks.base"),
        (MINE, "comparisons:", "event_tolerances: {root: 1}\ncomparisons:", "event_tolerances.root"),
        (MINE, "of: net", "of: root", "analyses.phases.of"),
        (MINE, "slow: {like: base,", SLOW + "{name: run, experiment: root},", "slow.start.experiment"),
        (CLAIMS, 'experiment("base")', 'experiment("root")', "fig1.memorised"),
    ],
)
def test_an_abstract_experiment_has_no_runs_to_name(abstract, file, old, new, place):
    edit(abstract, file, old, new)
    message = refusal(load, abstract)
    assert f"{place}: 'root': is abstract, a base without runs; allowed: base, slow, heir, net" in message


def test_another_papers_abstract_experiment_has_no_runs_either(abstract):
    other = FILES[MINE].replace("[base, slow]", "[mine/root, slow]")
    write(abstract, "config/papers/other.yaml", other)
    message = refusal(load, abstract, papers=["mine", "other"])
    assert "other.yaml: figures.one.experiments: 'root': is abstract, a base without runs" in message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("like: root", "like: base", "experiments.root.abstract: True: no experiment is like it"),
        ("abstract: true", "abstract: yes", "experiments.root.abstract: 'yes': must be true or false"),
        ("abstract: true, ", "", "experiments.root.task: missing; must be a mapping with a name"),
        ("abstract: true,", "abstract: true, lr: 1,", "experiments.heir.lr: 1: unknown key"),
        ("phases: {", "phases: {abstract: true, ", "analyses.phases.abstract: True: unknown key; allowed: of, like"),
    ],
)
def test_an_abstract_experiment_is_an_incomplete_one_that_others_are_like(abstract, old, new, message):
    edit(abstract, MINE, old, new)
    assert f"{MINE}: {message}" in refusal(load, abstract)


# --- an experiment of another paper as a base


OTHER = "config/papers/other.yaml"
HEIRS = """
experiments:
  same: {like: mine/base}
  faster: {like: mine/slow, learning_rate: 1, seeds: 1}
  again: {like: other/faster}
figures:
  one: {kind: modular_addition, experiments: [same, faster], title: One, caption: What it shows.}
"""


@pytest.fixture
def heirs(root):
    """The small paper, and another one whose experiments are like its experiments."""
    write(root, OTHER, HEIRS)
    return root


@pytest.mark.parametrize("papers", [["other"], ["other", "mine"], ["mine", "other"]])
def test_an_experiment_may_be_like_one_of_another_paper_chosen_or_not(heirs, papers):
    mine, study = load(heirs).papers["mine"], load(heirs, papers=papers)
    other = study.papers["other"]
    assert other.experiments["same"].runs == mine.experiments["base"].runs  # trained once for both
    slow = mine.experiments["slow"].runs[0]
    assert other.experiments["faster"].runs == (replace(slow, learning_rate=1),) == other.experiments["again"].runs
    assert len(study.jobs) == (3 if len(papers) == 1 else 9)


def test_a_preset_changes_a_base_for_experiments_of_other_papers(heirs):
    other = load(heirs, "small", papers=["other"]).papers["other"]
    assert [one.runs[0].steps for one in other.experiments.values()] == [10, 10, 10]
    edit(heirs, SMALL, "base: {steps: 10}", "base: {}")
    assert refusal(load, heirs, "small", papers=["other"]) == f"{SMALL}: other.same: {PAPER_SIZED}"
    edit(heirs, SMALL, "mine:", "other:\n  same: {steps: 7}\n  faster: {}\n  again: {}\nmine:")
    other = load(heirs, "small", papers=["other"]).papers["other"]
    assert [one.runs[0].steps for one in other.experiments.values()] == [7, 100, 100]


def test_an_abstract_experiment_of_another_paper_is_a_base_too(abstract):
    write(abstract, OTHER, HEIRS.replace("like: mine/base", "like: mine/base, weight_decay: 1"))
    edit(abstract, OTHER, "  same:", f"{HEIR.splitlines()[1].replace('root', 'mine/root')}\n  same:")
    other = load(abstract, papers=["other"]).papers["other"]
    assert other.experiments["heir"].runs[0].weight_decay == 1e-2
    assert other.abstract == ()
    edit(abstract, MINE, "like: root", "like: base")  # now other papers alone are like it
    for papers in (["mine"], ["other"], ["mine", "other"]):
        assert load(abstract, papers=papers)
    edit(abstract, OTHER, "mine/root", "mine/base")
    edit(abstract, MINE, "like: base", "like: other/root")
    assert "experiments.root.abstract: True: no experiment is like it" in refusal(load, abstract)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mine/base", "mime/base", "same.like: 'mime/base': no such paper; allowed: mine, other; near: mine"),
        (
            "mine/base",
            "mine/bas",
            "same.like: 'mine/bas': must be another of mine's: base, slow, net, sweep; near: base",
        ),
        ("mine/base", "mine/phases", "same.like: 'mine/phases': must be another of mine's: base, slow, net, sweep"),
        ("mine/base", "mine/", "same.like: 'mine/': must be another of mine's: base"),
        ("mine/base", "/base", "same.like: '/base': no such paper; allowed: mine, other"),
        ("mine/base", "a/b/c", "same.like: 'a/b/c': no such paper"),
        ("mine/base", "other/same", "same.like: 'other/same': must be another of: faster, again"),
        ("mine/slow", "other/again", "again.like: 'other/faster': must be another of: same"),
    ],
)
def test_a_base_of_another_paper_that_there_is_not_is_refused(heirs, old, new, message):
    edit(heirs, OTHER, old, new)
    assert refusal(load, heirs, papers=["other"]).startswith(f"{OTHER}: experiments.{message}")


def test_circles_across_papers_are_refused(heirs):
    edit(heirs, MINE, "slow: {like: base,", "slow: {like: other/faster,")
    message = refusal(load, heirs, papers=["other"])
    assert message == f"{MINE}: experiments.slow.like: 'other/faster': must be another of other's: same, again"


def test_what_reads_runs_of_another_paper_says_how_to_have_them_here(heirs):
    here = "is of another paper; add base: {like: mine/base} to this one, and name that"
    edit(heirs, OTHER, "seeds: 1}", "start: {name: run, experiment: mine/base}}")
    message = f"experiments.faster.start.experiment: 'mine/base': {here}"
    assert refusal(load, heirs, papers=["mine", "other"]) == f"{OTHER}: {message}"
    edit(heirs, OTHER, "experiment: mine/base", "experiment: other/same")
    other = load(heirs, papers=["other"]).papers["other"].experiments
    assert [run.parent for run in other["faster"].runs] == [run.id for run in other["same"].runs]
    edit(heirs, OTHER, "figures:", "analyses: {phases: {name: neuron_phases, of: mine/base}}\nfigures:")
    assert refusal(load, heirs, papers=["other"]) == f"{OTHER}: analyses.phases.of: 'mine/base': {here}"


def test_a_base_that_starts_from_a_run_of_its_paper_says_how_to_have_it_here(heirs):
    edit(heirs, MINE, "slow: {like: base,", SLOW + "{name: run, experiment: base},")
    message = refusal(load, heirs, papers=["other"])
    assert "faster.start.experiment: 'mine/base': is of another paper; add base: {like: mine/base}" in message
    edit(heirs, OTHER, "learning_rate: 1,", "start: {experiment: same},")
    other = load(heirs, papers=["other"]).papers["other"].experiments
    assert other["faster"].runs[0].parent == other["same"].runs[0].id


def test_an_analysis_may_be_like_one_of_another_paper(heirs):
    edit(
        heirs, OTHER, "figures:", "  net: {like: mine/net}\nanalyses: {phases: {like: mine/phases, of: net}}\nfigures:"
    )
    mine, other = (load(heirs, papers=[paper]).papers[paper] for paper in ("mine", "other"))
    assert [spec.id for spec in other.analyses["phases"]] == [spec.id for spec in mine.analyses["phases"]]


# --- what a preset leaves as the paper has it


PAPER_SIZED = "missing; give smaller settings, such as {steps: 100}, or {} to build it at the paper's size"


def test_a_paper_that_a_preset_does_not_have_is_refused_there_alone(root):
    write(root, "config/papers/other.yaml", FILES[MINE])
    assert load(root, papers=["mine", "other"]).runs
    assert load(root, "small").runs
    message = refusal(load, root, "small", papers=["mine", "other"])
    assert message == f"{SMALL}: other.base: {PAPER_SIZED}"


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("  base: {steps: 10}\n", "", "base"),
        ("  net: {}\n", "", "net"),
        ("  sweep: {}\n", "", "sweep"),
        ("  net: {}\n  sweep: {}\n", "  net: {learning_rate: 2}\n", None),  # sweep is like net
        ("  base: {steps: 10}\n", "  slow: {weight_decay: 1}\n", "base"),
        ("  base: {steps: 10}\n", "  base: {weight_decay: 1}\n", "slow"),  # which has a decay of its own
        ("  base: {steps: 10}\n", "  base: {weight_decay: 1}\n  slow: {}\n", None),
        ("  base: {steps: 10}\n", "  base: {}\n", "slow"),
    ],
)
def test_what_a_preset_leaves_at_the_papers_size_is_named_there(root, old, new, left):
    edit(root, SMALL, old, new)
    if left:
        assert refusal(load, root, "small") == f"{SMALL}: mine.{left}: {PAPER_SIZED}"
    else:
        assert load(root, "small").runs


def test_an_analysis_is_named_in_a_preset_unless_it_is_of_runs(root):
    assert load(root, "small").papers["mine"].analyses["phases"]
    edit(root, MINE, "analyses:\n", "analyses:\n  ipr: {name: ipr_values, p: 7, width: 8}\n")
    assert refusal(load, root, "small") == f"{SMALL}: mine.ipr: {PAPER_SIZED}"
    edit(root, SMALL, "  net: {}\n", "  net: {}\n  ipr: {width: 4}\n")
    assert load(root, "small").papers["mine"].analyses["ipr"]


def test_a_preset_need_not_name_what_is_abstract_nor_a_sweep(abstract):
    edit(abstract, MINE, "  sweep: {", "  grid: {")
    edit(abstract, MINE, "[sweep]", "[grid]")
    edit(abstract, SMALL, "  sweep: {}", "  grid: {}\n  heir: {}")
    sweep = {"of": "mine/heir", "weight_decay": [1e-2, 1]}
    study = load_study(abstract, ["mine"], "small", None, sweep=sweep)
    assert "sweep_1" in study.papers["mine"].experiments


# --- names


@pytest.mark.parametrize("name", ["my fig (d=10)", "fig-1", "1a", "fig.1", "a/b", "φ", "_x", "x" * 90, ""])
def test_a_figure_that_no_rule_can_be_called_is_refused(root, name):
    edit(root, MINE, "  one:", f"  '{name}':")
    message = refusal(load, root)
    assert f"figures.{name}: {name[:78]!r}"[:-1] in message
    assert "a name is up to 80 of A-Z a-z 0-9 _ and starts with a letter" in message


@pytest.mark.parametrize("name", ["my run", "a/b", "..", "-x", ".x", "a:b", "ä", "x" * 90])
def test_an_experiment_that_no_file_can_be_called_is_refused(root, name):
    edit(root, MINE, "  net:", f"  '{name}':")
    message = refusal(load, root)
    assert f"experiments: {name[:78]!r}"[:-1] in message
    assert "a name is up to 80 of A-Z a-z 0-9 _ . - and starts with a letter or digit" in message


@pytest.mark.parametrize("name", ["my paper", "my-paper", "2024"])
def test_a_paper_that_no_rule_can_be_called_is_refused(root, name):
    write(root, f"config/papers/{name}.yaml", FILES[MINE])
    assert f"{name!r}: a name is up to 80 of A-Z a-z 0-9 _" in refusal(load, root, papers=[name])


@pytest.mark.parametrize("name", ["published", "Published", "paper", "runs", "figures", "logs", "analyses", "sweeps"])
def test_a_preset_that_would_overwrite_results_is_refused(root, name):
    write(root, f"config/presets/{name}.yaml", FILES[SMALL])
    assert f"{name!r}: not allowed as a preset; folders of results/: " in refusal(preset_names, root)
    assert f"{name!r}: not allowed as a preset" in refusal(load, root)


@pytest.mark.parametrize("name", ["my preset", "-x", "a..b/"])
def test_a_preset_that_no_folder_can_be_called_is_refused(root, name):
    if "/" in name:
        assert "unknown preset; allowed: paper, small" in refusal(load, root, preset=name)
    else:
        write(root, f"config/presets/{name}.yaml", FILES[SMALL])
        assert "a name is up to 80 of A-Z a-z 0-9 _ . -" in refusal(load, root)


# --- refused


SEEDS = "must be an integer from 1 to 1000, or a list of different integers of at least 0"
KEYS = (
    "task, model, dynamics, learning_rate, steps, start, stop, weight_decay, l2, points_per_decade, even_points, "
    "snapshots_per_decade, may_diverge, continues, like, abstract, seeds, nets_per_job, open_ended"
)


@pytest.mark.parametrize("key", ["lr", "seed", "wd", "optimizer"])
def test_what_an_unknown_key_could_be_is_complete_and_true(root, key):
    edit(root, MINE, "    steps: 100", f"    steps: 100\n    {key}: 1")
    near = "; near: seeds" if key == "seed" else ""
    assert refusal(load, root) == f"{MINE}: experiments.base.{key}: 1: unknown key; allowed: {KEYS}{near}"


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        # twice the same key, at any level
        (MINE, "figures:", "experiments:\n  x: {like: base}\nfigures:", f"{MINE}, lines 2 and "),
        (
            MINE,
            "    weight_decay: 1e-3",
            "    weight_decay: 1e-3\n    weight_decay: 1e-2",
            f"{MINE}, lines 7 and 8: 'weight_decay': duplicate key",
        ),
        (MINE, "p: 7, observed", "p: 7, p: 11, observed", f"{MINE}, lines 4 and 4: 'p': duplicate key"),
        (SMALL, "base: {steps: 10}", "base: {steps: 10}\n  base: {}", f"{SMALL}, lines 3 and 4: 'base'"),
        # not YAML, or not what the file should hold
        (MINE, "    steps: 100", "\tsteps: 100", f"{MINE}, line 9, column 1: "),
        (MINE, "    steps: 100", "\tsteps: 100", "indent with spaces, not tabs"),
        (MINE, "steps: 100", "steps: [", "not valid YAML"),
        (MINE, "experiments:", "experiments:\0", f"{MINE}"),
        (MINE, "experiments:", "experiment:", f"{MINE}: experiment: "),
        (
            MINE,
            "experiments:",
            "experiment:",
            "unknown key; allowed: title, experiments, variants, analyses, figures, comparisons",
        ),
        (MINE, FILES[MINE], "", f"{MINE}: None: must be a mapping with the keys title, experiments"),
        (MINE, FILES[MINE], "- base\n", f"{MINE}: ['base']: must be a mapping with the keys title, experiments"),
        (MINE, FILES[MINE], "title: x\n", f"{MINE}: {{'title': 'x'}}: a paper needs experiments or analyses"),
        (MINE, "  slow: {like: base, weight_decay: 1e-4}", "  slow:", "experiments.slow: None: must be a mapping"),
        (
            MINE,
            "  slow: {like: base, weight_decay: 1e-4}",
            "  3: {like: base}\n  slow: {like: base}",
            "experiments: 3: a name must be text: put it in quotes",
        ),
        (MINE, "phases:", "base:", "'base' is the name of an experiment and of an analysis"),
        (CLAIMS, FILES[CLAIMS], "", f"{CLAIMS}: must define claims = Claims()"),
        (SMALL, FILES[SMALL], "", f"{SMALL}: None: must be a mapping"),
        (SMALL, FILES[SMALL], "mine: [base]\n", f"{SMALL}: mine: ['base']: must be a mapping"),
        # values
        (MINE, "p: 7", "p: -7", "experiments.base.task.p: -7: must be an integer of at least 1"),
        (MINE, "p: 7", "q: 7", "experiments.base.task.q: 7: unknown key; allowed: flipped, p, observed"),
        (MINE, "steps: 100", "steps: -5", "experiments.base.steps: -5: must be an integer of at least 1"),
        (MINE, "steps: 100", "steps: 1.5", "experiments.base.steps: 1.5: must be an integer of at least 1"),
        (MINE, "    steps: 100\n", "", "experiments.base.steps: missing; must be an integer of at least 1"),
        (
            MINE,
            "observed: 0.5",
            "observed: 1.5",
            "task.observed: 1.5: must be a fraction below 1 or a count of at least 2",
        ),
        (MINE, "observed: 0.5", "observed: 49", "observed must leave at least one of 49"),
        (
            MINE,
            "name: gradient_flow",
            "name: gradient_flew",
            "dynamics.name: 'gradient_flew': unknown; allowed: adam, adamw, adaptive_descent",
        ),
        (
            MINE,
            "dynamics: {name: gradient_flow, tolerance: 1e-3}",
            "dynamics: gradient_flew",
            "dynamics: 'gradient_flew': must be a mapping with a name, one of: adam, adamw",
        ),
        (
            MINE,
            "name: two_layer_net, width: 8",
            "name: factorization, init_scale: 1",
            "task modular_addition with model: 'factorization': does not fit; allowed: quadratic_net, two_layer_net",
        ),
        (MINE, "seeds: 2", "seeds: 0", f"experiments.base.seeds: 0: {SEEDS}"),
        (MINE, "seeds: 2", "seeds: []", f"experiments.base.seeds: []: {SEEDS}"),
        (MINE, "seeds: 2", "seeds: [1, 0, 1]", f"experiments.base.seeds: [1, 0, 1]: {SEEDS}"),
        (MINE, "seeds: 2", "seeds: [0, -1]", "experiments.base.seeds[1]: -1: must be an integer of at least 0"),
        (MINE, "seeds: 2", "seeds: [0.5]", "experiments.base.seeds[0]: 0.5: must be an integer of at least 0"),
        (MINE, "seeds: 2", "seeds: four", f"experiments.base.seeds: 'four': {SEEDS}"),
        (
            MINE,
            "slow: {like: base,",
            "slow: {like: base, seeds: [2],",
            "comparisons.pair.descent: 'slow': has no seed of base, which has 0, 1; give both the same `seeds`",
        ),
        (
            MINE,
            "nets_per_job: 2",
            "nets_per_job: 0",
            "experiments.sweep.nets_per_job: 0: must be an integer of at least 1",
        ),
        (
            MINE,
            "width: [8, 16]",
            "width: []",
            "experiments.sweep.model.width: []: an axis of the grid needs at least one value",
        ),
        (MINE, "width: [8, 16]", "width: [8, 16, 8]", "two points of the grid give this run"),
        (
            MINE,
            "width: [8, 16]",
            "width: [8, x]",
            "experiments.sweep.model.width: 'x': must be an integer from 1 to 1000000",
        ),
        # names that stand for nothing
        (MINE, "like: base", "like: bass", "experiments.slow.like: 'bass': must be another of: base, net, sweep"),
        (MINE, "like: base", "like: slow", "experiments.slow.like: 'slow': must be another of: base, net, sweep"),
        (MINE, "like: base", "like: [base]", "experiments.slow.like: ['base']: must be another of: base, net, sweep"),
        (MINE, "    seeds: 2", "    like: slow\n    seeds: 2", "must be another of"),
        (
            MINE,
            "[base, slow]",
            "[base, fast]",
            "figures.one.experiments: 'fast': no such experiment; allowed: base, slow, net, sweep, phases",
        ),
        (MINE, "[base, slow]", "[base, base]", "figures.one.experiments: 'base': is listed twice"),
        (
            MINE,
            "descent: slow",
            "descent: fast",
            "comparisons.pair.descent: 'fast': no such experiment; allowed: base, slow, net, sweep",
        ),
        (MINE, "descent: slow", "descent: phases", "comparisons.pair.descent: 'phases': no such experiment"),
        (MINE, "flow: base", "flux: base", "comparisons.pair.flux: 'base': unknown key; allowed: flow, descent"),
        (
            MINE,
            "comparisons:",
            "tolerance_checks: {base: fast}\ncomparisons:",
            "tolerance_checks.base: 'fast': no such experiment",
        ),
        (SMALL, "mine:", "mime:", f"{SMALL}: mime: no such paper; allowed: runs_per_job, mine"),
        (
            SMALL,
            "mine:",
            "run_per_job: 3\nmine:",
            f"{SMALL}: run_per_job: no such paper; allowed: runs_per_job, mine; n",
        ),
        (SMALL, "base:", "bass:", f"{SMALL}: mine.bass: no such experiment; allowed: base, slow, net, sweep, phases"),
        (SMALL, "steps: 10", "steps: ten", f"{MINE} with preset small: experiments.base.steps: 'ten'"),
        # figures that their kind cannot draw
        (MINE, "kind: modular_addition", "kind: bar", "figures.one.kind: 'bar': unknown; allowed: closed_form_start, "),
        (
            MINE,
            "kind: modular_addition",
            "kind: matrix_completion",
            "'base': matrix_completion cannot draw it, which gives operation; allowed kinds: closed_form_start, ",
        ),
        (
            MINE,
            "kind: critical_fraction",
            "kind: modular_addition",
            "two.experiments: 'sweep': modular_addition cannot draw it, a sweep; allowed kinds: critical_fraction, ",
        ),
        (MINE, "[sweep]", "[base]", "figures.two.experiments: 'base': critical_fraction cannot draw it"),
        (
            MINE,
            "seeds: 2}\nfigures:",
            "seeds: 2}\n  a: {name: ipr_values, p: 7, width: 8}\n  b: {name: ipr_values, p: 7, width: 9}\nfigures:\n"
            "  three: {kind: participation, experiments: [a, b], title: Three, caption: What it shows.}",
            "figures.three.experiments: 'b': participation draws only one ipr_values, and already has a",
        ),
        (
            MINE,
            "nets_per_job: 2}\nanalyses:\n  phases: {name: neuron_phases, of: net, seeds: 2}\nfigures:",
            "nets_per_job: 2}\n  functions: {like: net, task: {function: [n + m, n*m]}}\nfigures:\n"
            "  three: {kind: sensitivity, experiments: [sweep, functions], title: Three, caption: What it shows.}",
            "figures.three.experiments: 'functions': must vary what sensitivity shows, one of width, learning_rate, ",
        ),
        (
            MINE,
            "kind: modular_addition\n    experiments: [base, slow]",
            "kind: participation\n    experiments: [base, slow, net]",
            "figures.one.experiments: 3: participation takes at least 1 and at most 2",
        ),
        (
            MINE,
            "kind: modular_addition",
            "kind: work_precision",
            "figures.one.reference: None: work_precision needs one of its experiments as reference: base, slow",
        ),
        (
            MINE,
            "    title: One",
            "    reference: net\n    title: One",
            "figures.one.reference: 'net': must be one of the figure's experiments: base, slow",
        ),
        (
            MINE,
            "    title: One",
            "    labels: {net: A net}\n    title: One",
            "figures.one.labels: 'net': must be one of the figure's experiments",
        ),
        (MINE, "    title: One figure\n", "", "figures.one.title: missing; must be text"),
        (
            MINE,
            "    title: One",
            "    labels: {base: '$\\frac{1$'}\n    title: One",
            "figures.one.labels.base: '$\\\\frac{1$': is not a formula that matplotlib reads",
        ),
        (
            MINE,
            "width: 8}\n    dynamics: {name: gradient_flow",
            "width: 1e12}\n    dynamics: {name: gradient_flow",
            "model.width: 1000000000000.0: must be an integer from 1 to 1000000",
        ),
        (
            MINE,
            "    title: One",
            "    titel: One",
            "unknown key; allowed: kind, experiments, title, caption, deviations, added, on_demand, reference, claims, "
            "labels",
        ),
        # claims
        (CLAIMS, "AtLeast(0.99, paper=1)", "Close(0.99)", f"{CLAIMS}, line 7: NameError: name 'Close' is not defined"),
        (CLAIMS, ".final(", ".end(", f"{CLAIMS}, line 7: AttributeError: 'Subject' object has no attribute 'end'"),
        (CLAIMS, "AtLeast(0.99, paper=1),\n)", "AtLeast(0.99, paper=1),\n", f"{CLAIMS}, line 5: '(' was never closed"),
        (CLAIMS, 'experiment("base")', 'experiment("fast")', f"{CLAIMS}, line 5: fig1.memorised: 'fast': no such exp"),
        (
            CLAIMS,
            '("train_accuracy")',
            '("train_acuracy")',
            "'train_acuracy': no such column of base; near: train_accu",
        ),
        (CLAIMS, "claims = Claims()", "raise SystemExit", f"{CLAIMS}, line 4: SystemExit: "),
        (
            CLAIMS,
            '.final("train_accuracy"), A',
            '.final("x") - 0.5, A',
            "line 7: ValueError: 0.5: a number read",
        ),
        (CLAIMS, '("base")', '("base").beside(experiment("slow"))', "an experiment is named by text"),
        (CLAIMS, '("base")', "(5)", f"{CLAIMS}, line 7: ValueError: 5: an experiment is named by text"),
        (CLAIMS, '("base")', '("base").where(step=None)', "step=None: a column is compared with a number or text"),
        (CLAIMS, '.final("train_accuracy")', '.maximum("x", 10, 5)', "from step 10 to 5 there is no step"),
        (
            CLAIMS,
            "AtLeast(0.99,",
            'AtLeast("0.99",',
            "line 7: ValueError: AtLeast: bound='0.99' must be",
        ),
        (CLAIMS, "AtLeast(0.99, paper=1)", 'AtLeast(float("nan"))', "AtLeast: bound=nan must be a number"),
        (CLAIMS, "paper=1", 'paper="one"', "AtLeast: paper='one' must be a number"),
        (CLAIMS, '"The training set is memorised."', "None", "'fig1.memorised': statement must be text, not None"),
        (CLAIMS, '"Figure 1"', "1", "'fig1.memorised': source must be text, not 1"),
        # what YAML can hold and a config cannot
        (MINE, "steps: 100", "steps: !!bool maybe", f"{MINE}: "),
        (MINE, "steps: 100", f"steps: {'[' * 5000}", f"{MINE}"),
        (MINE, "  slow: {like: base,", "  slow: &a {like: base, task: *a,", "an anchor contains itself"),
        # numbers that nobody means
        (MINE, "    steps: 100\n", "    steps: 100\n    even_points: 1e15\n", "must be an integer from 0 to 1000000"),
        (
            MINE,
            "    steps: 100\n",
            "    steps: 100\n    points_per_decade: 1e15\n",
            "must be an integer from 1 to 10000",
        ),
        (
            MINE,
            "seeds: 2\n  slow",
            "seeds: 1e9\n  slow",
            "base.seeds: 1000000000.0: must be an integer from 1 to",
        ),
        (
            MINE,
            "p: 7, observed: 0.5}\n    model: {name: two",
            "p: 1e6, observed: 0.5}\n    model: {name: two",
            "p must be at most 3000: all p² pairs are held in memory",
        ),
        (MINE, "{name: modular_function, p: 7", "{name: modular_function, p: 1e9", "p must be at most 3000"),
        (MINE, "width: [8, 16]", f"width: {list(range(1, 20_000))}", "sweep: its grid must have at most 10000 points"),
        # runs that start from others, and analyses of them
        (
            MINE,
            "of: net, seeds: 2}",
            "of: net, seeds: 2}\n  k: {name: tangent_kernel, of: base}",
            "analyses.k: tangent_kernel of base: snapshots_per_decade: 0: must be at least 1",
        ),
        (
            MINE,
            "of: net, seeds: 2}",
            "of: net, seeds: 2}\n  k: {name: critical_samples, of: net}",
            "analyses.k.of: 'net': must be a sweep for critical_samples",
        ),
        (
            MINE,
            "of: net,",
            "of: base,",
            "phases: neuron_phases of base: model: 'two_layer_net': must be a quadratic_net without",
        ),
        (
            MINE,
            "neuron_phases, of",
            "slow_part, of",
            "phases: slow_part of net: model: 'quadratic_net': must be a net for sums",
        ),
        (
            MINE,
            "of: net, seeds: 2}",
            "of: net, seeds: 2}\n  k: {name: recovery, d: 4, ranks: [9], observed: [0.5]}",
            "a rank of 9 must be at most d, 4",
        ),
        (
            MINE,
            "p: 7, observed: 0.5}\n    model: {name: quadratic_net,",
            "p: 7, observed: 0.5, function: n*m}\n    start: {name: closed_form}\n    model: {name: quadratic_net,",
            "task modular_function with start: 'closed_form': only n + m mod p has a closed form",
        ),
        (MINE, "descent: slow", "descent: base", "flow and descent must be two experiments"),
        (
            MINE,
            "slow: {like: base,",
            SLOW + "{name: run, experiment: fast},",
            "experiments.slow.start.experiment: 'fast': no such experiment; allowed: base",
        ),
        (
            MINE,
            "slow: {like: base,",
            SLOW + "{name: run, experiment: {x: 1}},",
            "experiments.slow.start.experiment: {'x': 1}: no such experiment; allowed: base",
        ),
        (
            MINE,
            "slow: {like: base,",
            SLOW + "{name: run, run: x},",
            "experiments.slow.start: {'name': 'run', 'run': 'x'}: must be {name: run, experiment: …}",
        ),
        (
            MINE,
            "slow: {like: base,",
            SLOW + "{name: run, experiment: slow},",
            "experiments.slow.start.experiment: 'slow': starts from itself",
        ),
        (
            MINE,
            "slow: {like: base,",
            SLOW + "{name: run, experiment: net},",
            "experiments.slow.start.experiment: 'net': trains another net: {'name': 'quadratic_net'",
        ),
        (
            MINE,
            "slow: {like: base,",
            "slow: {like: base, model: {width: 16}, start: {name: run, experiment: base},",
            "'base': trains another net: {'name': 'two_layer_net', 'width': 8",
        ),
        (
            MINE,
            "slow: {like: base,",
            "slow: {like: base, task: {p: 11}, start: {name: run, experiment: base},",
            "trains another net: ",
        ),
        (
            MINE,
            "slow: {like: base,",
            "slow: {like: base, seeds: 3, start: {name: run, experiment: base},",
            "start.experiment: 'base': has no seed 2, only 0, 1; give this one `seeds` that it has",
        ),
        (
            MINE,
            "nets_per_job: 2}",
            "nets_per_job: 2}\n  more: {like: net, start: {name: run, experiment: sweep}}",
            "'sweep': has several runs per seed",
        ),
        (
            MINE,
            "slow: {like: base,",
            SLOW + "{name: closed_form},",
            "model two_layer_net with start: 'closed_form': only quadratic_net has a closed form",
        ),
        (
            MINE,
            "of: net",
            "of: nets",
            "analyses.phases.of: 'nets': no such experiment; allowed: base, slow, net, sweep",
        ),
        (MINE, "of: net, seeds: 2", "of: net, seeds: 3", "analyses.phases.of: 'net': has no seed 2, only 0, 1; give"),
        (
            MINE,
            "of: net, seeds: 2",
            "of: net, seed: 2",
            "analyses.phases.seed: 2: unknown key; allowed: of, like, seeds",
        ),
        (
            MINE,
            "name: neuron_phases",
            "name: phases",
            "analyses.phases.name: 'phases': unknown; allowed: classification_transition",
        ),
    ],
)
def test_bad_input_is_refused_in_one_line(root, file, old, new, message):
    edit(root, file, old, new)
    assert message in refusal(load, root, preset="small" if file == SMALL else "paper")


def test_a_file_that_is_not_there_or_is_a_folder_is_named(root):
    (root / CLAIMS).unlink()
    (root / CLAIMS).mkdir()
    assert refusal(load, root) == f"{CLAIMS}: cannot be read (Is a directory)"
    (root / MINE).unlink()
    assert refusal(read_yaml, root / MINE, MINE) == f"{MINE}: cannot be read (No such file or directory)"


def test_circles_of_starts_are_named(root):
    edit(root, MINE, "slow: {like: base,", SLOW + "{name: run, experiment: quick},")
    edit(root, MINE, "  net:\n", "  quick: {like: base, start: {name: run, experiment: slow}}\n  net:\n")
    assert "starts from itself: slow ← quick ← slow" in refusal(load, root)


def test_a_run_starts_from_the_run_with_its_seed(root):
    edit(root, MINE, "slow: {like: base,", SLOW + "{name: run, experiment: base},")
    paper = load(root).papers["mine"]
    pairs = zip(paper.experiments["slow"].runs, paper.experiments["base"].runs, strict=True)
    assert all(run.parent == before.id and run.seed == before.seed for run, before in pairs)
    assert {one.seeds for one in load(root, seeds=1).papers["mine"].experiments.values()} == {(0,)}


# --- seeds of one's choice


def seeds_in(study):
    return {name: one.seeds for name, one in study.papers["mine"].experiments.items()}


def test_seeds_are_a_number_or_a_list_in_any_order(root):
    counted = load(root)
    edit(root, MINE, "steps: 100\n    seeds: 2", "steps: 100\n    seeds: [6, 0]")
    assert seeds_in(load(root)) == {"base": (0, 6), "slow": (0, 6), "net": (0, 1), "sweep": (0, 1)}
    first, second = (study.papers["mine"].experiments["base"].runs for study in (counted, load(root)))
    assert first[0] == second[0]  # the id of a seed's run does not depend on the others
    assert second[1] == replace(first[0], seed=6)


@pytest.mark.parametrize("seeds", [[4, 5, 6], [7]])
def test_an_override_names_the_seeds_of_every_experiment_and_of_what_reads_it(root, seeds):
    """Comparisons of methods take no more of them than they have."""
    edit(
        root, MINE, "sweep: {like: net,", "next: {like: net, start: {name: run, experiment: net}}\n  sweep: {like: net,"
    )
    paper = load(root, seeds=seeds).papers["mine"]
    all_of_them, compared = tuple(seeds), tuple(seeds[:2])
    expected = {"base": compared, "slow": compared, "net": all_of_them, "next": all_of_them, "sweep": all_of_them}
    assert {name: one.seeds for name, one in paper.experiments.items()} == expected
    assert [spec.seed for spec in paper.analyses["phases"]] == seeds
    for number, net in enumerate(paper.experiments["net"].runs):
        assert paper.analyses["phases"][number].runs == (net.id,)
        assert paper.experiments["next"].runs[number].parent == net.id


def test_one_number_of_seeds_is_the_list_of_the_first(root):
    assert load(root, seeds=3).runs == load(root, seeds=[2, 0, 1]).runs


def test_methods_are_compared_on_the_first_seed_of_both(root):
    edit(root, MINE, "slow: {like: base,", "slow: {like: base, seeds: [1, 2],")
    sides = comparisons(load(root))["pair"]
    assert [(source.experiment, source.seed) for source in sides] == [("base", 1), ("slow", 1)]


@pytest.mark.parametrize("file", [MINE, CLAIMS, SMALL])
def test_a_file_that_is_not_utf8_is_named_with_the_byte(root, file):
    text = "# Schrödinger\n" + FILES[file]
    write(root, file, text, encoding="cp1252")
    message = refusal(load, root, preset="small")
    assert message == f"{file}, line 1: {chr(98)}'\\xf6': byte {text.index('ö')} is not UTF-8; save the file as UTF-8"


def test_a_byte_order_mark_does_no_harm(root):
    write(root, MINE, FILES[MINE], encoding="utf-8-sig")
    assert load(root).runs


def test_any_locale_will_do(root):
    edit(root, MINE, "What it shows.", "η → 0, ‖θ‖")
    code = f"""
from pathlib import Path
from grokking.study.load import load_study

study = load_study(Path({str(root)!r}), ["mine"], "small", None)
assert study.figures["mine_one"].caption == "\\u03b7 \\u2192 0, \\u2016\\u03b8\\u2016"
"""
    plain = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    subprocess.run([sys.executable, "-c", code], check=True, env=plain)


def test_unknown_papers_and_presets_are_named(root):
    message = "config/config.yaml: papers: 'power2022': unknown paper; allowed: mine"
    assert refusal(load, root, papers=["power2022"]) == message
    assert refusal(load, root, papers=["mine", "mine"]) == "config/config.yaml: papers: 'mine': is listed twice"
    message = "config/config.yaml: preset: 'tiny': unknown preset; allowed: paper, small"
    assert refusal(load, root, preset="tiny") == message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"seed": 3},
            "config/config.yaml: seed: 3: unknown key; "
            "allowed: preset, papers, seeds, budget, device, sweep, arithmetic, check, keep_states, hours, everything, "
            "style, figure_width; "
            "near: seeds, sweep",
        ),
        ({"seeds": 0}, f"config/config.yaml: seeds: 0: {SEEDS}, or null"),
        ({"seeds": "x"}, f"config/config.yaml: seeds: 'x': {SEEDS}, or null"),
        ({"seeds": 1.5}, f"config/config.yaml: seeds: 1.5: {SEEDS}, or null"),
        ({"budget": 0}, "config/config.yaml: budget: 0: must be a number above 0"),
        ({"device": "tpu"}, "config/config.yaml: device: 'tpu': must be one of: auto, cpu, cuda"),
        ({"papers": []}, "config/config.yaml: papers: []: must be a list; each entry must be text"),
        ({"preset": None}, "config/config.yaml: preset: None: must be text"),
    ],
)
def test_bad_user_settings_are_refused(change, message):
    assert refusal(read_settings, ROOT, change) == message


def test_seeds_on_the_command_line_may_be_a_float():
    assert read_settings(ROOT, {"seeds": 2.0}).seeds == (0, 1)


def test_true_on_the_command_line_is_what_it_is_in_the_file():
    assert read_settings(ROOT, {"keep_states": "true"}).keep_states is True


def test_one_paper_and_one_figure_to_check_may_be_written_without_brackets():
    settings = read_settings(ROOT, {"papers": "mine", "check": "mine_one"})
    assert (settings.papers, settings.check) == (("mine",), ("mine_one",))


@pytest.mark.parametrize(
    ("given", "seeds"),
    [(["4", "5"], (4, 5)), ("[7]", (7,)), ("null", None), ("", None), (None, None), ("~", None), (["3.0"], (3,))],
)
def test_seeds_on_the_command_line_are_read_as_in_a_file(given, seeds):
    """Snakemake leaves what stands in brackets as text."""
    assert read_settings(ROOT, {"seeds": given}).seeds == seeds


# --- where a setting was written


def blame(tmp_path, command, **file):
    """The place that a message names, for values of --config and of a --configfile."""
    configfile = tmp_path / "mine.yaml"
    configfile.write_text(json.dumps(file), encoding="utf-8")
    config = {**file, **command}
    try:
        read_settings(ROOT, config)
    except ConfigError as error:
        return str(blamed(error, origins(config, [configfile], command))).replace(str(tmp_path), "…")


def test_a_setting_is_blamed_where_it_was_written(tmp_path):
    assert blame(tmp_path, {"seeds": 0}).startswith("--config seeds: 0: must be")
    assert blame(tmp_path, {}, seeds=0).startswith("…/mine.yaml: seeds: 0: must be")
    assert blame(tmp_path, {"seeds": 0}, seeds=1).startswith("--config seeds: 0: must be")
    assert blame(tmp_path, {"seeds": 1}, seeds=0) is None  # --config wins
    assert blame(tmp_path, {"seeds": ["4", "-1"]}).startswith("--config seeds[1]: -1: must be")
    assert blame(tmp_path, {"seed": 3}).startswith("--config seed: 3: unknown key; allowed: preset")
    assert blame(tmp_path, {"sweep": ["a"]}).startswith("--config sweep: ['a']: must be")
    assert blame(tmp_path, {"papers": "[lyu"}).startswith("--config papers: '[lyu': not valid YAML")


def test_what_a_module_or_the_file_itself_says_is_blamed_there():
    error = ConfigError("config/config.yaml: seeds", 0, "is wrong")
    assert str(blamed(error, origins({"seeds": 0}, [], {}))) == "the module's config: seeds: 0: is wrong"
    assert blamed(error, origins({"papers": ["mine"]}, [], {"papers": ["mine"]})) is error
    elsewhere = ConfigError("config/papers/mine.yaml: seeds", 0, "is wrong")
    assert blamed(elsewhere, {"seeds": "--config "}) is elsewhere


# --- files that nobody would read


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ("config/papers/mine.yml", "config/papers: found mine.yml beside mine.yaml: remove one of them"),
        ("config/papers/other.yml", "config/papers: found other.yml: rename it to other.yaml"),
        ("config/papers/other.YAML", "config/papers: found other.YAML: rename it to other.yaml"),
        ("config/papers/other.yaml.txt", "config/papers: found other.yaml.txt: rename it to other.yaml"),
        ("config/presets/tiny.Yml", "config/presets: found tiny.Yml: rename it to tiny.yaml"),
        ("config/claims/other.PY", "config/claims: found other.PY: rename it to other.py"),
        ("config/claims/mine.yaml", "config/claims: found mine.yaml beside mine.py: remove one of them"),
    ],
)
def test_a_file_with_a_wrong_ending_is_named(root, found, message):
    write(root, found, "x: 1")
    assert refusal(load, root) == message


def test_config_yml_is_named(root):
    write(root, "config/config.yml", "seeds: 3")
    assert refusal(read_settings, root, {}) == "config: found config.yml: rename it to config.yaml"


@pytest.mark.parametrize(
    "name", ["mine.yaml~", ".#mine.yaml", "#mine.yaml#", ".mine.yaml.swp", "mine.yaml.bak", "note.txt"]
)
def test_hidden_files_and_backups_are_no_papers(root, name):
    (root / "config/papers" / name).symlink_to("nowhere")
    assert load(root).papers.keys() == {"mine"}


@pytest.mark.parametrize("name", ["my-paper", "2024", "smoke", "Mine", "mine_one", "x" * 81])
def test_a_paper_that_is_not_chosen_takes_no_target_of_another(root, name):
    write(root, f"config/papers/{name}.yaml", "figures: {a/b: {}, one: {}, figure: {}}")
    targets = other_targets(root, load(root), ("smoke",))
    assert all(is_rule_name(target) for target in targets)
    assert not {target.lower() for target in targets} & {"smoke", "mine", "mine_one", "mine_two"}
