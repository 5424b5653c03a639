"""Several values from the command line, where they come as text inside brackets."""

import pytest

from grokking.parts.errors import ConfigError
from grokking.parts.yaml import typed
from grokking.store.provenance import ROOT
from grokking.study.config import PaperFile
from grokking.study.load import load_study
from grokking.study.sweep import Sweep, with_sweep

PAPERS = ["lyu2024", "gromov2023"]
SWEEP = {"of": "lyu2024/fig3", "weight_decay": ["1e-3", "1e-4"], "model": {"init_scale": ["1", "10"]}}


def study(sweep, preset="paper", seeds=None):
    return load_study(ROOT, PAPERS, preset, seeds, sweep=typed(sweep, "--config sweep"))


@pytest.mark.parametrize("preset", ["paper", "smoke"])
def test_each_combination_is_an_experiment_and_all_are_a_figure(preset):
    paper = study(SWEEP, preset, seeds=[4, 7]).papers["lyu2024"]
    own = [experiment for name, experiment in paper.experiments.items() if name.startswith("sweep_")]
    runs = [experiment.runs[0] for experiment in own]
    assert [(run.weight_decay, run.model.init_scale) for run in runs] == [(1e-3, 1), (1e-3, 10), (1e-4, 1), (1e-4, 10)]
    assert [experiment.seeds for experiment in own] == [(4, 7)] * 4
    base = paper.experiments["fig3"].runs[0]
    assert all((run.task, run.steps) == (base.task, base.steps) for run in runs)
    figure = paper.figures["sweep"]
    assert figure.experiments == tuple(experiment.name for experiment in own)
    assert figure.labels["sweep_2"] == "weight_decay = 0.001\ninit_scale = 10"
    assert figure.on_demand


def test_parts_may_be_swept_and_are_labelled_by_name():
    parts = [{"name": "gradient_descent"}, {"name": "adaptive_descent", "tolerance": "1e-2"}]
    paper = study({"of": "lyu2024/fig3", "dynamics": parts}).papers["lyu2024"]
    assert [paper.experiments[f"sweep_{i}"].runs[0].dynamics.name for i in (1, 2)] == [one["name"] for one in parts]
    assert paper.figures["sweep"].labels["sweep_1"] == "dynamics = gradient_descent"


@pytest.mark.parametrize(
    ("section", "name"), [("experiments", "sweep_3"), ("analyses", "sweep_1"), ("figures", "sweep")]
)
def test_a_name_that_a_sweep_takes_is_refused_in_its_paper(section, name):
    sections = {"experiments": {"net": {}}, "analyses": {}, "figures": {}}
    sections[section] = {**sections[section], name: {}}
    content = PaperFile(**sections)
    with pytest.raises(ConfigError, match=f"{name!r}: this name is reserved for sweeps"):
        with_sweep(content, Sweep("mine", "net", {"steps": [1, 2]}), "sweep")


def test_nothing_else_is_trained_again():
    with_sweep, without = study(SWEEP), study(None)
    assert with_sweep.default_runs.keys() == without.default_runs.keys()
    assert with_sweep.runs.keys() > without.runs.keys()
    assert "lyu2024_sweep" not in without.figures


@pytest.mark.parametrize(("sweep", "words"), [
    ({"weight_decay": [1]}, "sweep.of"),
    ({"of": "fig3", "weight_decay": [1]}, "must be paper/experiment; chosen papers: lyu2024, gromov2023"),
    ({"of": "pku2024/mlp", "weight_decay": [1]},
     "of: 'pku2024/mlp': the paper pku2024 is not chosen; add --config 'papers=[lyu2024, gromov2023, pku2024]'"),
    ({"of": "pku2042/mlp", "weight_decay": [1]},
     "of: 'pku2042/mlp': no such paper; allowed: gromov2023, lyu2024, pku2024; near: pku2024"),
    ({"of": "lyu2024/fig33", "weight_decay": [1]}, "no such experiment; allowed: fig1a"),
    ({"of": "lyu2024/fig33", "weight_decay": [1]}, "; near: fig3"),
    ({"of": "lyu2024/fig3", "weight_decay": [1], "seeds": [1, 2]}, "sweep.seeds: [1, 2]: give the seeds beside"),
    ({"of": "lyu2024/fig3", "weight_decay": [1], "like": "fig1a"}, "sweep.like: 'fig1a': give the experiment as `of`"),
    ({"of": "lyu2024/fig3", "weight_decay": [1], "abstract": True}, "abstract: True: is no setting of a run; remove"),
    ({"of": "lyu2024/fig3", "open_ended": [True, False]}, "sweep.open_ended: [True, False]: is no setting of a run"),
    ({"of": "lyu2024/fig2a_prefixes", "weight_decay": [1, 2]},
     "sweep.of: 'lyu2024/fig2a_prefixes': has several values of steps; give the sweep one or several of its own"),
    ({"of": "lyu2024/fig3", "weight_decay": 1}, "needs a list of values"),
    ({"of": "lyu2024/fig3", "weight_decay": []}, "at least one value"),
    ({"of": "lyu2024/fig2a", "model.width": [8, 9]},
     "sweep.model.width: [8, 9]: no setting; one of a part is written model: {width: …}"),
    ({"of": "lyu2024/fig2a", "model": {5: [8, 9]}}, "sweep.model.5: [8, 9]: no setting"),
    ({"of": "lyu2024/fig3", "weight_dcay": [1]}, "sweep_1.weight_dcay: 1: unknown key"),
    ({"of": "lyu2024/fig3", "weight_decay": ["-1"]}, "sweep_1.weight_decay: -1: must be"),
    ({"of": "lyu2024/fig3", "weight_decay": ["[2", "1"]}, "--config sweep: '[2': not valid YAML"),
])  # fmt: skip
def test_what_is_no_sweep_is_refused_in_one_line(sweep, words):
    with pytest.raises(ConfigError) as error:
        study(sweep)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_what_the_base_varies_may_be_swept_or_given_one_value():
    changes = {"of": "lyu2024/fig2a_prefixes", "weight_decay": ["1", "2"]}
    for steps, number in (("100", 2), (["100", "200"], 4)):
        assert f"sweep_{number}" in study({**changes, "steps": steps}).papers["lyu2024"].experiments


def test_text_in_brackets_is_read_as_in_a_file():
    given = {"a": ["1e-4", "010", "true", "n + m"], "b": {"c": "null"}, "d": 3}
    assert typed(given, "here") == {"a": [1e-4, 10, True, "n + m"], "b": {"c": None}, "d": 3}
