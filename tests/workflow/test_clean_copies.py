"""The workflow in a clean copy: its targets, dry runs, kills, nonsense, other folders, other workflows."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from grokking.files import write_json
from grokking.report.published import write_manifest
from grokking.study.load import load_study, stems
from tests.unit.small_runs import QUICK
from tests.workflow.conftest import (
    ROOT,
    SMOKE,
    command,
    edit,
    environment,
    fingerprints,
    jobs,
    long_run,
    run_of,
    snakemake,
)

pytestmark = pytest.mark.workflow
STUDY = load_study(ROOT, stems(ROOT, "papers"), "smoke", None)


def test_lint_asks_only_for_environments_of_rules(copy):
    """Which rules do not have: they run in the environment that Snakemake is called from."""
    done = snakemake(copy, "--lint")
    asked = re.findall(r"^    \* (.+)", done.stdout + done.stderr, re.MULTILINE)
    assert set(asked) == {"Specify a conda environment or container for each rule.:"}


def test_every_target_is_documented_by_its_title_and_resolves(copy):
    listed = snakemake(copy, "--list-rules").stdout
    targets = {**{figure.target: figure.title for figure in STUDY.figures.values()},
               **{paper.name: paper.title for paper in STUDY.papers.values()}}  # fmt: skip
    for target, title in targets.items():
        assert f"\n{target} ({title})\n" in f"\n{listed}\n", target
    for target in ("all", "runs", "figures", "smoke", "claims", "compare", "check"):
        assert re.search(rf"^{target} \(.+\)$", listed, re.MULTILINE), f"{target} has no docstring"
    assert jobs(snakemake(copy, "-n", "all", *targets))["train"] > 30


def test_a_dry_run_fits_a_screen(copy):
    done = snakemake(copy, "-n", "all")
    lines = (done.stdout + done.stderr).splitlines()
    assert done.returncode == 0
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 110


def test_figure_1a_alone_trains_only_its_own_runs(copy):
    counts = jobs(snakemake(copy, "-n", "lyu2024_figure_1a"))
    assert (counts["train"], counts["solve_references"], counts["draw_figure"]) == (5, 5, 1)


def test_runs_that_theory_says_nothing_of_are_compared_with_nothing(copy):
    counts = jobs(snakemake(copy, "-n", "gromov2023_figure_1"))
    seeds = len(load_study(copy, ["gromov2023"], "paper", None).papers["gromov2023"].experiments["gromov_fig1"].seeds)
    assert counts == {"train": seeds, "draw_figure": 1, "gromov2023_figure_1": 1}


def test_a_target_of_a_paper_that_is_not_chosen_is_refused(copy):
    for target in ("gromov2023", "gromov2023_figure_1"):
        done = snakemake(copy, "--cores", "1", target, "--config", "papers=[lyu2024]")
        assert done.returncode != 0
        assert done.stderr.splitlines()[-1].startswith(f"error: {target}: the paper gromov2023 is not chosen")


def test_a_file_that_no_paper_needs_is_refused_in_one_line(copy):
    no_theory = next(spec for spec in STUDY.runs.values() if not spec.model.has_theory)
    kinds = {"runs/nope/run.json": "run", "analyses/nope/run.json": "analysis", "sweeps/nope.json": "sweep",
             f"alignments/{no_theory.id}/run.json": "problem with a theory",
             "smoke/figures/lyu2024/slow_part.svg": "figure", "smoke/tables/lyu2024/figure_1a.md": "table"}  # fmt: skip
    for file, kind in kinds.items():
        done = snakemake(copy, "--cores", "1", f"results/{file}")
        assert done.returncode != 0
        (line,) = [line for line in done.stderr.splitlines() if not line.startswith("Using workflow specific profile")]
        assert re.match(rf"error: \S+: the chosen papers have no such {kind}(; near: .+)?$", line)


def test_rules_of_ones_own_may_write_beside_the_papers_figures(copy):
    mine = 'rule mine:\n    output:\n        "results/figures/extra/{name}.svg",\n'
    edit(copy, "Snakefile", "rule all:", f"{mine}\n\nrule all:")
    assert jobs(snakemake(copy, "-n", "results/figures/extra/plot.svg")) == {"mine": 1}


def test_a_preset_without_a_chosen_paper_stops_no_other_target(copy):
    shutil.copyfile(copy / "config/papers/gromov2023.yaml", copy / "config/papers/mine.yaml")
    own = ("--config", "papers=[lyu2024,mine]")
    (copy / "results/checkpoints").mkdir(parents=True)
    (copy / "results/checkpoints/of-another-paper.log").touch()
    assert jobs(snakemake(copy, "-n", "all", *own))
    assert snakemake(copy, "--cores", "1", "accept", *own).returncode == 0  # which looks at the checkpoints
    done = snakemake(copy, "-n", "smoke", *own)
    assert done.returncode != 0
    assert f"{SMOKE}: mine.gromov_fig1: missing; give smaller settings" in done.stdout
    done = snakemake(copy, "-n", "results/runs/none/run.json", *own)
    assert "error: none: the chosen papers have no such run" in done.stdout


TWO_FIGURES = f"""{QUICK}
  slow: {{like: quick, seeds: [3]}}
figures:
  one: {{kind: modular_addition, experiments: [quick], title: One, caption: One.}}
  two: {{kind: modular_addition, experiments: [slow], title: Two, caption: Two.}}
"""
TWO_CLAIMS = """
from grokking.claims import AtLeast, Claims, experiment

claims = Claims()
for name in ("quick", "slow"):
    claims.paper(name, "Figure 1", "It ends.", experiment(name).final("step"), AtLeast(1, paper=2))
"""


def test_a_build_with_hours_has_what_fits_and_says_what_it_left_out(copy):
    (copy / "config/papers/mine.yaml").write_text(TWO_FIGURES, encoding="utf-8")
    (copy / "config/claims/mine.py").write_text(TWO_CLAIMS, encoding="utf-8")
    quick, slow = load_study(copy, ["mine"], "paper", None).runs
    times = {f"train:{quick}": 5, f"train:{slow}": 600}
    published = copy / "results/published"
    for name, values in {"runtimes.json": times, "memory.json": {}}.items():
        write_json(published / name, values)
    write_manifest(published, {}, ["runtimes.json", "memory.json"])
    done = snakemake(copy, "--cores", "1", "results/claims.json", "figures", "--config", "papers=mine", "hours=0.01")
    assert done.returncode == 0, done.stderr
    assert (
        "hours=0.01: 1 figure, about 5 s on 1 core for what was not there; left out: mine_two (10 min)" in done.stderr
    )
    assert [file.name for file in (copy / "results/figures/mine").glob("*.svg")] == ["one.svg"]
    judged = json.loads((copy / "results/claims.json").read_text(encoding="utf-8"))
    assert [claim["verdict"] for claim in judged] == ["reproduced", "not built"]
    done = snakemake(copy, "--cores", "1", "figures", "--config", "papers=mine", "hours=0", "-n")
    assert "hours=0: 1 figure, about 0 s on 1 core" in done.stdout  # what is there takes none


def test_killed_run_resumes_with_the_same_bytes(copy):
    """kill -9 of the whole process group while a run trains; the next call goes on from the checkpoint."""
    run, target, checkpoint = long_run(copy)
    killed = subprocess.Popen(
        command("--cores", "1", target), cwd=copy, env=environment(PYTHONPATH=str(copy / "src")),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not checkpoint.exists():
        assert killed.poll() is None, "finished before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.1)
    for process in [*psutil.Process(killed.pid).children(recursive=True), killed]:
        process.kill()
    killed.wait()
    assert not (copy / target).exists()
    history = checkpoint.with_suffix(".log")
    said = history.read_text(encoding="utf-8")
    assert said
    assert snakemake(copy, "--unlock", target).returncode == 0
    done = snakemake(copy, "--cores", "1", target)
    assert done.returncode == 0, done.stderr
    log = (copy / f"results/logs/train/{run}.log").read_text(encoding="utf-8")
    before, resumed, _ = log.partition("resumed from")
    assert before.startswith(said)
    assert resumed
    assert not checkpoint.exists()
    assert not history.exists()
    resumed = fingerprints(copy, "results/runs/*/*.[cs]*")
    assert snakemake(copy, "--cores", "1", "--forcerun", "train", "--", target).returncode == 0
    assert fingerprints(copy, "results/runs/*/*.[cs]*") == resumed


TINY = """
title: Mine
experiments:
  base:
    task: {name: modular_addition, p: 7, observed: 0.5}
    model: {name: two_layer_net, width: 8}
    dynamics: {name: gradient_descent}
    learning_rate: 0.1
    steps: 20
"""
TINY_CLAIMS = """
from grokking.claims import AtLeast, Claims, experiment

claims = Claims()
claims.paper("end", "§ 1", "It is memorised.", experiment("base").final("train_accuracy"), AtLeast(0))
"""


def test_editing_a_claim_judges_again_and_trains_nothing(copy):
    for file, text in (("config/papers/mine.yaml", TINY), ("config/claims/mine.py", TINY_CLAIMS)):
        (copy / file).write_text(text, encoding="utf-8")
    call = ("results/claims.json", "--config", "papers=[mine]")
    done = snakemake(copy, "--cores", "1", *call)
    assert done.returncode == 0, done.stderr
    (judged,) = json.loads((copy / "results/claims.json").read_text(encoding="utf-8"))
    assert (judged["id"], judged["verdict"]) == ("mine.end", "reproduced")
    (copy / "config/claims/mine.py").touch()
    assert not jobs(snakemake(copy, "-n", *call))
    edit(copy, "config/claims/mine.py", "AtLeast(0)", "AtLeast(2)")
    assert jobs(snakemake(copy, "-n", *call)) == {"judge_claims": 1}
    assert snakemake(copy, "--cores", "1", *call).returncode == 0
    (judged,) = json.loads((copy / "results/claims.json").read_text(encoding="utf-8"))
    assert judged["verdict"] == "differs"
    assert not jobs(snakemake(copy, "-n", *call))


def test_divergence_stops_the_run_and_says_why(copy):
    old = "fig3_prefix_descent: {"
    edit(copy, SMOKE, old, f"{old}learning_rate: 9, ")
    spec = run_of(copy, "fig3_prefix_descent")
    done = snakemake(copy, "--cores", "1", f"results/runs/{spec.id}/run.json")
    assert done.returncode != 0
    assert "error: gradient_descent diverged before step" in done.stderr
    assert "at learning_rate 9" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (copy / f"results/runs/{spec.id}").exists() or not list((copy / f"results/runs/{spec.id}").iterdir())


def test_the_workflow_is_used_from_another_folder(copy, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    target = "results/smoke/figures/lyu2024/figure_3.svg"
    done = snakemake(elsewhere, "-s", str(copy / "Snakefile"), "--directory", str(elsewhere), "--cores", "2", target,
                     PYTHONPATH=str(copy / "src"))  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (elsewhere / target).exists()
    assert not (copy / "results").exists()


@pytest.mark.parametrize("place", ["another clone", "site-packages"])
def test_code_of_another_place_is_refused_in_one_line(copy, tmp_path, place):
    """Two clones share an environment, or `pip install .` has left a copy in it."""
    installed = ROOT / "src"
    if place == "site-packages":
        installed = Path(shutil.copytree(ROOT / "src", tmp_path / place))
    edit(copy, "src/grokking/tasks/task.py", '"""', '"""An edit. ')
    done = snakemake(copy, "-n", "runs", PYTHONPATH=str(installed))
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1] == (
        f"grokking is imported from {installed}/grokking, not from this checkout: "
        f"run pip install -e '{copy}', or set PYTHONPATH='{copy}/src'"
    )
    assert "Traceback" not in done.stderr
    assert not (copy / "results").exists()


def test_the_workflow_is_a_module_of_another_one(copy, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "Snakefile").write_text(
        f'module grok:\n    snakefile: "{copy}/Snakefile"\n    config: config\n\nuse rule * from grok as grok_*\n\n'
        'rule first:\n    default_target: True\n    input: "results/smoke/figures/lyu2024/figure_3.svg"\n',
        encoding="utf-8",
    )
    done = snakemake(other, "--cores", "2", PYTHONPATH=str(copy / "src"))
    assert done.returncode == 0, done.stderr
    assert (other / "results/smoke/figures/lyu2024/figure_3.svg").exists()


def test_a_home_that_may_not_be_written_does_no_harm(copy):
    """As `make` calls Snakemake: its cache goes elsewhere."""
    done = snakemake(copy, "-n", "lyu2024_figure_3", HOME="/dev/null", XDG_CACHE_HOME=str(copy / ".snakemake/cache"))
    assert done.returncode == 0, done.stderr


def test_no_path_of_one_machine_in_the_repository():
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    if not tracked:
        pytest.skip("not a git checkout")
    home = re.compile(rf"({re.escape(str(ROOT))}|{re.escape(str(Path.home()))})/")
    for name in tracked:
        if (ROOT / name).suffix in {".py", ".smk", ".md", ".yaml", ".yml", ".json", ".csv", ".svg", ".toml", ""}:
            assert not home.search((ROOT / name).read_text(encoding="utf-8")), name


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("config/papers/lyu2024.yaml", "n: 256", "n: -3", "experiments.fig1a.task.n: -3: must be an integer"),
        ("config/papers/lyu2024.yaml", "weight_decay: 1e-3", "lr: 1e-3", "experiments.fig1a.lr: 0.001: unknown key"),
        ("config/config.yaml", "device: cpu", "device: tpu", "config.yaml: device: 'tpu': must be one of: auto"),
        ("config/config.yaml", "seeds: null", "sedes: 3", "config.yaml: sedes: 3: unknown key; allowed: preset"),
    ],
)  # fmt: skip
def test_bad_config_is_refused_before_anything_runs(copy, file, old, new, message):
    edit(copy, file, old, new)
    done = snakemake(copy, "--cores", "1", "smoke")
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("Using workflow specific profile")]
    assert message in said[0]
    assert len(said) <= 2
    assert not (copy / "results").exists()


CONTINUED = """
experiments:
  short:
    task: {name: modular_addition, p: 7, observed: 34/49}
    model: {name: quadratic_net, width: 12}
    dynamics: {name: adamw}
    learning_rate: 0.01
    steps: 200
  longer: {like: short, steps: 300, continues: 200}
  longest: {like: short, steps: 400, continues: 200}
"""


def test_an_experiment_continues_another(copy):
    """One call trains both, the shorter first; another call goes on from the state that was kept."""
    (copy / "config/papers/mine.yaml").write_text(CONTINUED, encoding="utf-8")
    settings = ["papers=[mine]", "keep_states=true"]
    experiments = load_study(copy, ["mine"], "paper", None).papers["mine"].experiments
    for name in ("longer", "longest"):
        run = experiments[name].runs[0]
        assert run.task.train_samples == 34
        sealed = f"results/runs/{run.id}/run.json"
        done = snakemake(copy, "--cores", "1", sealed, "--config", *settings)
        assert done.returncode == 0, done.stderr
        about = json.loads((copy / sealed).read_text(encoding="utf-8"))
        assert experiments["short"].runs[0].id in about["continued_from"]
        assert (copy / f"results/states/{run.id}.safetensors").exists()
        assert not list((copy / "results/checkpoints").glob("*.safetensors"))


def test_make_help_lists_the_commands_and_the_targets_with_their_titles(copy):
    env = environment(PYTHONPATH=str(copy / "src"))
    done = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=copy, env=env, capture_output=True, text=True, check=True
    )
    lines = [re.split(r" {2,}", line.strip(), maxsplit=1) for line in done.stdout.splitlines()]
    said = {name: text for name, *texts in lines for text in texts}
    assert said["report"].startswith("every figure, table and claim")
    assert said["smoke"].startswith("The whole workflow on tiny problems")
    assert {figure.target: figure.title for figure in STUDY.figures.values()}.items() <= said.items()
    assert {paper.name: paper.title for paper in STUDY.papers.values()}.items() <= said.items()
    assert "draw_figure" not in said
    assert done.stdout.endswith("--config preset=smoke -- gromov2023_figure_1\n")
