"""The table of minutes and memory."""

import pytest

from grokking.failures import DamagedResult
from grokking.report.runtime import HEADER, costs_of, peak_memory, runtime_table, runtimes
from grokking.store.sealed import write_sealed
from tests.unit.report_files import benchmark_file


def test_shared_jobs_count_once_in_the_last_row(tmp_path):
    files = []
    for name, seconds, memory in (("a", 60, 1024), ("b", 120, 2048), ("c", 30, 512)):
        file = tmp_path / f"{name}.tsv"
        file.write_text(f"s\th:m:s\tmax_rss\n{seconds}\t-\t{memory}\n")
        files.append(str(file))
    lines = runtime_table({"one": files[:2], "two": files[1:]}, costs_of(dict.fromkeys(files, ()))).splitlines()[2:]
    rows = [dict(zip(HEADER, (cell.strip() for cell in line.strip("|").split("|")), strict=True)) for line in lines]
    assert [row["minutes on one core"] for row in rows] == ["3", "2.5", "3.5"]
    assert [row["peak memory of a job (GiB)"] for row in rows] == ["2", "2", "2"]
    assert rows[-1] == {**rows[-1], "target": "all of them", "jobs": "3", "longest job (s)": "120"}


def sealed_runs(folder, *seconds):
    for number, each in enumerate(seconds):
        write_sealed(folder / f"runs/r{number}", {"trajectory.csv": b"step\n"}, {"wall_seconds": each})
    return [str(folder / f"runs/r{number}") for number in range(len(seconds))]


@pytest.mark.parametrize(("last_call", "memory"), [(2, {}), (95, {}), (104, {"train_sweep": 700})])
def test_a_job_that_skipped_or_resumed_runs_has_the_seconds_of_its_runs(last_call, memory, tmp_path):
    """Of all calls; Snakemake measures the last one, whose memory is the job's only if it trained all runs."""
    benchmark = str(benchmark_file(tmp_path / "benchmarks/train_sweep/a.tsv", last_call, 700))
    costs = costs_of({benchmark: sealed_runs(tmp_path, 60, 40)})
    assert runtimes(costs) == {"train_sweep:a": 100.0}
    assert peak_memory(costs) == memory
    assert "| all of them | 1 | 1.67 | 100 |" in runtime_table({"one": [benchmark]}, costs)


def test_runs_that_were_copied_without_benchmark_files_have_their_seconds(tmp_path):
    costs = costs_of(
        {"results/benchmarks/train/a.tsv": sealed_runs(tmp_path, 60), "results/benchmarks/align/a.tsv": []}
    )
    assert runtimes(costs) == {"train:a": 60.0}


def test_without_jobs_the_table_has_no_minutes():
    """As in a build of a paper without figures, or after results/benchmarks/ was deleted."""
    assert runtime_table({}, {}).splitlines()[-1] == "| all of them | 0 | 0 | – | – |"
    assert "| `one` | 0 | 0 | – | – |" in runtime_table({"one": ["lost.tsv"]}, {})


def test_no_minutes_are_read_from_an_edited_run(tmp_path):
    (run,) = sealed_runs(tmp_path, 60)
    file = tmp_path / "runs/r0/run.json"
    file.write_text(file.read_text(encoding="utf-8").replace("60", "6"), encoding="utf-8")
    with pytest.raises(DamagedResult, match=r"run\.json"):
        costs_of({"results/benchmarks/train/a.tsv": [run]})
