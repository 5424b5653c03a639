"""The numbers in the tables around the figures: minutes, memory, ratios and counts of cases that are known."""

import math

import numpy as np
import pytest
import torch

from grokking.report.flow_and_descent import comparison
from grokking.report.runtime import costs_of, peak_memory, runtimes
from grokking.report.tables import cell, markdown
from grokking.store.results import csv_bytes
from grokking.store.sealed import write_sealed
from grokking.store.trajectory import tensor_bytes
from tests.unit.report_files import benchmark_file, by_header, table_of
from tests.unit.small_runs import RELU, TOKENS, spec, steps


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.56, "1235"), (0.000123456, "0.0001235"), (7, "7"), (12345678, "12345678"), ("a|b", "a|b"), (None, "–"),
     (math.nan, "–"), (np.float64(2 / 3), "0.6667")],
)  # fmt: skip
def test_numbers_have_four_digits_and_counts_all(value, text):
    assert cell(value) == text


def test_a_bar_in_a_cell_does_not_end_it():
    assert markdown(["a"], [["x|y"]]).splitlines()[2] == r"| x\|y |"


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
    found = runtimes(costs_of(dict.fromkeys(map(str, [*files, out / "benchmarks/train/missing.tsv"]), ())))
    assert found == {"train:a-run": 2.0, f"draw_figure:{out.as_posix()},lyu2024,figure_1a": 7.0}
    assert list(found) == [f"draw_figure:{out.as_posix()},lyu2024,figure_1a", "train:a-run"]


def test_memory_of_the_largest_job_of_each_rule(tmp_path):
    folder = tmp_path / "results/benchmarks"
    files = [
        benchmark_file(folder / "train/a.tsv", 2, 300.2),
        benchmark_file(folder / "train/b.tsv", 2, 1024.5),
        benchmark_file(folder / "align/a.tsv", 1, "NA"),
    ]
    assert peak_memory(costs_of(dict.fromkeys(map(str, files), ()))) == {"train": 1025}
