"""The benchmark divides what it says, on clocks and files that are known, and finds what it measures by kind."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks import arithmetic, builds, descent, gradients, optimizers, timing
from benchmarks.chosen import figures_of, first_of_each_model, labelled
from grokking.dynamics.filters.exponential_average import ExponentialAverage
from grokking.dynamics.filters.moving_average import MovingAverage
from grokking.dynamics.filters.unfiltered import Unfiltered
from grokking.files import write_json
from grokking.store.provenance import ROOT
from grokking.store.results import csv_bytes
from grokking.store.sealed import write_sealed
from grokking.store.trajectory import tensor_bytes
from grokking.study.experiment import Experiment
from grokking.study.load import load_study, stems
from tests.unit.report_files import benchmark_file, by_header, table_of
from tests.unit.small_runs import FLOW, MATRIX, RELU, SUMS, TOKENS, spec, steps


@pytest.fixture(scope="module")
def study():
    return load_study(ROOT, stems(ROOT, "papers"), "paper", None)


def test_the_flows_that_are_measured_are_those_of_a_build_each_once(study):
    followed = descent.followed(study)
    names = [(experiment.paper, experiment.name) for experiment in followed]
    assert len(set(names)) == len(names) > 10
    assert {run.dynamics.name for one in followed for run in one.runs} == {"gradient_flow", "log_loss_flow"}
    assert all(experiment.runs[0].id in study.default_runs for experiment in followed)


def test_every_model_of_the_papers_is_measured(study):
    nets = first_of_each_model(study.experiments)
    assert set(nets) == {run.model.name for run in study.default_runs.values()}
    for net, run in nets.items():
        assert run == next(one.runs[0] for one in study.experiments if one.runs[0].model.name == net)


def test_papers_without_a_kind_of_figure_have_no_rows_for_it(tmp_path):
    study = load_study(ROOT, ["pku2024"], "paper", None)
    assert descent.followed(study) == []
    assert descent.log_time_section(study, tmp_path) == gradients.section(study) == ""
    assert len(descent.section(study, tmp_path).splitlines()) == 2
    assert figures_of(study, optimizers.KIND)


def test_the_runs_of_a_figure_have_its_labels(study):
    for figure in figures_of(study, optimizers.KIND):
        rows = list(labelled(study, figure))
        assert [label for label, _ in rows] == [figure.labels[name] for name in figure.experiments]
        assert [runs[0] for _, runs in rows] == [
            study.papers[figure.paper].experiments[name].runs[0] for name in figure.experiments
        ]


def test_memory_is_in_gib_and_the_largest_of_all(tmp_path):
    files = [benchmark_file(tmp_path / f"{i}.tsv", 1, size) for i, size in enumerate(("512", "-", "1536", "1024"))]
    assert builds.peak_gib(iter([files[0], files[2], files[3]])) == 1.5


def test_share_of_evaluations_up_to_a_level():
    """99 % is passed at the step 100 exactly, after 30 of 120 evaluations."""
    table = table_of([0, 1, 10, 100, 1000], [0, 10, 20, 30, 120], [0, 0.1, 0.2, 0.99, 1.0])
    assert descent.share_of_evaluations(0.99, table) == pytest.approx(0.25)
    assert math.isnan(descent.share_of_evaluations(0.99, table.assign(test_accuracy=0.5)))
    assert math.isnan(descent.share_of_evaluations(0.99, table.drop(columns="test_accuracy")))


def write_run(run, results, table, **about):
    folder = results / "runs" / run.id
    nothing = tensor_bytes({})
    files = {"trajectory.csv": csv_bytes(table), "records.safetensors": nothing, "weights.safetensors": nothing}
    write_sealed(folder, files, {"run": run.id, "spec": run.to_mapping(), "ended": "budget", **about})
    return folder


def test_the_table_of_the_benchmark_divides_what_it_says(tmp_path, monkeypatch):
    """Seed 1 costs most: 500 evaluations in 20 s, for 1000 steps that descent would take at 50 ms each."""
    runs = [spec(TOKENS, RELU, FLOW, steps=1000, seed=seed) for seed in (0, 1)]
    for run, total in zip(runs, (400, 500), strict=True):
        table = table_of([0, 1, 10, 100, 1000], [0, 10, 20, total / 4, total], [0, 0.1, 0.2, 0.99, 1.0])
        write_run(run, tmp_path, table, evaluations=total)
        benchmark_file(tmp_path / f"benchmarks/train/{run.id}.tsv", total / 25, 2048 if total == 400 else 1024)
    monkeypatch.setattr(descent, "descent_seconds_per_step", lambda _: 0.05)
    monkeypatch.setattr(descent, "followed", lambda _: [Experiment("mine", "paper", tuple(runs))])
    (row,) = by_header(descent.section(None, tmp_path))
    assert row == {
        "experiment": "paper/mine", "seeds": "2", "seconds per seed (most)": "20", "of these to test 99 %": "5",
        "GiB (most)": "2", "evaluations (most)": "500", "descent: steps": "1,000", "ms per step": "50",
        "ratio of evaluations": "2", "ratio of seconds": "2.5",
    }  # fmt: skip


def test_the_cost_of_the_logarithm_of_time_is_counted_decade_by_decade(tmp_path):
    """a + 7 ln(log₁₀ t) evaluations up to 10^100, 20 for each factor e beyond; a third of 540 s up to 75 %."""
    run = spec(TOKENS, RELU, {"name": "log_loss_flow"}, steps=1000)
    log_time = np.array([0.0, 10, 30, 100, 300, 1000])
    spent = np.array([0, 100, *(100 + 7 * np.log([3, 10])), *(100 + 7 * np.log(10) + 20 * np.log([3, 10]))])
    accuracy = [0, 0.1, 0.5, 0.75, 0.9, 1.0]
    table = table_of([0, 1, 10, 100, 1000, 10_000], spent, accuracy, log10_time=log_time)
    minutes = 540 * spent[3] / spent[-1] / 60
    text = descent.log_time_sentence("a_figure", write_run(run, tmp_path, table, evaluations=1, wall_seconds=540.0))
    assert text.startswith("`a_figure` passes test accuracy 75 %")
    assert f"after {minutes:.1f} minutes" in text
    assert "Between t = 10^10, 10^30, 10^100, 10^300, 10^1000 it takes 7, 7, 20, 20 evaluations" in text


def test_a_gradient_is_compared_with_its_matrix_products(monkeypatch):
    """30 ms for the gradient, 20 for its products, 40 for those by torch's own."""
    monkeypatch.setattr(gradients, "medians_ms", lambda *functions: [30.0, 20.0, 40.0][: len(functions)])
    text = gradients.sentence(spec(TOKENS, RELU, FLOW))
    assert text.startswith(
        "The gradient of `two_layer_net` takes 30.0 ms on one thread, 1.50 times its three matrix products"
    )
    assert "(20.0 ms; 40.0 ms by torch's `@`)" in text


def test_seconds_to_generalise_are_those_of_a_step_times_the_steps(tmp_path, monkeypatch):
    """100 steps take 2 and 3 s: one net passes 95 % at 100, 200 and 300, the other on one of three seeds."""
    net = spec(SUMS, {"name": "mlp", "width": 8}, steps("adam", batch=8))
    filtered = replace(net, dynamics=replace(net.dynamics, filter=MovingAverage(window=5)))
    runs = {name: [replace(one, seed=i) for i in range(3)] for name, one in (("plain", net), ("filtered", filtered))}
    for run, there in zip((*runs["plain"], *runs["filtered"]), (100, 200, 300, 100, 900, 900), strict=True):
        at = [0, 1, 100, 200, 300, 400, 500]
        write_run(run, tmp_path, table_of(at, at, [0.95 * (step >= there) for step in at]))
    measured = {"plain": 2000.0, "filtered": 3000.0}  # ms for 100 steps
    monkeypatch.setattr(optimizers, "medians_ms", lambda *blocks, rounds: [*measured.values()][: len(blocks)])
    plain, slow = optimizers.rows(runs, tmp_path)
    assert plain == ["plain", 20, 1, pytest.approx(4), pytest.approx(4), "3 of 3"]
    assert slow[:3] == ["filtered", 30, 1.5]
    assert all(math.isnan(seconds) for seconds in slow[3:5])
    assert slow[5] == "1 of 3"


@pytest.mark.parametrize("chosen", [Unfiltered(), MovingAverage(window=5), ExponentialAverage()])
def test_the_steps_that_are_timed_are_those_of_a_run(chosen, monkeypatch):
    """A gradient of a batch, filtered as late in a run, by whose optimiser θ moves; a block is so many of these."""
    net = spec(SUMS, {"name": "mlp", "width": 8, "dtype": "float64"}, steps("sgd", batch=8, momentum=0.0))
    run = replace(net, dynamics=replace(net.dynamics, filter=chosen))
    ours = run.model.objective(run.task.draw(0), 0)
    theta = ours.initial.clone()
    optimizers.step_of(run, ours, theta)()
    share = {"moving_average": 1 / 5, "exponential_average": 1}.get(chosen.name, 0)  # of the first gradient
    expected = (
        -run.learning_rate * (1 + share * getattr(chosen, "factor", 0)) * ours.gradient(ours.initial, torch.arange(8))
    )
    torch.testing.assert_close(theta - ours.initial, expected)
    taken = []
    monkeypatch.setattr(optimizers, "step_of", lambda *_: lambda: taken.append(1))
    optimizers.block_of(run)()
    assert len(taken) == optimizers.BLOCK


def test_times_of_functions_are_medians_in_milliseconds(monkeypatch):
    """One takes 1 s and once 9 s, the other 3 s and once 0.1 s, by their own clock."""
    now, durations = [0.0], {"a": iter([1, 9, 1, 1, 1]), "b": iter([3, 3, 0.1, 3, 3])}

    def taking(name):
        def function():
            now[0] += next(durations[name])

        return function

    monkeypatch.setattr(timing.time, "perf_counter", lambda: now[0])
    assert timing.medians_ms(taking("a"), taking("b"), rounds=5) == pytest.approx([1000, 3000])


def test_builds_are_timed_in_minutes(tmp_path, monkeypatch):
    """Builds of 90 s each; the largest job takes 1.5 GiB."""
    called, clock = [], iter([0.0, 90.0, 100.0, 190.0])

    def build(command, cwd, env, check):
        assert env["PYTHONPATH"] == f"{cwd}/src"  # else Snakemake would refuse to run other code than the copy's
        called.append(command[5:])
        benchmark_file(cwd / "results/benchmarks/train/a.tsv", 1, 1536)

    monkeypatch.setattr(builds, "ROOT", tmp_path)
    monkeypatch.setattr(builds.subprocess, "run", build)
    monkeypatch.setattr(builds.time, "monotonic", lambda: next(clock))
    *lines, memory = builds.timed([["a", "b"], ["c"]])
    assert called == [["a", "b"], ["c"]]
    assert all("built from scratch on 2 cores: 1.5 minutes." in line for line in lines)
    assert memory == "At most 1.50 GiB per job."


def test_the_time_of_a_step_of_descent_is_measured(monkeypatch):
    """As many steps as fit into the seconds allowed, by a clock that moves 0.5 s a look."""
    clock = iter(0.5 * i for i in range(100))
    monkeypatch.setattr(descent.time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(descent, "DESCENT_SECONDS", 5.0)
    run = spec(MATRIX, {"name": "factorization", "init_scale": 1.0}, FLOW)
    # looks at 0 (start), then one before each step up to the one at 5.0 that ends it, and one for the whole time
    assert descent.descent_seconds_per_step(run) == pytest.approx(5.5 / 9)


def test_the_cost_of_portable_arithmetic_is_weighted_by_the_minutes_of_each_net(monkeypatch, tmp_path):
    """3 minutes at 1.5 times the time and 1 minute at 3 times take 87.5 % more."""
    seconds = {"lstm": (100.0, 80.0), "mlp": (60.0,)}
    made = [{"spec": {"model": {"name": net}}, "wall_seconds": one} for net, times in seconds.items() for one in times]
    write_json(tmp_path / "provenance.json", {"runs": made})
    times = {"portable": {"lstm": 6.0, "mlp": 9.0}, "native": {"lstm": 4.0, "mlp": 3.0}}
    monkeypatch.setattr(arithmetic, "measured", lambda: times)
    text = arithmetic.section(tmp_path)
    lstm, mlp = by_header(text)
    assert [lstm[name] for name in arithmetic.HEADER] == ["lstm", "6", "4", "1.5", "3"]
    assert [mlp[name] for name in arithmetic.HEADER] == ["mlp", "9", "3", "3", "1"]
    assert "costs +88% CPU time against native" in text
