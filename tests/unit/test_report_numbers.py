"""The numbers in the tables around the figures: minutes, memory, ratios, shares and counts of cases that are known."""

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from grokking.dynamics.filters.exponential_average import ExponentialAverage
from grokking.dynamics.filters.moving_average import MovingAverage
from grokking.dynamics.filters.unfiltered import Unfiltered
from grokking.report import benchmark, benchmark_optimizers
from grokking.report.benchmark import (
    benchmark_table,
    gradient_sentence,
    log_time_sentence,
    medians_ms,
    peak_gib,
    share_of_evaluations,
    timed_builds,
)
from grokking.report.benchmark_optimizers import step_of
from grokking.report.claims import claims_table, ours, summary
from grokking.report.comparison import changed_claims
from grokking.report.flow_and_descent import comparison
from grokking.report.gallery import body
from grokking.report.publish import told
from grokking.report.readme import fill
from grokking.report.runtime import peak_memory, runtimes
from grokking.report.tables import cell, markdown
from grokking.store.results import csv_bytes
from grokking.store.sealed import write_sealed
from grokking.store.trajectory import tensor_bytes
from tests.unit.small_runs import FLOW, MATRIX, RELU, SUMS, TOKENS, spec, steps


def cells(text):
    """The rows of the first table in Markdown, the header included."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[one.strip() for one in line.strip("|").split(" | ")] for line in lines]


def by_header(text):
    header, *rows = cells(text)
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.56, "1235"), (0.000123456, "0.0001235"), (7, "7"), (12345678, "12345678"), ("a|b", "a|b"), (None, "–"),
     (math.nan, "–"), (np.float64(2 / 3), "0.6667")],
)  # fmt: skip
def test_numbers_have_four_digits_and_counts_all(value, text):
    assert cell(value) == text


def test_a_bar_in_a_cell_does_not_end_it():
    assert markdown(["a"], [["x|y"]]).splitlines()[2] == r"| x\|y |"


def benchmark_file(path, seconds, mebibytes, repeats=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = f"{seconds}\t-\t{mebibytes}\n" * repeats
    path.write_text(f"s\th:m:s\tmax_rss\n{rows}", encoding="utf-8")
    return path


def test_memory_is_in_gib_and_the_largest_of_all(tmp_path):
    files = [benchmark_file(tmp_path / f"{i}.tsv", 1, size) for i, size in enumerate(("512", "-", "1536", "1024"))]
    assert peak_gib(iter([files[0], files[2], files[3]])) == 1.5


def table_of(steps, evaluations, accuracy, **more):
    return pd.DataFrame({"step": steps, "time": 0.1 * np.array(steps), "evaluations": evaluations,
                         "test_accuracy": accuracy, **more})  # fmt: skip


def test_share_of_evaluations_up_to_a_level():
    """99 % is passed at the step 100 exactly, after 30 of 120 evaluations."""
    table = table_of([0, 1, 10, 100, 1000], [0, 10, 20, 30, 120], [0, 0.1, 0.2, 0.99, 1.0])
    assert share_of_evaluations(0.99, table) == pytest.approx(0.25)
    assert math.isnan(share_of_evaluations(0.99, table.assign(test_accuracy=0.5)))
    assert math.isnan(share_of_evaluations(0.99, table.drop(columns="test_accuracy")))


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
    monkeypatch.setattr(benchmark, "descent_seconds_per_step", lambda _: 0.05)
    (row,) = by_header(benchmark_table([("mine", tuple(runs))], tmp_path))
    assert row == {
        "experiment": "mine", "seeds": "2", "seconds per seed (most)": "20", "of these to test 99 %": "5",
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
    text = log_time_sentence(write_run(run, tmp_path, table, evaluations=1, wall_seconds=540.0))
    assert f"after {minutes:.1f} minutes" in text
    assert "Between t = 10^10, 10^30, 10^100, 10^300, 10^1000 it takes 7, 7, 20, 20 evaluations" in text


def test_flow_over_descent_event_by_event(tmp_path):
    """The flow passes 75 % at step 90 and the descent at 100; it takes 20 evaluations in 3 s instead of 500 in 60."""
    folders = []
    for name, step, evaluations, time in (("gradient_flow", 90, 20, 3.0), ("gradient_descent", 100, 500, 60.0)):
        run = spec(TOKENS, RELU, steps(name))
        table = table_of([0, 1, 10, step, 1000], [0, 1, 2, 3, 4], [0, 0.1, 0.2, 0.75, 0.8])
        folder = tmp_path / "runs" / run.id
        records = tensor_bytes({"records": torch.zeros(1)})
        files = {"trajectory.csv": csv_bytes(table), "records.safetensors": records, "weights.safetensors": records}
        about = {"run": run.id, "spec": run.to_mapping(), "evaluations": evaluations, "wall_seconds": time}
        write_sealed(folder, files, about)
        folders.append(folder)
    rows = {row["event"]: row for row in by_header(comparison("mine", *folders))}
    passing = rows["test_accuracy up to 75%"]
    assert (passing["flow"], passing["descent"], passing["flow / descent"]) == ("90", "100", "0.9")
    assert rows["gradient evaluations"]["flow / descent"] == "0.04"
    assert (rows["seconds"]["flow"], rows["seconds"]["descent"], rows["seconds"]["flow / descent"]) == (
        "3",
        "60",
        "0.05",
    )


def test_seconds_of_jobs_by_rule_and_wildcards(tmp_path):
    out = tmp_path / "results"
    files = [
        benchmark_file(out / "benchmarks/train/a-run.tsv", 2.04, 1, repeats=2),
        benchmark_file(out / "benchmarks/draw_figure/lyu2024/figure_1a.tsv", 7, 1),
    ]
    found = runtimes(map(str, [*files, out / "benchmarks/train/missing.tsv"]))
    assert found == {"train:a-run": 2.0, f"draw_figure:{out.as_posix()},lyu2024,figure_1a": 7.0}
    assert list(found) == [f"draw_figure:{out.as_posix()},lyu2024,figure_1a", "train:a-run"]


def test_memory_of_the_largest_job_of_each_rule(tmp_path):
    folder = tmp_path / "results/benchmarks"
    files = [
        benchmark_file(folder / "train/a.tsv", 2, 300.2),
        benchmark_file(folder / "train/b.tsv", 2, 1024.5),
        benchmark_file(folder / "align/a.tsv", 1, "NA"),
    ]
    assert peak_memory(map(str, files)) == {"train": 1025}


def test_the_readme_gets_the_rows_it_tells(tmp_path, monkeypatch):
    table = markdown(["target", "minutes"], [["`a`", 1.0], ["`b`", 2.0], ["all of them", 3.0]])
    (tmp_path / "runtime.md").write_text(table, encoding="utf-8")
    monkeypatch.setattr("grokking.report.publish.TOLD", ("b", "all of them"))
    assert told(tmp_path / "runtime.md").splitlines()[2:] == ["| `b` | 2 |", "| all of them | 3 |"]


def test_only_what_stands_between_the_marks_is_replaced():
    readme = "head\n<!-- one -->\nold\n<!-- /one -->\nmiddle\n<!-- two -->\n<!-- /two -->\nend\n"
    filled = fill(readme, {"one": "new", "two": "also"})
    assert filled == "head\n<!-- one -->\nnew\n<!-- /one -->\nmiddle\n<!-- two -->\nalso\n<!-- /two -->\nend\n"
    with pytest.raises(KeyError, match="three"):
        fill(readme, {"three": ""})


def test_a_table_in_the_gallery_loses_its_title_and_lowers_its_headings(tmp_path):
    (tmp_path / "a.md").write_text("# Title\n\n## Part\n\n| a |\n", encoding="utf-8")
    assert body(tmp_path / "a.md") == "### Part\n\n| a |\n"


def judged(identity, verdict, seeds=(1.0,), paper=2.0):
    known = [one for one in seeds if one is not None]
    values = {"median": known[len(known) // 2] if known else None, "min": min(known, default=None),
              "max": max(known, default=None), "seeds": list(seeds)}  # fmt: skip
    return {
        "id": identity,
        "kind": "paper",
        "source": "Figure 1",
        "statement": "It is so",
        "paper": paper,
        "ours": values,
        "rule": "within 2 ×",
        "verdict": verdict,
        "reason": "why" if verdict == "differs" else None,
    }


def test_claims_are_counted_and_shown_with_median_and_range():
    claims = [judged("a", "reproduced", (1.0, 2.0, 4.0)), judged("b", "differs"), judged("c", "not run"),
              judged("d", "reproduced", paper=None)]  # fmt: skip
    assert summary(claims) == "4 claims: 2 reproduced, 1 differs, 1 not run; 2 on fewer than three draws."
    a, b, _, d = by_header(claims_table(claims))
    shown = "ours: median (range over seeds)"
    assert (a["paper"], a[shown], a["verdict"]) == ("2", "2 (1 … 4)", "reproduced")
    assert (b[shown], b["verdict"]) == ("1", "**differs, one draw**")
    assert d["paper"] == "–"
    assert "- `b`: why" in claims_table(claims)
    assert ours({"median": 3.0, "min": 3.0, "max": 3.0, "seeds": [3.0, None, 3.0]}) == "3 (never in 1 of 3)"


def test_verdicts_that_changed_have_the_old_one_first(tmp_path):
    for name, verdicts in (("old", {"a": "reproduced", "b": "differs", "c": "differs"}),
                           ("new", {"a": "reproduced", "b": "reproduced", "d": "not run"})):  # fmt: skip
        listed = [{"id": key, "verdict": value, "ours": {"seeds": [1]}} for key, value in verdicts.items()]
        (tmp_path / name).write_text(json.dumps(listed), encoding="utf-8")
    assert changed_claims(tmp_path / "old", tmp_path / "new") == [
        ("b", "differs, draws: 1", "reproduced, draws: 1", False),
        ("c", "differs, draws: 1", "absent, draws: 0", False),
        ("d", "absent, draws: 0", "not run, draws: 1", False),
    ]


def test_a_gradient_is_compared_with_its_matrix_products(monkeypatch):
    """30 ms for the gradient, 20 for its products, 40 for those by torch's own."""
    monkeypatch.setattr(benchmark, "medians_ms", lambda *functions: [30.0, 20.0, 40.0][: len(functions)])
    text = gradient_sentence("My net", spec(TOKENS, RELU, FLOW))
    assert text.startswith("The gradient of My net takes 30.0 ms on one thread, 1.50 times its three matrix products")
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
    monkeypatch.setattr(benchmark_optimizers, "medians_ms", lambda *blocks, rounds: [*measured.values()][: len(blocks)])
    plain, slow = benchmark_optimizers.rows(runs, tmp_path)
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
    step_of(run, ours, theta)()
    share = {"moving_average": 1 / 5, "exponential_average": 1}.get(chosen.name, 0)  # of the first gradient
    expected = (
        -run.learning_rate * (1 + share * getattr(chosen, "factor", 0)) * ours.gradient(ours.initial, torch.arange(8))
    )
    torch.testing.assert_close(theta - ours.initial, expected)
    taken = []
    monkeypatch.setattr(benchmark_optimizers, "step_of", lambda *_: lambda: taken.append(1))
    benchmark_optimizers.block_of(run)()
    assert len(taken) == benchmark_optimizers.BLOCK


def test_times_of_functions_are_medians_in_milliseconds(monkeypatch):
    """One takes 1 s and once 9 s, the other 3 s and once 0.1 s, by their own clock."""
    now, durations = [0.0], {"a": iter([1, 9, 1, 1, 1]), "b": iter([3, 3, 0.1, 3, 3])}

    def taking(name):
        def function():
            now[0] += next(durations[name])

        return function

    monkeypatch.setattr(benchmark.time, "perf_counter", lambda: now[0])
    assert medians_ms(taking("a"), taking("b"), rounds=5) == pytest.approx([1000, 3000])


def test_builds_are_timed_in_minutes(tmp_path, monkeypatch):
    """Builds of 90 s each; the largest job takes 1.5 GiB."""
    called, clock = [], iter([0.0, 90.0, 100.0, 190.0])

    def build(command, cwd, check):
        called.append(command[5:])
        benchmark_file(cwd / "results/benchmarks/train/a.tsv", 1, 1536)

    monkeypatch.setattr(benchmark, "ROOT", tmp_path)
    monkeypatch.setattr(benchmark.subprocess, "run", build)
    monkeypatch.setattr(benchmark.time, "monotonic", lambda: next(clock))
    *builds, memory = timed_builds()
    assert called == [list(targets) for targets in benchmark.BUILDS]
    assert all("built from nothing on 2 cores: 1.5 minutes." in line for line in builds)
    assert memory == "At most 1.50 GiB per job."


def test_the_time_of_a_step_of_descent_is_measured(monkeypatch):
    """As many steps as fit into the seconds allowed, by a clock that moves 0.5 s a look."""
    clock = iter(0.5 * i for i in range(100))
    monkeypatch.setattr(benchmark.time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(benchmark, "DESCENT_SECONDS", 5.0)
    run = spec(MATRIX, {"name": "factorization", "init_scale": 1.0}, FLOW)
    # looks at 0 (start), then one before each step up to the one at 5.0 that ends it, and one for the whole time
    assert benchmark.descent_seconds_per_step(run) == pytest.approx(5.5 / 9)
