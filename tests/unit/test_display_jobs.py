"""How far a build is and how long is left: the arithmetic, without Snakemake."""

import os

import pytest

from grokking.durations import spread
from grokking.logs import Report
from snakemake_logger_plugin_grokking.jobs import Job, Progress, Runtimes

SECONDS = {"train:a": 100.0, "train:b": 300.0, "train:c": 100.0, "draw_figure:results,figure_1": 4.0}
PUBLISHED = Runtimes(SECONDS)


def train(number: int, run: str, **state: object) -> Job:
    return Job(number, "train", {"run": run}, output=(f"{run}.csv",), log=(f"{run}.log",), **state)


def figure() -> Job:
    wildcards = {"out": "results", "figure": "figure_1"}
    return Job(9, "draw_figure", wildcards, output=("results/figures/figure_1.svg",))


def target() -> Job:
    return Job(10, "all")


# Expected seconds


@pytest.mark.parametrize(
    ("job", "known", "expected"),
    [
        (train(1, "b"), 300.0, 300.0),
        (train(1, "unknown"), None, 100.0),  # the median of its rule
        (figure(), 4.0, 4.0),
        (Job(1, "align", {"run": "a"}, output=("x",)), None, 100.0),  # the median of all
        (target(), 0.0, 0.0),
    ],
)
def test_expected_seconds_fall_back_to_the_rule_and_then_to_all(job, known, expected):
    assert PUBLISHED.known(job) == known
    assert PUBLISHED.of(job) == expected


def test_without_published_times_all_jobs_count_the_same():
    assert Runtimes({}).of(train(1, "a")) == Runtimes({}).of(figure()) == 1.0


# How far, and how long


@pytest.mark.parametrize(
    ("seconds", "lanes", "time"),
    [
        ([], 2, 0.0),
        ([10.0] * 4, 2, 20.0),
        ([10.0] * 3, 2, 15.0),
        ([60.0, 10.0, 10.0], 2, 60.0),  # no faster than the longest job
        ([10.0], 8, 10.0),  # a job uses one lane
    ],
)
def test_work_is_spread_over_the_lanes(seconds, lanes, time):
    assert spread(seconds, lanes) == time


def build() -> tuple[Progress, Job]:
    """Runs a, b and c and a figure to do on one core, and a, which runs since the beginning."""
    progress, running = Progress(PUBLISHED, started=1000.0), train(1, "a")
    progress.plan([train(1, "a"), train(2, "b"), train(3, "c"), figure(), target()])
    progress.add(running, started=1000.0)
    return progress, running


def test_the_long_job_counts_as_what_it_takes():
    progress, _ = build()
    assert progress.left(1050.0) == 50 + 300 + 100 + 4


def test_the_part_done_is_weighted_by_seconds():
    progress, running = build()
    assert progress.fraction(1050.0) == pytest.approx(50 / 504)
    assert progress.fraction(9999.0) == pytest.approx(95 / 504)  # by the clock a job is never done
    running.report = Report(0.8, 50.0, None, False, {})
    assert progress.fraction(1050.0) == pytest.approx(80 / 504)
    progress.finish(running, 1100.0)
    assert progress.fraction(1100.0) == pytest.approx(100 / 504)
    assert (progress.done, progress.failed, len(progress.jobs)) == (1, 0, 5)


def test_a_build_is_done_when_all_of_it_is():
    progress, _ = build()
    for job in list(progress.jobs.values()):
        progress.finish(job, 1500.0)
    assert (progress.fraction(1500.0), progress.left(1500.0), progress.done) == (1.0, 0.0, 5)


def test_a_slower_machine_needs_longer():
    progress, running = build()
    progress.finish(running, 1300.0)  # expected: 100; the expectation counts like one more job of 100
    assert progress.pace == pytest.approx((300 + 100) / (100 + 100))
    assert progress.left(1300.0) == pytest.approx(2 * 404)


def test_a_target_and_a_job_that_was_not_seen_to_start_say_nothing_of_the_pace():
    progress, _ = build()
    progress.add(target(), started=1000.0)
    for number in (10, 9):
        progress.finish(progress.jobs[number], 9000.0)
    assert progress.pace == 1.0
    assert progress.fraction(1000.0) == pytest.approx(4 / 504)


def test_what_a_job_says_of_itself_is_believed():
    progress, running = build()
    running.report, running.reported = Report(0.1, 50.0, 450.0, False, {}), 1050.0
    assert progress.left(1050.0) == 450 + 404
    assert progress.left(1060.0) == 440 + 404
    assert progress.left(9999.0) == 0 + 404


def test_a_run_that_resumes_takes_what_is_left_of_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results/checkpoints").mkdir(parents=True)
    (tmp_path / "results/checkpoints/b.log").write_text(f"{Report(0.9, 9.0, 3.0, False, {})}\n", encoding="utf-8")
    progress, _ = build()
    assert progress.left(1000.0) == 100 + 30 + 100 + 4
    assert progress.fraction(1000.0) == pytest.approx(270 / 504)
    progress.add(train(2, "b"), started=1000.0)
    assert progress.part(progress.jobs[2], 1015.0) == pytest.approx(0.95)
    progress.finish(progress.jobs[2], 1030.0)
    assert progress.pace == 1.0


def test_nothing_is_estimated_before_anything_is_known():
    """And if most jobs are of another size than the published ones."""
    for runtimes in (Runtimes({}), Runtimes({"train:x": 100.0, "train:0": 100.0})):
        progress = Progress(runtimes, started=0.0)
        progress.plan([train(number, str(number)) for number in range(4)])
        job = train(0, "0")
        progress.add(job, started=1.0)
        job.report = Report(0.5, 1.0, 30.0, False, {})
        assert progress.left(2.0) == 0
        progress.finish(job, 8.0)
        assert progress.left(8.0) == 21.0
        assert progress.fraction(8.0) == 0.25


def test_a_job_that_is_tried_again_has_not_failed():
    progress, running = build()
    running.ended, running.failed = 1050.0, True
    assert (progress.done, progress.failed, progress.running) == (0, 1, [])
    progress.add(train(1, "a"), started=1060.0)
    assert (progress.done, progress.failed, [job.id for job in progress.running]) == (0, 0, [1])


def test_the_job_that_runs_longest_comes_first():
    progress, _ = build()
    progress.add(train(2, "b"), started=1020.0)
    progress.add(train(3, "c"), started=1010.0)
    assert [job.id for job in progress.running] == [1, 3, 2]


def test_a_log_from_before_the_job_is_not_its_report(tmp_path):
    report, log = Report(0.45, 12.0, 15.0, False, {"step": 1.0}), tmp_path / "a.log"
    log.write_text(f"12:00:00 {report}\n", encoding="utf-8")
    os.utime(log, (1000.0, 1000.0))
    early, late = (Job(1, "train", log=(str(log),), started=started) for started in (990.0, 1001.0))
    for job in (early, late, Job(2, "train", log=("none.log",)), target()):
        job.look()
        assert job.report == (report if job is early else None)
    assert early.reported == 1000.0
