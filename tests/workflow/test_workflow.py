"""A finished build: what is in it, what a second call, a change or a copy does to it."""

import json
import shutil

import pytest

from grokking import arithmetic
from grokking.logs import last_report
from grokking.study.load import load_study, stems
from tests.portable.__main__ import SMOKE_FILE, sealed
from tests.workflow.conftest import (
    COLD,
    ROOT,
    SMOKE,
    edit,
    fingerprints,
    jobs,
    run_of,
    snakemake,
)

pytestmark = pytest.mark.workflow
PAPERS = stems(ROOT, "papers")
STUDY = load_study(ROOT, PAPERS, "smoke", None)
# One figure of every kind of run, and of most kinds of tables.
REBUILT = [
    *("lyu2024/figure_1a", "lyu2024/figure_2b", "lyu2024/figure_3", "lyu2024/figure_4", "lyu2024/lemmas"),
    *("lyu2024/sharp_regression", "lyu2024/label_noise", "lyu2024/generalisation", "gromov2023/figure_1"),
    *("gromov2023/figure_2", "gromov2023/figure_3", "gromov2023/figure_5", "gromov2023/other_training"),
]  # fmt: skip


def test_smoke_builds_everything(smoke):
    out = smoke / "results/smoke"
    for figure in STUDY.default_figures.values():
        for suffix in ("svg", "png", "pdf", "csv"):
            assert (out / f"figures/{figure.paper}/{figure.name}.{suffix}").stat().st_size > 150
    claims = json.loads((out / "claims.json").read_text(encoding="utf-8"))
    assert {claim["id"].partition(".")[0] for claim in claims} == set(PAPERS)
    judged = {claim.id for paper in STUDY.papers.values() for claim in paper.judged}
    for claim in claims:
        assert {"id", "source", "statement", "paper", "ours", "rule", "verdict"} <= claim.keys()
        # Away from the papers' sizes their values do not apply; the others are about figures on demand.
        assert claim["verdict"] == ("not run" if claim["id"] in judged else "not built")
    provenance = json.loads((out / "provenance.json").read_text(encoding="utf-8"))
    assert provenance["totals"]["runs"] == len(provenance["runs"]) == len(list((smoke / "results/runs").iterdir()))
    assert len({run["run"] for run in provenance["runs"]}) == len(provenance["runs"])
    tables = [f"{name}.md" for name in ("claims", "runtime", "flow_and_descent", "integrator_error")]
    for name in (*tables, "tables/lyu2024/generalisation.md", "tables/gromov2023/figure_5.md"):
        assert "|" in (out / name).read_text(encoding="utf-8")
    assert not list((smoke / "results/checkpoints").glob("*.safetensors"))


def test_every_net_of_a_sweep_is_sealed_and_says_why_it_ended(smoke):
    sweep = STUDY.papers["gromov2023"].experiments["gromov_fractions_gd"]
    assert sweep.is_sweep
    for run in sweep.runs:
        about = json.loads((smoke / f"results/runs/{run.id}/run.json").read_text(encoding="utf-8"))
        assert about["ended"] in ("level", "budget")
        assert about["evaluations"] > 0


def test_logs_follow_each_run(smoke):
    log = next((smoke / "results/logs/train").glob("*.log"))
    report = last_report(log)
    assert report.done == 1
    assert {"step", "train_loss", "parameter_norm"} <= report.row.keys()
    assert "done: " in log.read_text(encoding="utf-8")


@pytest.mark.skipif(arithmetic.kind() != "portable", reason=f"native arithmetic: {arithmetic.reason()}")
def test_every_result_has_the_bytes_that_it_has_everywhere(smoke):
    """`python -m tests.portable smoke <folder>` writes them anew, where a change of numbers is meant."""
    expected = json.loads(SMOKE_FILE.read_text(encoding="utf-8"))
    found = sealed(smoke / "results")
    assert set(found) == set(expected)
    assert [name for name in found if found[name] != expected[name]] == []


def training(counts):
    """The number of jobs that train one run or several."""
    return counts.get("train", 0) + counts.get("train_sweep", 0)


def test_second_call_does_nothing(built):
    done = snakemake(built, "--cores", "2", "smoke")
    assert done.returncode == 0
    assert not jobs(snakemake(built, "-n", "smoke"))


def test_touching_a_script_reruns_nothing(built):
    (built / "workflow/scripts/train.py").touch()
    (built / "src/grokking/rng.py").touch()
    assert not jobs(snakemake(built, "-n", "smoke"))


def test_one_number_changed_reruns_only_what_depends_on_it(built):
    edit(built, SMOKE, "gamma: 5", "gamma: 6")
    counts = jobs(snakemake(built, "-n", "smoke"))
    study = load_study(built, PAPERS, "smoke", None)
    wanted = {name: job for name, job in study.jobs.items() if study.default_runs.keys() & {run.id for run in job}}
    changed = [job for name, job in wanted.items() if name not in STUDY.jobs]
    assert training(counts) == len(changed) == 2  # fig1b, and its copies with other λ, which only claims need
    assert counts["align"] == sum(run.model.has_theory for job in changed for run in job)
    assert counts["solve_references"] == 2
    assert counts["draw_figure"] == 2  # figure_1b and kkt


def test_one_more_width_trains_one_more_width(built):
    before = set((built / "results/runs").iterdir())
    edit(built, SMOKE, "width: [20, 40]", "width: [20, 30, 40]")
    done = snakemake(built, "--cores", "2", "results/smoke/figures/gromov2023/sensitivity.svg")
    assert done.returncode == 0, done.stderr
    new = set((built / "results/runs").iterdir()) - before
    specs = [json.loads((run / "run.json").read_text(encoding="utf-8"))["spec"] for run in new]
    assert {spec["model"]["width"] for spec in specs} == {30}


def test_device_and_more_seeds_keep_what_is_there(built):
    assert not jobs(snakemake(built, "-n", "smoke", "--config", "device=cpu"))
    counts = jobs(snakemake(built, "-n", "results/smoke/figures/lyu2024/figure_1a.svg", "--config", "seeds=3"))
    assert training(counts) == 1


def test_editing_a_figure_redraws_and_retrains_nothing(built):
    edit(built, "src/grokking/figures/lyu2024.py", "train loss", "training loss")
    counts = jobs(snakemake(built, "-n", "smoke"))
    assert not training(counts)
    assert 1 <= counts["draw_figure"] <= 12  # those of the main paper


def test_adding_a_part_makes_nothing_again(built):
    """A task, an optimiser, a kind of figure, each with its declaration; and a log line in other words."""
    package = built / "src/grokking"
    addition = (package / "tasks/modular_addition.py").read_text(encoding="utf-8")
    parity = addition.replace("ModularAddition", "Parity").replace('"modular_addition"', '"parity"')
    (package / "tasks/parity.py").write_text(parity, encoding="utf-8")
    adamw = (package / "dynamics/adamw.py").read_text(encoding="utf-8")
    new = adamw.replace("AdamW", "New").replace('"adamw"', '"new"')
    (package / "own/new.py").write_text(new, encoding="utf-8")
    kind = '@FigureKind("mine", takes=("linear",))\ndef draw(data, marks):\n    return None\n'
    (built / "src/grokking/figures/mine.py").write_text(kind, encoding="utf-8")
    edit(built, "src/grokking/runs/training.py", "done: %s after", "finished: %s after")
    assert not jobs(snakemake(built, "-n", "smoke"))


def test_a_changed_default_makes_again_what_it_moves(built):
    """Momentum of SGD: the runs that say nothing of it, and what is made of them."""
    edit(built, "src/grokking/dynamics/sgd.py", "momentum: Probability = 0.9", "momentum: Probability = 0.8")
    moved = [
        run for run in load_study(built, PAPERS, "smoke", None).default_runs.values() if run.dynamics.name == "sgd"
    ]
    counts = jobs(snakemake(built, "-n", "smoke"))
    assert moved
    assert 0 < training(counts) <= len(moved)
    assert "solve_references" not in counts


def test_a_changed_expression_makes_again_what_is_written_as_one(built):
    edit(built, "src/grokking/tasks/expression.py", "if exponent % 2:", "if exponent % 2 == 1:")
    counts = jobs(snakemake(built, "-n", "smoke"))
    moved = [job for job in STUDY.jobs.values() if any(run.task.name == "modular_function" for run in job)]
    needed = [job for job in moved if any(run.id in STUDY.default_runs for run in job)]
    assert training(counts) == len(needed)
    assert "solve_references" not in counts


def test_a_label_of_the_other_sign_makes_again_what_draws_the_task(built):
    edit(built, "src/grokking/tasks/sparse_classification.py", ".sign()", ".sign().neg()")
    counts = jobs(snakemake(built, "-n", "smoke"))
    drawn = [one for one in STUDY.default_analyses.values()
             if one.analysis.name in ("classification_transition", "sample_complexity")]  # fmt: skip
    assert counts["evaluate_analysis"] == len(drawn)
    assert counts["align"] >= training(counts) > 0


def test_editing_how_data_are_drawn_retrains(built):
    edit(built, "src/grokking/rng.py", "2 * flat - 1", "1 - 2 * flat")
    counts = jobs(snakemake(built, "-n", "smoke"))
    assert training(counts) > 10
    assert counts["solve_references"] > 5


def test_rebuilding_gives_the_same_bytes(smoke, copy):
    """Of a figure from nothing; those of all results are compared with hashes, and those of figures below."""
    done = snakemake(copy, "--cores", "2", f"results/smoke/figures/{REBUILT[0]}.svg", **COLD)
    assert done.returncode == 0, done.stderr
    for pattern in ("results/smoke/figures/*/*", "results/runs/*/*[!n]"):
        ours, theirs = fingerprints(copy, pattern), fingerprints(smoke, pattern)
        assert ours.items() <= theirs.items()
        assert ours


def test_figures_drawn_again_have_the_same_bytes_whatever_the_user_has_set(smoke, built, tmp_path):
    """Styles of matplotlib and Bokeh, a notebook's backend, language, time zone and width of the terminal."""
    figures = [f"results/smoke/figures/{name}.svg" for name in REBUILT]
    styles = tmp_path / "matplotlibrc"
    styles.write_text("text.usetex: True\nfont.size: 20\naxes.facecolor: black\nsavefig.bbox: tight\n", "utf-8")
    users = {"MATPLOTLIBRC": str(styles), "MPLBACKEND": "module://nowhere", "BOKEH_MINIFIED": "no", "COLUMNS": "20"}
    users |= {"TZ": "Pacific/Chatham", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    done = snakemake(built, "--cores", "2", "--forcerun", *figures, "--", *figures, **users)
    assert done.returncode == 0, done.stderr
    drawn = {built / figure for figure in figures}
    assert all(figure.stat().st_mtime > (smoke / figure.relative_to(built)).stat().st_mtime for figure in drawn)
    assert fingerprints(built, "results/smoke/figures/*/*") == fingerprints(smoke, "results/smoke/figures/*/*")


def test_damaged_result_is_named(built):
    spec = run_of(built, "fig3")
    table = built / f"results/runs/{spec.id}/trajectory.csv"
    table.write_bytes(table.read_bytes()[:-50])
    done = snakemake(built, "--cores", "1", "--forcerun", "draw_figure", "--",
                     "results/smoke/figures/lyu2024/figure_3.csv")  # fmt: skip
    assert done.returncode != 0
    assert f"{spec.id}/trajectory.csv is missing, or was truncated or modified" in done.stderr


def test_claims_are_printed_and_none_is_judged_away_from_the_papers_sizes(built):
    done = snakemake(built, "--cores", "1", "claims", "--config", "preset=smoke")
    assert done.returncode == 0
    assert "lyu2024.fig1a" in done.stdout + done.stderr


def test_provenance_of_every_file_is_one_page_with_captions(built):
    done = snakemake(built, "--cores", "1", "--report", "results/workflow.html", "--", "smoke")
    assert done.returncode == 0, done.stderr
    page = (built / "results/workflow.html").read_text(encoding="utf-8")
    assert "lyu2024" in page
    assert "misgrokking of a diagonal net" in page
    assert "Deviations from the paper" in page


@pytest.mark.parametrize("keep_metadata", [True, False])
def test_results_carried_to_another_clone_are_taken_over(smoke, copy, keep_metadata):
    """Copied without their times, with and without Snakemake's records: nothing is computed again but figures."""
    shutil.copytree(smoke / "results", copy / "results", copy_function=shutil.copyfile)
    if keep_metadata:
        shutil.copytree(smoke / ".snakemake", copy / ".snakemake")
    assert snakemake(copy, "--cores", "1", "--forcerun", "accept", "--", "accept").returncode == 0
    accepted = (copy / "results/accepted.txt").read_text(encoding="utf-8").split()
    assert snakemake(copy, "--touch", "--forceall", "--cores", "1", "--", *accepted).returncode == 0
    counts = jobs(snakemake(copy, "-n", "smoke"))
    assert not {"train", "train_sweep", "solve_references", "evaluate_analysis"} & counts.keys()


def test_results_of_other_code_are_not_taken_over(built):
    edit(built, "src/grokking/data/completion.py", "square()", "abs()")
    shutil.rmtree(built / ".snakemake")
    assert snakemake(built, "--cores", "1", "--forcerun", "accept", "--", "accept").returncode == 0
    aside = run_of(built, "fig3").id
    assert not (built / f"results/runs/{aside}").exists()
    assert (built / f"results/set_aside/runs/{aside}/run.json").exists()
    assert (built / f"results/runs/{run_of(built, 'fig1a').id}/run.json").exists()


def test_a_paper_of_ones_own_touches_no_other(built):
    """A copy of the main paper under another name, with one number changed and no claims."""
    text = (built / "config/papers/lyu2024.yaml").read_text(encoding="utf-8")
    (built / "config/papers/mine.yaml").write_text(text.replace("d: 97", "d: 50", 1), encoding="utf-8")
    preset = (built / SMOKE).read_text(encoding="utf-8")
    own = preset[preset.index("lyu2024:") : preset.index("gromov2023:")].replace("lyu2024:", "mine:")
    (built / SMOKE).write_text(preset + own, encoding="utf-8")
    config = ["--config", "papers=[lyu2024,gromov2023,mine]"]
    counts = jobs(snakemake(built, "-n", "results/smoke/claims.json", *config))
    assert not training(counts)
    assert jobs(snakemake(built, "-n", "mine_figure_3", *config))["train"] == 5
