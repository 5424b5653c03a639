"""How far a build is and how long is left: the arithmetic, without Snakemake."""

import json
import os

import pytest

from snakemake_logger_plugin_grokking.progress import Job, Progress, Report, Runtimes, parse_report, read_report, spread

PUBLISHED = Runtimes({"train:a": 100.0, "train:b": 300.0, "train:c": 100.0, "draw_figure:results,figure_1": 4.0})
LINE = "12:00:00 step 1000  train_loss 0.01  45%, 12.0 s, about 15 s left"


def train(number: int, run: str) -> Job:
    return Job(number, "train", {"run": run}, output=(f"{run}.csv",), log=(f"{run}.log",))


FIGURE = Job(9, "draw_figure", {"out": "results", "figure": "figure_1"}, output=("results/figures/figure_1.svg",))
TARGET = Job(10, "all")


# Expected seconds


@pytest.mark.parametrize(
    ("job", "seconds"),
    [
        (train(1, "b"), 300.0),
        (train(1, "unknown"), 100.0),  # the median of its rule
        (FIGURE, 4.0),
        (Job(1, "align", {"run": "a"}, output=("x",)), 100.0),  # the median of all
        (TARGET, 0.0),
    ],
)
def test_expected_seconds_fall_back_to_the_rule_and_then_to_all(job, seconds):
    assert PUBLISHED.of(job) == seconds


def test_without_published_runtimes_all_jobs_count_the_same():
    assert Runtimes({}).of(train(1, "a")) == Runtimes({}).of(FIGURE) == 1.0


@pytest.mark.parametrize("content", ["[1, 2]", '{"train:a": "long"}', "{"])
def test_a_file_that_is_no_table_of_runtimes_is_refused(tmp_path, content):
    (tmp_path / "runtimes.json").write_text(content)
    with pytest.raises(ValueError, match=r"."):
        Runtimes.read(tmp_path / "runtimes.json")


def test_runtimes_are_read(tmp_path):
    (tmp_path / "runtimes.json").write_text(json.dumps({"train:a": 3}))
    assert Runtimes.read(tmp_path / "runtimes.json").of(train(1, "a")) == 3


# How far, and how long


@pytest.mark.parametrize(
    ("running", "waiting", "lanes", "seconds"),
    [
        ([], [], 2, 0.0),
        ([10.0], [(10.0, 3)], 2, 20.0),
        ([], [(10.0, 4), (60.0, 1)], 2, 60.0),  # no faster than the longest job
        ([10.0], [], 8, 10.0),  # a job uses one lane
    ],
)
def test_work_is_spread_over_the_lanes(running, waiting, lanes, seconds):
    assert spread(running, waiting, lanes) == seconds


def build(*, planned: bool = True) -> Progress:
    """Runs a, b and c and a figure to do, a has run for 50 s."""
    progress = Progress(PUBLISHED, started=0.0)
    progress.count({"train": 3, "draw_figure": 1, "all": 1, "total": 5})
    if planned:
        progress.plan([train(1, "a"), train(2, "b"), train(3, "c"), FIGURE, TARGET])
    progress.start(train(1, "a"), 0.0)
    return progress


def test_a_plan_knows_the_long_job():
    assert build().seconds_left(50.0, {}) == 50 + 300 + 100 + 4


def test_without_a_plan_the_waiting_jobs_take_what_their_rule_takes():
    assert build(planned=False).seconds_left(50.0, {}) == 50 + 2 * 100 + 4 + 0 + PUBLISHED.typical


def test_the_part_done_is_weighted_by_seconds():
    progress = build()
    assert progress.fraction(50.0, {}) == pytest.approx(50 / 504)
    assert progress.fraction(50.0, {1: Report(0.8, None)}) == pytest.approx(80 / 504)
    progress.finish(1, 100.0)
    assert progress.fraction(100.0, {}) == pytest.approx(100 / 504)


def test_a_slower_machine_needs_longer():
    progress = build()
    progress.finish(1, 300.0)  # expected: 100; the expectation counts like one more job of 100
    assert progress.ratio == pytest.approx((300 + 100) / (100 + 100))
    assert progress.seconds_left(300.0, {}) == pytest.approx(2 * 404)


def test_the_wait_in_a_clusters_queue_is_no_measure_of_speed():
    progress = build()
    progress.remote = True
    progress.finish(1, 3000.0)
    assert progress.seconds_left(3000.0, {}) == pytest.approx(404)


def test_what_a_job_says_of_itself_is_believed():
    assert build().seconds_left(50.0, {1: Report(0.1, 450.0)}) == 450 + 404


def test_nothing_is_estimated_before_anything_is_known():
    progress = Progress(Runtimes({}))
    progress.count({"train": 4, "total": 4})
    assert progress.seconds_left(1.0, {}) is None
    progress.start(train(1, "a"), 0.0)
    progress.finish(1, 7.0)
    assert progress.seconds_left(7.0, {}) == 21.0
    assert progress.fraction(7.0, {}) == 0.25


def test_a_job_that_is_tried_again_has_not_failed():
    progress = build()
    assert progress.fail(1) == train(1, "a")
    progress.start(train(1, "a"), 60.0)
    assert not progress.failed
    assert list(progress.running) == [1]


@pytest.mark.parametrize(
    ("log", "report"),
    [
        (LINE, Report(0.45, 15.0)),
        (LINE + "\n12:00:01 step 2000  90%, 24.0 s, about 3 s left\nsaved", Report(0.9, 3.0)),
        ("step 1  0%, 0.0 s, starting", Report(0.0, None)),
        ("accuracy 95% after 3 steps", None),
    ],
)
def test_a_jobs_own_report_is_the_last_in_its_log(log, report):
    assert parse_report(log) == report


def test_a_log_from_before_the_job_is_not_its_report(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("x" * 9000 + "\n" + LINE)
    os.utime(log, (1000.0, 1000.0))
    job = Job(1, "train", log=(str(log),))
    assert read_report(job, started=990.0, now=1005.0) == Report(0.45, 10.0)
    assert read_report(job, started=1001.0, now=1005.0) is None
