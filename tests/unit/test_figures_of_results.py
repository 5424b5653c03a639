"""From tiny results on disk to the figures: nothing is left out because a column is called something else by now."""

import numpy as np
import pytest

from grokking.analyses.classification_transition import ClassificationTransition
from grokking.analyses.decay_error import DecayError
from grokking.analyses.ipr_values import IPRValues
from grokking.analyses.neuron_phases import NeuronPhases
from grokking.analyses.preactivations import Preactivations
from grokking.analyses.recovery import Recovery
from grokking.analyses.regression_transition import RegressionTransition
from grokking.analyses.sample_complexity import SampleComplexity
from grokking.analyses.tables.alignment import align_run
from grokking.analyses.tables.references import solve_references
from grokking.analyses.wave_accuracy import WaveAccuracy
from grokking.figures.data import read_data, write_data
from grokking.store.paths import Results
from grokking.store.references import write_references
from grokking.store.results import csv_bytes
from grokking.store.sealed import write_sealed
from grokking.store.source import Source
from grokking.store.tables import tidy
from tests.unit.figure_tables import drawn, named_lines
from tests.unit.small_runs import DIAGONAL, FLOW, KINDS, QUADRATIC, RELU, TOKENS, carry_out, spec, steps

LAZY = spec(TOKENS, {**RELU, "init_scale": 10.0, "zero_last_layer": True}, FLOW, weight_decay=1e-2, steps=3000)
WAVES = spec({**TOKENS, "name": "modular_function"}, QUADRATIC, FLOW, learning_rate=10, steps=1000)
NOISY = KINDS["label_noise"]
LIMIT = spec(
    {"name": "sparse_regression", "n": 6, "d": 9, "kappa": 3}, {**DIAGONAL, "loss": "squared"}, FLOW,
    learning_rate=1e-2, steps=25_000,
)  # fmt: skip
RUNS = {"flow": KINDS["flow"], "completion": KINDS["completion"], "lazy": LAZY, "log_loss": KINDS["log_loss"],
        "waves": WAVES, "noisy": NOISY, "limit": LIMIT, "descent": KINDS["gradient_descent"]}  # fmt: skip
ANALYSES = {
    "classification": ClassificationTransition(n=5, d=12, k=3, decay_exponent=1.0, scales=(30.0, 100.0)),
    "regression": RegressionTransition(d=4, rank=1, observed=0.8, decay_exponent=1.0, scales=(10.0, 30.0)),
    "decay": DecayError(d=3, rank=1, observed=1.0, weight_decays=(0.2, 0.02)),
    "recovery": Recovery(d=4, ranks=(1, 2), observed=(0.5, 1.0)),
    "l1": SampleComplexity(1, dimensions=(16, 32), sparsities=(3,), multiples=(1.0, 4.0), n_test=200),
    "waves_accuracy": WaveAccuracy(p=7, widths=(8, 64), activations=("square", "relu"), amplitudes=("printed",)),
    "ipr": IPRValues(p=7, width=12),
    "phases": NeuronPhases(of=("waves",)),
    "grids": Preactivations(of=("waves",), first="n", second="m", output=2),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The folder of all results, with references and alignments where theory names solutions."""
    folder = tmp_path_factory.mktemp("results")
    for name, run in RUNS.items():
        carry_out(run, folder)
        if name in ("flow", "completion", "lazy", "noisy"):
            references = folder / "references" / run.problem.id
            write_references(references, solve_references(run), {})
            aligned = align_run(folder / "runs" / run.id, references)
            write_sealed(folder / "alignments" / run.id, {"table.csv": csv_bytes(aligned)}, {})
    for name, analysis in ANALYSES.items():
        runs = [folder / "runs" / WAVES.id] if analysis.experiments else []
        write_sealed(folder / "analyses" / name, {"table.csv": csv_bytes(analysis.table(0, [runs]))}, {})
    return folder


def source(name, **more):
    if name in ANALYSES:
        return Source(experiment=name, seed=0, evidence=ANALYSES[name].name, analysis=name)
    problem = RUNS[name].problem.id if name in ("flow", "completion", "lazy", "noisy") else ""
    run = RUNS[name]
    return Source(experiment=name, seed=0, evidence=run.task.data, runs=(run.id,), **{"problem": problem, **more})


def figure_of(kind, results, *sources):
    """By way of the file in which a figure's data are kept."""
    write_data(results / "figure.csv", tidy(sources, Results(results)))
    return drawn(kind, read_data(results / "figure.csv"))


NORM, SCORES = {"$L^2$ norm"}, {"train", "test"}
EXPECTED = {
    "diagonal_net": ("flow", [SCORES, {"train loss", "test loss"}, {
        "cosine to $L^2$ max margin", "$L^2$ margin ÷ largest possible",
        "cosine to $L^1$ max margin", "$L^1$ margin ÷ largest possible"
    }, NORM]),
    "modular_addition": ("lazy", [SCORES, {"norm"}, {"agreement"}, {"margin"}]),
    "matrix_completion": ("completion", [{"train loss", "test loss"}, {"train loss", "test loss"}, {
        "to the zero-filled matrix", "to the least nuclear norm", "to the table $X^*$"
    }, NORM]),
    "no_weight_decay": ("log_loss", [SCORES, SCORES, NORM, NORM]),
    "quadratic_dynamics": ("waves", [SCORES, {"$W^{(1)}$", "$W^{(2)}$", "all weights"}, SCORES, {
        r"$\nabla_{W^{(1)}}$", r"$\nabla_{W^{(2)}}$"
    }]),
    "learning_curves": ("waves", [SCORES, SCORES]),
    "closed_form_start": ("waves", [SCORES, {*SCORES, "IPR"}, {"moved"}]),
    "participation": ("waves", [{"IPR", "train accuracy", "test accuracy"}]),
}  # fmt: skip


@pytest.mark.parametrize("kind", EXPECTED)
def test_every_curve_of_a_figure_of_runs_is_there(kind, results):
    name, expected = EXPECTED[kind]
    assert [set(named_lines(axes)) for axes in figure_of(kind, results, source(name)).axes] == expected


@pytest.mark.parametrize("name", ["flow", "completion", "lazy"])
def test_kkt_residuals_of_every_model_are_drawn(name, results):
    (axes,) = figure_of("kkt", results, source(name)).axes
    slack = set() if name == "completion" else {"mean margin of the multipliers ÷ smallest margin - 1"}
    assert set(named_lines(axes)) == {"1 - cos(θ, -∇ℒ)"} | slack


@pytest.mark.parametrize(
    ("kind", "names", "expected"),
    [
        ("sharp_classification", ["classification"], [3, 3, 3, 7]),
        ("sharp_regression", ["regression", "decay"], [3, 3, 3]),
        ("lemmas", ["classification", "regression"], [3, 3, 3]),
        ("generalisation", ["l1"], [4, 4, 3]),
        ("wave_activations", ["waves_accuracy"], [2]),
    ],
)
def test_every_curve_of_a_figure_of_analyses_is_there(kind, names, expected, results):
    axes = [one for one in figure_of(kind, results, *map(source, names)).axes if one.axison]
    lines = [[one for one in panel.get_lines() if not str(one.get_label()).startswith("_")] for panel in axes]
    assert [sum(len(one.get_xdata()) > 0 for one in panel) for panel in lines] == expected


def test_grids_phases_readings_and_recovered_shares_are_drawn(results):
    grids = figure_of("preactivations", results, source("grids"))
    assert sum(len(axes.images) for axes in grids.axes if axes.get_label() != "<colorbar>") == 9
    sums, single = figure_of("phase_sums", results, source("phases")).axes
    assert sums.patches
    assert single.patches
    (progress,) = figure_of("participation", results, source("waves"), source("ipr")).axes
    (readings,) = figure_of("participation", results, source("ipr")).axes
    assert len(readings.patches) == 8
    assert "IPR of the exact solution" in named_lines(progress)
    phases, *_ = figure_of("sharp_regression", results, source("recovery")).axes
    assert np.asarray(phases.collections[0].get_array()).shape == (2, 2)


def test_label_noise_has_its_flow_and_the_distance_from_its_limit(results):
    figure = figure_of("label_noise", results, source("noisy"), source("limit", role="reference"))
    losses, distance = figure.axes
    assert set(named_lines(losses)) == {"η = 0.01", "limit of gradient flow"}
    assert set(named_lines(distance)) == {"η = 0.01"}


def test_flow_and_descent_of_one_problem_stand_in_one_column(results):
    score, norm, difference = figure_of("flow_and_descent", results, source("flow"), source("descent")).axes
    assert set(named_lines(score)) == {
        f"{part} accuracy, {way}" for part in ("train", "test") for way in ("flow", "descent")
    }
    assert set(named_lines(norm)) == {"parameter norm, flow", "parameter norm, descent"}
    names = ("train accuracy", "test accuracy", "parameter norm")
    assert set(named_lines(difference)) == {f"difference of {name}" for name in names}


def test_sweeps_have_a_point_for_each_net(results):
    """Nets of two widths, trained by Adam."""
    nets = [
        spec(TOKENS, {**QUADRATIC, "width": width}, steps("adam"), learning_rate=0.02, steps=200) for width in (16, 32)
    ]
    for net in nets:
        carry_out(net, results)
    sweep = Source(experiment="s", seed=0, evidence="sweep", runs=tuple(net.id for net in nets))
    rows = tidy([sweep], Results(results))
    assert rows["width"].tolist() == [16, 32]
    _, accuracy = figure_of("fraction_and_width", results, sweep).axes
    np.testing.assert_allclose(named_lines(accuracy)["Adam"], rows[["width", "test_accuracy"]], rtol=1e-5)
    (costs,) = figure_of("sensitivity", results, sweep).axes
    crosses = next(line for line in costs.get_lines() if line.get_marker() == "x")  # neither groks
    np.testing.assert_allclose(crosses.get_xydata(), rows[["width", "cost"]], rtol=1e-5)
    ends, _ = figure_of("ipr_and_accuracy", results, sweep).axes
    np.testing.assert_allclose(ends.collections[0].get_offsets(), rows[["ipr", "test_accuracy"]], rtol=1e-5)
