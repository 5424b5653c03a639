"""The workflow as its users meet it: built from a clean copy, changed, killed, fed with nonsense."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import psutil
import pytest
import yaml

from grokking.specs.yaml import overlay, read_yaml
from grokking.study import load_study
from tests.workflow.conftest import ROOT, command, environment, snakemake

pytestmark = pytest.mark.workflow
PAPER = "config/papers/lyu2024.yaml"
FIGURES = [
    "figure_1a", "figure_1b", "figure_2a", "figure_2b", "figure_2c", "figure_3", "figure_4", "delay_law",
    "work_precision", "flow_and_descent", "sharp_classification", "deep_diagonal_net", "sharp_regression", "lemmas",
    "kkt", "label_noise", "generalisation",
    *(f"gromov2023_figure_{number}" for number in range(1, 11)),
    "gromov2023_critical_fraction", "gromov2023_closed_form_start", "gromov2023_ipr_and_accuracy",
    "gromov2023_sensitivity", "gromov2023_other_training",
]  # fmt: skip
PAPERS = ["lyu2024", "gromov2023"]
NUMBERED = ["1a", "1b", "2a", "2b", "2c", "3", "4"]
# One figure of every kind of run, and of most kinds of tables.
REBUILT = [
    "figure_1a", "figure_2b", "figure_3", "figure_4", "lemmas", "sharp_regression", "label_noise", "generalisation",
    "gromov2023_figure_1", "gromov2023_figure_2", "gromov2023_figure_3", "gromov2023_figure_5",
    "gromov2023_other_training",
]  # fmt: skip
TARGETS = [
    "all", *PAPERS, *FIGURES, *(f"lyu2024_figure_{number}" for number in NUMBERED),
    "figure_4_long", "theorems", "runs", "figures", "claims", "report",
    "smoke", "benchmark", "publish", "compare",
]  # fmt: skip


def edit(folder, file, old, new):
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def jobs(done):
    """The job counts that a dry run announces."""
    assert done.returncode == 0, done.stderr
    table = (done.stdout + done.stderr).split("Job stats:")[-1]
    return {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", table, re.MULTILINE)}


def fingerprints(folder, pattern):
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in sorted(folder.glob(pattern))}


def test_lint_is_clean(copy):
    done = snakemake(copy, "--lint")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "good condition" in done.stdout + done.stderr


def test_every_target_is_documented_and_resolves(copy):
    listed = snakemake(copy, "--list-rules").stdout
    for target in TARGETS:
        assert re.search(rf"^{target} \(.+\)$", listed, re.MULTILINE), f"{target} has no docstring"
    assert jobs(snakemake(copy, "-n", *TARGETS))["train"] > 30


def test_figure_1a_alone_trains_only_its_own_runs(copy):
    counts = jobs(snakemake(copy, "-n", "figure_1a"))
    assert (counts["train"], counts["solve_references"], counts["draw_figure"]) == (5, 5, 1)


def test_runs_that_theory_says_nothing_of_are_compared_with_nothing(copy):
    counts = jobs(snakemake(copy, "-n", "gromov2023_figure_1"))
    assert counts == {"train": 2, "collect_figure_data": 1, "draw_figure": 1, "gromov2023_figure_1": 1, "total": 5}


def test_smoke_builds_everything(smoke):
    out = smoke / "results/smoke"
    for name in FIGURES:
        for suffix in ("svg", "png", "csv"):
            assert (out / f"figures/{name}.{suffix}").stat().st_size > 1000
    claims = json.loads((out / "claims.json").read_text())
    assert len(claims) > 40
    for claim in claims:
        assert {"id", "source", "statement", "paper", "ours", "rule", "verdict"} <= claim.keys()
        assert claim["verdict"] == "not run"  # away from the papers' sizes their values do not apply
        assert claim["ours"] is not None
    provenance = json.loads((out / "provenance.json").read_text())
    assert provenance["totals"]["runs"] == len(provenance["runs"]) == len(list((smoke / "results/runs").iterdir()))
    for name in ("claims", "runtime", "flow_and_descent", "integrator_error", "sample_sizes", "ipr_values"):
        assert "|" in (out / f"{name}.md").read_text()


def test_logs_follow_each_run(smoke):
    log = next((smoke / "results/logs/train").glob("*gradient_flow*.log")).read_text()
    assert re.search(r"step 1 .*train_loss [\d.e-]+ .*parameter_norm .* \d+%, .* left", log)
    assert "done: " in log


def test_second_call_does_nothing(smoke):
    assert "Nothing to be done" in (done := snakemake(smoke, "--cores", "2", "smoke")).stdout + done.stderr


def test_one_number_changed_reruns_only_what_depends_on_it(built):
    edit(built, "config/presets/smoke.yaml", "gamma: 5", "gamma: 6")
    counts = jobs(snakemake(built, "-n", "smoke"))
    assert counts["train"] == counts["align"] == 4  # two seeds each of fig1b and fig1b_weaker_decay
    assert counts["solve_references"] == 2
    assert counts["draw_figure"] == counts["collect_figure_data"] == 2  # figure_1b and kkt


def test_device_and_more_seeds_keep_what_is_there(built):
    assert not jobs(snakemake(built, "-n", "smoke", "--config", "device=cpu"))
    counts = jobs(snakemake(built, "-n", "results/smoke/figures/figure_1a.svg", "--config", "seeds=3"))
    assert counts["train"] == 1


def test_editing_a_figure_module_redraws_and_retrains_nothing(built):
    edit(built, "src/grokking/figures/diagonal_net.py", "Three stacked panels", "Three panels")
    counts = jobs(snakemake(built, "-n", "smoke"))
    assert "train" not in counts
    assert counts["draw_figure"] == 2  # figures 1a and 1b


def test_rebuilding_gives_the_same_bytes(smoke, copy):
    figures = [f"results/smoke/figures/{name}.svg" for name in REBUILT]
    assert snakemake(copy, "--cores", "2", *figures).returncode == 0
    for pattern in ("results/smoke/figures/*", "results/theorems/*/table.csv", "results/runs/*/trajectory.csv"):
        ours, theirs = fingerprints(copy, pattern), fingerprints(smoke, pattern)
        assert ours.items() <= theirs.items()
        assert ours


def test_killed_run_resumes_with_the_same_bytes(copy):
    """kill -9 of the whole process group while a run trains; the next call goes on from the checkpoint."""
    edit(copy, "config/presets/smoke.yaml", "fig3_prefix_descent: {steps: 2e4}", "fig3_prefix_descent: {steps: 4e5}")
    spec = load_study(copy, ["lyu2024"], "smoke", None).experiments["fig3_prefix_descent"][0]
    target, checkpoint = f"results/runs/{spec.id}/run.json", copy / f"results/checkpoints/{spec.id}.safetensors"
    call = command("--cores", "1", target)
    killed = subprocess.Popen(
        call, cwd=copy, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while not checkpoint.exists():
        assert killed.poll() is None, "finished before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.1)
    for process in [*psutil.Process(killed.pid).children(recursive=True), killed]:
        process.kill()
    killed.wait()
    assert not (copy / target).exists()
    assert snakemake(copy, "--unlock", target).returncode == 0
    done = snakemake(copy, "--cores", "1", target)
    assert done.returncode == 0, done.stderr
    assert "resumed from" in (copy / f"results/logs/train/{spec.id}.log").read_text()
    assert not checkpoint.exists()
    resumed = fingerprints(copy, "results/runs/*/*.[cs]*")
    assert snakemake(copy, "--cores", "1", "--forcerun", "train", "--", target).returncode == 0
    assert fingerprints(copy, "results/runs/*/*.[cs]*") == resumed


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (PAPER, "n: 256", "n: -3", "experiments.fig1a.task.n: -3: must be an integer of at least 1"),
        (PAPER, "weight_decay: 1e-3", "weight_decya: 1e-3", "experiments.fig1a.weight_decya: 0.001: unknown key"),
        ("config/config.yaml", "device: auto", "device: tpu", "config/config.yaml: device: 'tpu': must be auto, cpu"),
        ("config/config.yaml", "seeds: null", "sedes: 3", "config/config.yaml: sedes: 3: unknown key; allowed: preset"),
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


def test_small_numbers_may_be_spelled_either_way(copy):
    before = load_study(copy, ["lyu2024"], "paper", None).runs
    edit(copy, PAPER, "weight_decay: 1e-4", "weight_decay: 0.0001")
    assert load_study(copy, ["lyu2024"], "paper", None).runs.keys() == before.keys()


def test_divergence_stops_the_run_and_says_why(copy):
    old = "fig3_prefix_descent: {"
    edit(copy, "config/presets/smoke.yaml", old, f"{old}learning_rate: 9, ")
    spec = load_study(copy, ["lyu2024"], "smoke", None).experiments["fig3_prefix_descent"][0]
    done = snakemake(copy, "--cores", "1", f"results/runs/{spec.id}/run.json")
    assert done.returncode != 0
    assert "error: gradient descent diverged before step" in done.stderr
    assert "at learning_rate 9" in done.stderr
    assert "Traceback" not in done.stderr.split("RuleException")[0]
    assert not (copy / f"results/runs/{spec.id}").exists() or not list((copy / f"results/runs/{spec.id}").iterdir())


def test_damaged_result_is_named(built):
    spec = load_study(built, ["lyu2024"], "smoke", None).experiments["fig3"][0]
    table = built / f"results/runs/{spec.id}/trajectory.csv"
    table.write_bytes(table.read_bytes()[:-50])
    done = snakemake(built, "--cores", "1", "results/smoke/figures/figure_3.csv")
    assert done.returncode != 0
    assert f"{spec.id}/trajectory.csv is not what the run wrote" in done.stderr


def test_claims_check_passes_where_nothing_is_judged(built):
    assert snakemake(built, "--cores", "1", "claims", "--config", "preset=smoke").returncode == 0


def test_claims_check_fails_when_a_claim_differs(built):
    """The smoke sizes passed off as the paper's own: the same runs and tables, now judged, and found to differ."""
    paper, smoke = read_yaml(built / PAPER), read_yaml(built / "config/presets/smoke.yaml")["lyu2024"]
    for section in ("experiments", "theorems"):
        paper[section] = {name: overlay(spec, smoke.get(name, {})) for name, spec in paper[section].items()}
    (built / PAPER).write_text(yaml.safe_dump(paper, sort_keys=False))
    done = snakemake(built, "--cores", "1", "claims", "--config", "papers=[lyu2024]")
    assert done.returncode != 0
    assert "claims: at least one differs" in done.stderr
    assert "**differs**" in done.stdout + done.stderr
    verdicts = {claim["verdict"] for claim in json.loads((built / "results/claims.json").read_text())}
    assert verdicts == {"reproduced", "differs"}


def test_report_is_one_page_with_captions(built):
    done = snakemake(built, "--cores", "2", "report", "--config", "preset=smoke")
    assert done.returncode == 0, done.stderr
    page = (built / "results/smoke/report.html").read_text()
    assert "lyu2024" in page
    assert "misgrokking of a diagonal net" in page
    assert "Deviations from the paper" in page


def test_no_path_of_one_machine_in_the_repository():
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    if not tracked:
        pytest.skip("not a git checkout")
    home = re.compile(rf"({re.escape(str(ROOT))}|{re.escape(str(Path.home()))})/")
    for name in tracked:
        if (ROOT / name).suffix in {".py", ".smk", ".md", ".yaml", ".yml", ".json", ".csv", ".svg", ".toml", ""}:
            assert not home.search((ROOT / name).read_text()), name
