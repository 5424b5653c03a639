"""From YAML to runs: presets, inheritance, names, and what bad input gets."""

import shutil
from pathlib import Path

import pytest

from grokking.runs import RunSpec
from grokking.specs.fields import ConfigError
from grokking.specs.yaml import check, overlay, read_yaml
from grokking.study import load_study

ROOT = Path(__file__).parents[2]
PAPER = "config/papers/lyu2024.yaml"


@pytest.fixture
def root(tmp_path):
    shutil.copytree(ROOT / "config", tmp_path / "config")
    shutil.copytree(ROOT / "workflow/schemas", tmp_path / "workflow/schemas")
    return tmp_path


def load(root, preset="paper", seeds=None, papers=("lyu2024",)):
    return load_study(root, list(papers), preset, seeds)


def edit(root, file, old, new):
    path = root / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_papers_settings():
    study = load(ROOT)
    spec = study.experiments["fig1a"][0].to_mapping()
    assert spec["task"] == {"name": "sparse_classification", "n": 256, "d": 100_000, "k": 3, "n_test": 10_000}
    assert (spec["weight_decay"], spec["learning_rate"], spec["steps"]) == (1e-3, 0.01, 2_000_000)
    spec = study.experiments["fig3"][0].to_mapping()
    assert spec["task"] == {"name": "multiplication_table", "d": 97, "observed": 0.05}
    assert (spec["weight_decay"], spec["learning_rate"], spec["steps"]) == (1e-4, 0.1, 10_000_000)
    assert all(len(study.experiments[name]) >= 5 for name in ("fig1a", "fig1b", "fig3"))


def test_a_run_is_its_own_description():
    for spec in load(ROOT).runs.values():
        assert RunSpec.from_mapping(spec.to_mapping(), "again") == spec


def test_names_follow_what_is_computed(root):
    before = load(root)
    edit(root, PAPER, "gamma: 25", "gamma: 24")
    after = load(root)
    assert [s.id for s in before.experiments["fig1a"]] == [s.id for s in after.experiments["fig1a"]]
    assert not {s.id for s in before.experiments["fig1b"]} & {s.id for s in after.experiments["fig1b"]}


def test_runs_on_the_same_data_share_their_references():
    study = load(ROOT)
    flow, descent = study.experiments["fig3_prefix"][0], study.experiments["fig3_prefix_descent"][0]
    assert flow.problem_id == descent.problem_id == study.experiments["fig3"][0].problem_id
    assert flow.id != descent.id


def test_seeds_can_be_overridden():
    counts = {name: len(specs) for name, specs in load(ROOT, seeds=2).experiments.items()}
    assert counts["fig1a"] == counts["fig3"] == 2
    assert counts["fig3_prefix_descent"] == 1  # a comparison of methods keeps its number
    assert counts["fig2b_x100"] == 2


def test_smoke_preset_changes_numbers_only():
    paper, smoke = load(ROOT), load(ROOT, preset="smoke")
    assert paper.experiments.keys() == smoke.experiments.keys()
    assert smoke.experiments["fig1a"][0].task.d < 1000
    assert type(smoke.experiments["fig1b"][0].task) is type(paper.experiments["fig1b"][0].task)


def test_a_build_leaves_out_what_is_on_demand():
    study = load(ROOT)
    assert "figure_4_long" in study.figures
    assert "figure_4_long" not in study.default_figures
    (long,) = study.experiments["fig4_long"]
    assert long.id in study.runs
    assert long.id not in study.default_runs


def test_every_claim_has_its_own_id():
    ids = [claim.id for claim in load(ROOT).claims]
    assert len(ids) == len(set(ids))


def test_overlay_replaces_a_component_of_another_name():
    old = {"task": {"name": "a", "x": 1}, "steps": 1}
    assert overlay(old, {"task": {"x": 2}}) == {"task": {"name": "a", "x": 2}, "steps": 1}
    assert overlay(old, {"task": {"name": "b", "y": 2}}) == {"task": {"name": "b", "y": 2}, "steps": 1}


@pytest.mark.parametrize("text", ["1e-4", "1.0e-4", "0.0001", "1E-4", ".0001"])
def test_small_numbers_may_be_spelled_either_way(tmp_path, text):
    file = tmp_path / "x.yaml"
    file.write_text(f"rate: {text}\n")
    assert read_yaml(file)["rate"] == pytest.approx(1e-4)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (PAPER, "n: 256", "n: -3", f"{PAPER}: experiments.fig1a.task.n: -3: must be an integer of at least 1"),
        (PAPER, "k: 3", "k: 4", "k must be odd"),
        (PAPER, "n: 256", "m: 256", f"{PAPER}: experiments.fig1a.task.m: 256: unknown key; allowed: n, d, k, n_test"),
        (PAPER, "steps: 2e6", "steps: -5", f"{PAPER}: experiments.fig1a.steps: -5: must be an integer of at least 1"),
        (PAPER, "steps: 2e6", "stops: 2e6", f"{PAPER}: experiments.fig1a.stops: 2000000.0: unknown key"),
        (PAPER, "observed: 0.05", "observed: 1.5", "task.observed: 1.5: must be a number above 0 and at most 1"),
        (PAPER, "name: gradient_flow", "name: gradient_flew", "'gradient_flew': unknown; allowed: gradient_flow, "),
        (PAPER, "name: factorization", "name: diagonal_net", "model.init_scale: 10: unknown key; allowed: init_norm"),
        (PAPER, "{name: factorization, init_scale: 10}", "{name: diagonal_net, init_norm: 1}",
         "task multiplication_table with model: 'diagonal_net': does not fit; allowed: factorization"),
        (PAPER, "zero_last_layer: true", "zero_last_layer: 1", "model.zero_last_layer: 1: must be of type bool"),
        (PAPER, "width: 1024", "width: 1024, loss: hinge", "'hinge': must be one of: cross_entropy, squared"),
        (PAPER, "stage_factor: 1.5", "stage_factor: 0.5", "stage_factor: 0.5: must be a number of at least 1"),
        (PAPER, "dynamics: {name: gradient_flow, tolerance: 1e-3}", "dynamics: {name: log_loss_flow}",
         "model diagonal_net with dynamics: 'log_loss_flow': does not fit; allowed: gradient_flow"),
        (PAPER, "like: fig1a", "like: fig9", f"{PAPER}: experiments.fig1b.like: 'fig9': must be another experiment"),
        (PAPER, "seeds: 5", "seeds: 0", f"{PAPER}: experiments.fig1a.seeds: 0: must be an integer of at least 1"),
        (PAPER, "kind: diagonal_net", "kind: bar", "figures.figure_1a.kind: 'bar': unknown; allowed: diagonal_net"),
        (PAPER, "experiments: [fig1a]", "experiments: [fig7]", "figures.figure_1a.experiments: 'fig7': no such"),
        (PAPER, "weight_decay: 1e-3", "weight_decay: [", "not valid YAML"),
        ("config/claims/lyu2024.yaml", "rule: {name: within_factor", "rule: {name: close", "rule.name: 'close'"),
        ("config/claims/lyu2024.yaml", "factor: 1.02", "facter: 1.02", "rule.facter: 1.02: unknown key"),
        ("config/claims/lyu2024.yaml", "name: value_at", "name: value", "measure.name: 'value': unknown; allowed:"),
        ("config/claims/lyu2024.yaml", "experiment: fig1a", "experiment: fig8", "'fig8': no such experiment"),
        ("config/claims/lyu2024.yaml", "direction: down", "direction: sideways", "must be up or down"),
        ("config/presets/smoke.yaml", "fig1a:", "fig99:", "config/presets/smoke.yaml: fig99"),
        ("config/presets/smoke.yaml", "n: 48", "n: -3", f"{PAPER} with preset smoke: experiments.fig1a.task.n: -3"),
        ("config/presets/smoke.yaml", "seeds: 2", "seeds: two", "fig1a.seeds: 'two': must be an integer of at least 1"),
        ("config/presets/smoke.yaml", "lyu2024:", "lyu2024: 5\nx:", "smoke.yaml: lyu2024: 5: must be a mapping"),
        (PAPER, "    seeds: 5", "    seed: 7", "experiments.fig1a.seed: 7: unknown key; seeds is the number of runs"),
        (PAPER, "fig2a: fig2a_tight", "fig2a: fig9", "tolerance_checks.fig2a: 'fig9': no such experiment"),
        (PAPER, "kappa: 3,", "kapa: 3,", "theorems.label_noise.kapa: 3: unknown key; allowed: n, d, kappa"),
        (PAPER, "name: recovery", "name: rescue", "theorems.recovery.name: 'rescue': unknown; allowed: classification"),
        (PAPER, "ranks: [1, 2, 3, 4]", "ranks: [1, x]", "theorems.recovery.ranks[1]: 'x': must be an integer of at"),
        (PAPER, "  label_noise: {name", "  label_noise: {seed: 7, name", "theorems.label_noise.seed: 7: unknown key"),
        (PAPER, "flow: fig1a_reduced,", "flow: fig9,", "comparisons.fig1a_reduced.flow: 'fig9': no such experiment"),
        (PAPER, "experiments:", "experiments:\0", "not valid YAML"),
        ("config/claims/lyu2024.yaml", "fig1a.initial_loss", "fig1a.initial_norm", "must be different for every claim"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_one_line(root, file, old, new, message):
    edit(root, file, old, new)
    with pytest.raises(ConfigError) as error:
        load(root, preset="smoke" if "presets" in file else "paper")
    assert message in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_unknown_paper_and_preset_are_named():
    with pytest.raises(ConfigError, match=r"papers: 'power2022': unknown paper; allowed: .*lyu2024"):
        load(ROOT, papers=["power2022"])
    with pytest.raises(ConfigError, match="preset: 'tiny': unknown preset; allowed: paper, smoke"):
        load(ROOT, preset="tiny")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 3}, "config.yaml: seed: 3: unknown key; allowed: preset, papers, seeds, device"),
        ({"seeds": 0}, "config.yaml: seeds: 0: must be an integer of at least 1, or null"),
        ({"seeds": "many"}, "config.yaml: seeds: 'many': must be an integer of at least 1, or null"),
        ({"device": "tpu"}, "config.yaml: device: 'tpu': must be auto, cpu or cuda"),
        ({"papers": "lyu2024"}, "config.yaml: papers: 'lyu2024': must be a list"),
    ],
)
def test_bad_config_yaml_is_refused_in_one_line(change, message):
    config = {**read_yaml(ROOT / "config/config.yaml"), **change}
    with pytest.raises(ConfigError) as error:
        check(config, ROOT / "workflow/schemas/config.schema.yaml", "config.yaml")
    assert message in str(error.value)
