"""The columns that a table will have are those of small results of every kind, and claims on others are refused."""

from pathlib import Path

import pytest

from grokking.analyses.analysis import Analysis
from grokking.analyses.tables.alignment import align_run
from grokking.analyses.tables.references import solve_references
from grokking.parts.errors import ConfigError
from grokking.parts.fields import build_part
from grokking.parts.registry import parts
from grokking.specs.run import RunSpec
from grokking.store.paths import Results
from grokking.store.references import write_references
from grokking.store.results import ANALYSIS, csv_bytes
from grokking.store.sealed import write_sealed
from grokking.store.source import Source
from grokking.store.tables import net, table_of
from grokking.study.columns import net_columns, reference_properties, run_columns
from grokking.study.load import load_study, stems
from tests.portable.results import PROBLEMS, THEORY
from tests.unit.small_runs import FLOW, KINDS, QUADRATIC, RELU, SUMS, TOKENS, TRANSFORMER, carry_out, spec, steps

ROOT = Path(__file__).parents[2]
CUBED = {"name": "sparse_regression", "n": 6, "d": 9, "kappa": 3}
DEEP = {"name": "diagonal_net", "init_norm": 2.0, "depth": 3, "loss": "squared"}
RUNS = KINDS | {
    "kernel": PROBLEMS["kernel"],
    "large start": spec(TOKENS, {**RELU, "init_scale": 10.0}, FLOW, steps=50),
    "closed form": spec({**TOKENS, "p": 7}, QUADRATIC, steps("sgd"), start={"name": "closed_form"}, steps=5),
    "deep regression": spec(CUBED, DEEP, steps("gradient_descent"), steps=20),
    "whole batches": spec(SUMS, TRANSFORMER, steps("sgd", batch=1000), steps=5),
}
SNAPSHOTS = spec(SUMS, TRANSFORMER, steps("adam", batch=8), learning_rate=0.01, snapshots_per_decade=2)
QUIET = spec(TOKENS, QUADRATIC, FLOW, steps=300, snapshots_per_decade=2)
DECAYED = spec(TOKENS, RELU, FLOW, weight_decay=1e-2, steps=300)
READING = {  # analyses of finished runs, with the run that they read
    "preactivations": ({"output": 2, "first": "n", "second": "m"}, QUIET),
    "neuron_phases": ({}, QUIET),
    "kink_stationarity": ({"thresholds": (0.1,)}, DECAYED),
    "tangent_kernel": ({"samples": 3, "classes": 3}, QUIET),
    "critical_samples": ({}, QUIET),
    "slow_part": ({"length": 16, "coordinates": 5, "samples": 8}, SNAPSHOTS),
    "population_loss": ({}, SNAPSHOTS),
    "linearised_net": ({"iterations": 2}, SNAPSHOTS),
    "fourier_progress": ({"samples": 2}, SNAPSHOTS),
    "fourier_spectrum": ({}, SNAPSHOTS),
    "embedding_spectrum": ({}, SNAPSHOTS),
}


def aligned(run: RunSpec, results: Results) -> None:
    """Compare a finished run with its references, as the workflow does."""
    write_references(results.references(run.problem.id), solve_references(run.problem), {})
    columns = align_run(results.run(run.id), results.references(run.problem.id))
    write_sealed(results.alignment(run.id), {ANALYSIS: csv_bytes(columns)}, {})


@pytest.mark.parametrize("name", RUNS)
def test_columns_of_a_run(name, tmp_path):
    run, results = RUNS[name], Results(tmp_path)
    carry_out(run, tmp_path)
    problem = run.problem.id if run.model.has_theory else ""
    if problem:
        aligned(run, results)
    found = table_of(Source(experiment="e", seed=0, evidence=run.task.data, runs=(run.id,), problem=problem), results)
    assert sorted(run_columns(run)) == sorted(found)
    assert sorted(net_columns([run])) == sorted(net(results.run(run.id)))


@pytest.mark.parametrize("name", PROBLEMS)
def test_properties_of_a_reference(name):
    run = PROBLEMS[name]
    solved = solve_references(run.problem).properties
    assert {key: sorted(names) for key, names in reference_properties(run).items()} == {
        key: sorted(properties) for key, properties in solved.items()
    }


@pytest.mark.parametrize("name", parts(Analysis))
def test_columns_of_an_analysis(name, tmp_path):
    parameters, run = (THEORY[name], None) if name in THEORY else READING[name]
    of = {} if run is None else {"of": ["runs"]}
    runs = [] if run is None else [carry_out(run, tmp_path)]
    analysis = build_part(parts(Analysis), {"name": name, **of, **parameters}, name)
    expected = analysis.columns_of([run] if run else [])
    assert sorted(expected) == sorted(analysis.table(0, [runs] if runs else []))


@pytest.fixture(scope="module")
def claims_of(tmp_path_factory):
    """A function from one line of a file of claims to the study that has it."""
    root = tmp_path_factory.mktemp("root")
    (root / "config").mkdir()
    (root / "config/presets").symlink_to(ROOT / "config/presets")
    (root / "config/papers").symlink_to(ROOT / "config/papers")
    (root / "config/claims").mkdir()

    def load(quantity):
        text = f"""from grokking.claims import AtLeast, Claims, experiment

claims = Claims()
claims.paper("a.b", "Figure", "Says so.", {quantity}, AtLeast(1))
"""
        (root / "config/claims/lyu2024.py").write_text(text, encoding="utf-8")
        return load_study(root, ["lyu2024", "gromov2023"], "paper", None)

    return load


@pytest.mark.parametrize(
    ("quantity", "message"),
    [
        ('experiment("fig1a").final("tets_accuracy")', "'tets_accuracy': no such column of fig1a; near: test_accuracy"),
        ('experiment("fig1a").final("q")', "'q': no such column of fig1a; allowed: step, time, train_loss, "),
        ('experiment("fig3").crossing("train_accuracy", 1)', "'train_accuracy': no such column of fig3; allowed: step"),
        ('experiment("fig3").final("train_loss") - experiment("fig3").final("loss")', "'loss': no such column of fig3"),
        ('experiment("fig1a").value_when("time", "t_accuracy", 1)', "'t_accuracy': no such column of fig1a; near: te"),
        ('experiment("regression").where(alhpa=1).mean("time")', "'alhpa': no such column of regression; near: alpha"),
        ('experiment("regression").final("step")', "'step': no such column of regression"),
        ('experiment("regression").crossing("time", 1)', "'step': no such column of regression"),
        ('experiment("regression").where("times").crossing("time", 1)', "'times': no such column of regression"),
        ('experiment("regression").maximum("alpha", 1)', "'step': no such column of regression"),
        ('experiment("l1_generalisation").slope("n", against="scales")', "'scales': no such column of l1_g"),
        ('experiment("gromov2023/gromov_widths_gd").onset("has_groked", along="width")', "'has_groked': no such"),
        ('experiment("fig1a").reference("l2_max_margin", "test_acuracy")', "'l2_max_margin.test_acuracy': no such ref"),
        ('experiment("fig2a").reference("kernel", "gap")', "'kernel.gap': no such reference of fig2a; allowed: none"),
    ],
)
def test_a_claim_on_what_no_table_will_have_is_refused_when_it_is_read(claims_of, quantity, message):
    with pytest.raises(ConfigError) as error:
        claims_of(quantity)
    assert str(error.value).startswith(f"config/claims/lyu2024.py, line 4: a.b: {message}")


@pytest.mark.parametrize(
    "quantity",
    [
        'experiment("fig1a").value_at("cosine_to_l2_max_margin", 10)',
        'experiment("fig4").value_when("log10_time", "train_accuracy", 1)',
        'experiment("regression").where("relative_time", alpha=1000).maximum("parameter_norm", 1)',
        'experiment("gromov2023/gromov_widths_gd").where(width=10).mean("largest_test_accuracy")',
        'experiment("fig3").reference("zero_filled", "test_loss")',
    ],
)
def test_a_claim_on_what_a_table_will_have_is_read(claims_of, quantity):
    assert len(claims_of(quantity).claims) == 1


@pytest.mark.parametrize("preset", ["paper", "smoke"])
def test_the_claims_of_the_papers_name_columns_at_every_size(preset):
    assert load_study(ROOT, stems(ROOT, "papers"), preset, None).claims
