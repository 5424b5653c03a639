"""The arithmetic and the wording of the display of a build, without Snakemake and without a terminal."""

import io
import logging
import os
from types import SimpleNamespace

import pytest

from snakemake_logger_plugin_grokking import cores_of, text, wants_own_output
from snakemake_logger_plugin_grokking.display import Build, DryRun
from snakemake_logger_plugin_grokking.events import message_of
from snakemake_logger_plugin_grokking.progress import Job, Progress, Report, Runtimes
from snakemake_logger_plugin_grokking.screen import Pacer, Screen, is_live, redraw
from tests.terminal import terminal

PUBLISHED = Runtimes({"rule_0": 100.0})


def train(number: int, run: str) -> Job:
    return Job(number, "train", {"run": run}, output=(f"{run}.csv",), log=(f"{run}.log",))


FIGURE = Job(9, "draw_figure", {"out": "results", "figure": "figure_1"}, output=("results/figures/figure_1.svg",))


# Words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (3569, "59 min"), (3599, "1 h 0 min"), (7500, "2 h 5 min")],
)
def test_durations(seconds, words):
    assert text.duration(seconds) == words


def test_a_hundred_percent_means_all_of_it():
    assert [text.percent(part) for part in (0.0, 0.999, 1.0)] == ["0 %", "99 %", "100 %"]


def test_a_name_has_no_hash_and_a_message_is_preferred():
    assert text.name(train(1, "modular_addition-net-s0-d4c2da3f")) == "train modular_addition-net-s0"
    assert text.name(Job(1, "draw_figure", {"figure": "x"}, "lyu2024 figure_2a")) == "draw figure lyu2024 figure_2a"
    assert text.figure_line(FIGURE) == "figure_1  results/figures/figure_1.svg"


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 9])
def test_the_status_is_one_to_three_lines_that_fit(width, count):
    progress = Progress(PUBLISHED, total=5)
    progress.start(train(1, "a"), 0.0)
    for number in range(count):
        progress.start(train(20 + number, "a-very-long-name-of-a-run" * 4), 1.0)
    lines = text.status(progress, 60.0, {1: Report(0.45, 15.0)}, width)
    assert 1 <= len(lines) <= 3
    assert all(len(line) <= width for line in lines)
    if 40 <= width <= 80 and count:
        assert "…  59 s" in lines[2]  # a long name is cut, what follows it is not
    if width >= 80:
        assert "0 of 5 jobs, 1 min, about" in lines[0]
        assert lines[1].split() == ["train", "a", "45", "%"]


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("utf-8", "λ … é"), ("ascii", "lambda ... ?"), ("latin-1", "lambda ... é"), (None, "lambda ... ?")],
)
def test_characters_that_a_stream_lacks_are_replaced(encoding, expected):
    assert text.printable("λ … é", encoding) == expected


def test_a_failed_job_tells_its_own_error(tmp_path):
    (tmp_path / "a.log").write_text("step 1\n12:00:00 error: diverged before step 7\nbye\n")
    assert text.own_error([str(tmp_path / "a.log")]) == "error: diverged before step 7"
    assert text.own_error([str(tmp_path / "none.log")]) is None


@pytest.mark.parametrize(
    ("told", "gist"),
    [
        (
            "Job submission failed with exception: no such account. Available: a, bFor further error details see the "
            "cluster/cloud log and the log files of the involved rule(s).",
            "Job submission failed with exception: no such account. Available: a, b",
        ),
        (
            "RuleException:\nOSError in file \"S\", line 3:\nCommand 'a; false' returned non-zero exit status 1.",
            "its command returned non-zero exit status 1.",
        ),
        ('ValueError in file "S", line 3:\nbad\n  File "S", line 3, in __rule_a', "bad"),
    ],
)
def test_snakemakes_exceptions_become_one_line(told, gist):
    assert text.gist(told) == gist


def test_a_dry_run_fits_a_screen():
    jobs = [Job(n, f"rule_{n % 60}", output=("x",)) for n in range(600)]
    lines = text.dry_run(jobs, Runtimes({job.key: 100.0 for job in jobs}), 2)
    assert len(lines) <= 36
    assert max(map(len, lines)) <= 80
    assert lines[-3].split() == ["31", "other", "rules", "310", "8", "h", "37", "min"]
    assert lines[-2].split() == ["total", "600", "16", "h", "40", "min"]
    assert lines[-1] == "about 8 h 20 min on 2 cores, from the published runtimes"
    assert "about" not in "".join(text.dry_run(jobs, Runtimes({}), 2))


def test_a_dry_run_says_of_how_many_jobs_it_knows_no_time():
    jobs = [train(number, run) for number, run in enumerate("abc")] + [Job(3, "draw", output=("x",))]
    _, *rows, told = text.dry_run(jobs, Runtimes({"train:a": 60.0, "train:b": 60.0}), 1)
    assert [row.split() for row in rows] == [
        ["train", "3", "2", "min", "+"], ["draw", "1", "?"], ["total", "4", "2", "min", "+"],
    ]  # fmt: skip
    assert told == "about 2 min on 1 core, from the published runtimes; 2 jobs have none"
    assert text.dry_run(jobs[2:], Runtimes({"train:a": 60.0}), 1)[-1] == "no job of these has a published runtime"


@pytest.mark.parametrize(
    ("command", "cores"), [("snakemake --cores 3 all", 3), ("snakemake -c5", 5), ("s -n", os.cpu_count())]
)
def test_the_cores_of_a_command(command, cores):
    assert cores_of(command) == cores


# Where and when


def test_a_status_is_replaced_in_place_and_lines_above_it_stay():
    written = redraw(0, ["10 %", "train a"]) + redraw(2, ["10 %", "train a"], "figure_1\nfigure_2")
    written += redraw(2, ["9 %"]) + redraw(1, ["20 %", "train b"], "")
    assert terminal(written) == ["figure_1", "figure_2", "", "20 %", "train b"]
    assert terminal(written + redraw(2, [])) == ["figure_1", "figure_2", "", ""]


def test_a_file_gets_neither_codes_nor_a_status():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    assert not is_live(stream, {})
    screen = Screen(stream, live=False, colour=True)
    screen.say("figure_1", "\033[32m")
    stream.seek(0)
    assert stream.read() == "figure_1\n"


@pytest.mark.parametrize(("environment", "live"), [({}, True), ({"TERM": "dumb"}, False), ({"CI": "true"}, False)])
def test_lines_are_redrawn_only_where_somebody_may_look(environment, live):
    assert is_live(SimpleNamespace(isatty=lambda: True), environment) is live


def test_a_log_gets_a_few_lines_a_minute():
    fast, slow = Pacer(last=0.0), Pacer(last=0.0)
    assert sum(fast.due(second, second / 100) for second in range(1, 101)) == 5
    assert sum(slow.due(second, second / 1e6) for second in range(1, 601)) == 10


# From Snakemake's records


def record(message: object = None, level: int = logging.INFO, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("snakemake", level, "", 0, message, None, None)
    made.__dict__.update(fields)
    return made


def started(number: int, rule: str, **fields: object) -> logging.LogRecord:
    known = {"wildcards": {}, "rule_msg": None, "output": ["out"], "log": []}
    return record(event="job_info", jobid=number, rule_name=rule, **(known | fields))


def shown(*records: logging.LogRecord) -> list[str]:
    """What a build in a log file says, without the lines of progress."""
    stream = io.StringIO()
    made = Build(Screen(stream, live=False, colour=False), Runtimes({}), ["draw_figure"])
    made.ticker.start = lambda: None  # type: ignore[method-assign]
    for one in records:
        made.take(one)
    made.close()
    return stream.getvalue().splitlines()


BEGIN = record(event="run_info", stats={"draw_figure": 1, "train": 2, "total": 3})
FINAL = "Exiting because a job execution failed. Look above for error messages"


def test_a_finished_figure_gets_a_line():
    figure = started(1, "draw_figure", wildcards={"out": "results", "figure": "figure_1"}, output=["f.svg"])
    ends = [record(event="job_finished", job_id=number) for number in (1, 2)]
    assert shown(BEGIN, figure, started(2, "train"), *ends) == ["figure_1  f.svg", "2 of 3 jobs done in 0 s"]


def test_a_failure_is_told_once():
    told = record("RuleException:\nCommand 'x' returned non-zero exit status 3.", 40, event="error")
    failed = record("Error in rule", 40, event="job_error", jobid=2, rule_name="train", rule_msg=None, log=["no.log"])
    lines = shown(BEGIN, started(2, "train", wildcards={"run": "a"}), told, failed, record(FINAL, 40))
    assert lines == [
        "failed: rule train, run=a",
        "  its command returned non-zero exit status 3.  (log: no.log)",
        "0 of 3 jobs done in 0 s, 1 failed",
    ]


def test_an_error_that_no_failure_follows_is_told():
    told = 'MissingOutputException in rule train in file "S", line 2:\nJob 2  completed, but files are missing'
    lines = shown(BEGIN, started(2, "train"), record(told, 40, event="error"))
    assert lines[:2] == ["failed: rule train", "  Job 2  completed, but files are missing"]


def test_jobs_killed_with_the_build_have_not_failed():
    stop = record("Terminating processes on user request, this might take some time.")
    failed = record("Error", 40, event="job_error", jobid=2, rule_name="train", rule_msg=None, log=[])
    lines = shown(BEGIN, started(2, "train"), stop, failed)
    assert lines == ["0 of 3 jobs done in 0 s, stopped; the same call goes on from here"]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Select jobs to execute...", None),
        (None, None),
        ("Exception in run_job for rule train: no such account\nTraceback (most recent call last):\n …", None),
        ("Something new", "Something new"),
        ("Nothing to be done", "Nothing to be done"),
    ],
)
def test_only_known_chatter_is_left_out(message, said):
    assert message_of(record(message)) == said


def test_a_dry_run_with_an_error_shows_only_that():
    stream = io.StringIO()
    dry = DryRun(Screen(stream, live=False, colour=False), Runtimes({}), 2)
    dry.take(record(event="run_info", stats={"train": 2, "total": 2}))
    dry.take(record("MissingInputException in rule train", 40, event="error"))
    dry.close()
    assert stream.getvalue() == "MissingInputException in rule train\n"


@pytest.mark.parametrize(
    ("settings", "environment", "own"),
    [
        ({}, {}, False),
        ({}, {"GROKKING_DETAILS": "1"}, True),
        ({}, {"GROKKING_DETAILS": "0"}, False),
        ({"verbose": True}, {}, True),
        ({"printshellcmds": True}, {}, True),
        ({"quiet": ["progress"]}, {}, True),
        ({"quiet": ["progress"], "dryrun": True}, {}, False),
    ],
)
def test_details_are_one_flag_away(settings, environment, own):
    known = {"verbose": False, "debug_dag": False, "printshellcmds": False, "dryrun": False, "quiet": None}
    assert wants_own_output(SimpleNamespace(**(known | settings)), environment) is own
