"""The wording of the display of a build, and what it takes from Snakemake's records, without Snakemake."""

import io
import logging
import os
import sys
import time
from types import SimpleNamespace

import pytest
from rich.console import Console

from grokking.durations import duration
from grokking.files import write_json
from grokking.logs import Report
from grokking.store.checksums import SUFFIX, write_checksums
from snakemake_logger_plugin_grokking import console_on, cores_of, wants_details, words
from snakemake_logger_plugin_grokking.display import Build, DryRun, Messages
from snakemake_logger_plugin_grokking.errors import unknown_target
from snakemake_logger_plugin_grokking.events import message_of
from snakemake_logger_plugin_grokking.jobs import Job, Progress, Runtimes
from snakemake_logger_plugin_grokking.terminal import Terminal
from tests.terminal import on_a_terminal, terminal


def train(number: int, run: str, **state: object) -> Job:
    return Job(number, "train", {"run": run}, output=(f"{run}.csv",), log=(f"{run}.log",), **state)


def plain(stream: io.StringIO, **options: object) -> Console:
    return Console(file=stream, soft_wrap=True, markup=False, emoji=False, highlight=False, **options)


# Words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (3569, "59 min"), (3599, "1 h 0 min"), (7500, "2 h 5 min")],
)
def test_durations(seconds, said):
    assert duration(seconds) == said


def test_a_name_has_no_hash_and_a_message_is_preferred():
    figure = Job(1, "draw_figure", {"out": "results", "figure": "x"}, started=60.0)
    assert words.line_of(train(1, "relu-net-s0-d4c2da3f", started=60.0), 75.0) == "  15 s  train relu-net-s0"
    assert words.line_of(figure, 200.0) == " 2 min  draw figure x"
    figure.message, figure.report = "lyu2024 figure_2a", Report(0.999, 1.0, None, False, {})
    assert words.line_of(figure, 200.0) == "  99 %  draw figure lyu2024 figure_2a"
    assert words.line_of(Job(1, "all", started=60.0), 60.0) == "   0 s  all"


@pytest.mark.parametrize("count", [0, 1, 2, 3, 9])
def test_the_status_is_one_to_three_lines(count):
    progress = Progress(Runtimes({"train:a": 100.0}), started=1000.0)
    progress.plan([train(number, "a") for number in range(9)])
    for number in range(count):
        progress.add(train(number, "a"), started=1000.0)
    head, *lines = words.status(progress, 1050.0)
    assert head.split()[:4] == [f"{50 * count // 9}", "%", "0", "of"]
    assert (f"{count} running" in head) == (count > 2)
    assert head.endswith(f"50 s, about {duration(900 - 50 * count)} left")
    assert lines == ["  50 s  train a"] * min(count, 2)


def test_jobs_that_failed_are_counted_and_an_estimate_waits_for_something_known():
    progress = Progress(Runtimes({}), started=1000.0)
    progress.plan([train(0, "a"), train(1, "b")])
    progress.jobs[0].ended, progress.jobs[0].failed = 1020.0, True
    assert words.status(progress, 1050.0) == ["   0 %  0 of 2 jobs, 1 failed, 50 s"]
    progress.finish(progress.jobs[1], 1050.0)
    assert words.status(progress, 1050.0) == ["  50 %  1 of 2 jobs, 1 failed, 50 s"]
    end = "1 of 2 jobs done in 50 s, 1 failed"
    assert words.summary(progress, 1050.0, False, "all.log") == f"{end}; all details: all.log"


@pytest.mark.parametrize(
    ("message", "gist"),
    [
        (
            "Job submission failed with exception: no such account. Available: a, bFor further error details see the "
            "cluster/cloud log and the log files of the involved rule(s).",
            "Job submission failed with exception: no such account. Available: a, b",
        ),
        (
            "RuleException:\nOSError in file \"S\", line 3:\nCommand 'a;\nfalse' returned non-zero exit status 1.",
            "its command returned non-zero exit status 1.",
        ),
        ("Command 'a' died with <Signals.SIGSEGV: 11>.", "its command died with <Signals.SIGSEGV: 11>."),
        (
            "Command 'a' died with <Signals.SIGKILL: 9>.",
            "it was killed, as the system does when memory runs out: use fewer --cores",
        ),
        (
            "RuleException:\nCommand 'a' returned non-zero exit status 137.",
            "it was killed, as the system does when memory runs out: use fewer --cores",
        ),
        ('ValueError in file "S", line 3:\nbad\n  File "S", line 3, in __rule_a', "bad"),
    ],
)
def test_snakemakes_exceptions_become_one_line(message, gist):
    assert words.gist(message) == gist


def said_of(jobs: list[Job], runtimes: Runtimes, cores: int) -> list[str]:
    """What a dry run of the jobs says."""
    dry = DryRun(plain(stream := io.StringIO()), runtimes, cores)
    for job in jobs:
        dry.take(started(job.id, job.rule, wildcards=job.wildcards, output=job.output, log=job.log))
    dry.close()
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_a_dry_run_is_a_table_of_rules_in_the_order_of_their_start():
    jobs = [train(0, "a"), Job(1, "draw", {"figure": "1"}, output=("x",)), train(2, "b"), Job(3, "all")]
    assert said_of(jobs, Runtimes({"train:a": 60.0, "train:b": 120.0, "draw:1": 4.0}), 2) == [
        "rule   jobs  on one core",
        "train     2        3 min",
        "draw      1          4 s",
        "all       1          0 s",
        "total     4        3 min",
        "about 2 min on 2 cores, from the published run times",
        "Dry run, nothing was executed. Add -p to list every job and why.",
    ]


def test_a_dry_run_says_of_how_many_jobs_it_knows_no_time():
    jobs = [train(number, run) for number, run in enumerate("abc")] + [Job(3, "draw", output=("x",))]
    _, *rows, last, _ = said_of(jobs, Runtimes({"train:a": 60.0, "train:b": 60.0}), 1)
    assert [row.split() for row in rows] == [
        ["train", "3", "2", "min", "+"], ["draw", "1", "?"], ["total", "4", "2", "min", "+"],
    ]  # fmt: skip
    assert last == "about 2 min on 1 core, from the published run times; jobs without one: 2"
    _, row, _, total, last, _ = said_of([jobs[2], Job(4, "all")], Runtimes({"train:a": 60.0}), 1)
    assert row.split()[-1] == total.split()[-1] == "?"
    assert last == "no run times are published for these jobs"


def test_a_dry_run_of_tiny_problems_tells_their_time_and_not_the_papers(tmp_path):
    figure = Job(1, "draw", {"out": "results/smoke", "figure": "1"}, output=("x",))
    jobs, published = [train(0, "tiny"), figure], tmp_path / "results/published/runtimes.json"
    assert "about 5 s on 2 cores, at 5 s for each tiny job" in said_of(jobs, Runtimes({"train:big": 600.0}), 2)
    tiny = tmp_path / "results/smoke/runtimes.json"
    for file, times in ((published, {"train:big": 600}), (tiny, {"train:tiny": 8, "draw:results/smoke,1": 4})):
        write_json(file, times)
    write_checksums([tiny, tiny.with_suffix(SUFFIX)])
    last = "about 12 s on 1 core, from the published run times and those of builds here"
    assert last in said_of(jobs, Runtimes.read(published, tmp_path / "results"), 1)
    tiny.write_text('{"train:tiny"', encoding="utf-8")  # truncated or edited: it is not read
    assert "at 5 s for each tiny job" in said_of(jobs, Runtimes.read(published, tmp_path / "results"), 2)[-2]


def test_a_dry_run_counts_what_is_left_of_a_run_that_resumes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results/checkpoints").mkdir(parents=True)
    (tmp_path / "results/checkpoints/a.log").write_text(f"{Report(0.75, 9.0, 3.0, False, {})}\n", encoding="utf-8")
    assert "about 10 s on 1 core, from the published run times" in said_of(
        [train(0, "a")], Runtimes({"train:a": 40.0}), 1
    )


@pytest.mark.parametrize(
    ("command", "cores"),
    [
        ("snakemake --cores 3 all", 3),
        ("snakemake -c5", 5),
        ("s --jobs=12", 12),
        ("s -n", os.cpu_count()),
        ("s -c 0", os.cpu_count()),
    ],
)
def test_the_cores_of_a_command(command, cores):
    assert cores_of(command) == cores


# A terminal


def drawn_by(act) -> list[str]:
    """The lines of a terminal of 40 columns after `act` with its console."""
    console = plain(stream := io.StringIO(), width=40, force_terminal=True, _environ={"TERM": "xterm"})
    act(console)
    return terminal(stream.getvalue().replace("\n", "\r\n"))


def test_a_status_is_replaced_in_place_fits_the_width_and_lines_above_it_stay():
    def act(console: Console) -> None:
        shown = Terminal(console)
        shown.show(["10 %", "train a", "train b"], stopped=False)
        console.print("a finished figure and its path, longer than the terminal is wide")
        shown.show(["20 %", "a name that is longer than the terminal is wide"], stopped=False)

    *above, _ = lines = [line for line in drawn_by(act) if line]
    assert above == ["a finished figure and its path, longer than the terminal is wide", "20 %"]
    assert lines[-1] == "a name that is longer than the terminal…"
    assert len(lines[-1]) == 40


JOB = """
import os, sys
from snakemake_logger_plugin_grokking import console_on
from snakemake_logger_plugin_grokking.terminal import Terminal

screen = Terminal(console_on(sys.stderr, nocolor=False))
stopped = "stopped" in sys.argv
os.system("echo first; printf unfin")
screen.show(["10 %"], False)
screen.show(["20 % of a status that is too long for the terminal"], stopped)
os.system("echo ished >&2; echo second; printf last")
screen.close(stopped)
os.system("echo after")
"""


def test_what_jobs_print_stays_above_the_status_but_for_what_stopped_jobs_print():
    for argument, lines in (("", ["first", "unfinished", "second", "last", "after"]), ("stopped", ["after"])):
        code, written = on_a_terminal([sys.executable, "-c", JOB, argument])
        assert code == 0, written
        assert "20 % of a status that is too long for t…" in written
        assert "for the terminal" not in written
        assert [line for line in terminal(written) if line] == lines


# From Snakemake's records


def record(message: object = None, level: int = logging.INFO, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("snakemake", level, "", 0, message, None, None)
    made.__dict__.update(fields)
    return made


def started(number: int, rule: str, **fields: object) -> logging.LogRecord:
    known = {"wildcards": {}, "rule_msg": None, "output": ["out"], "log": []}
    return record(event="job_info", jobid=number, rule_name=rule, **(known | fields))


def failed(number: int, log: tuple[str, ...] = ()) -> logging.LogRecord:
    return record("Error in rule", 40, event="job_error", jobid=number, rule_name="train", rule_msg=None, log=log)


def shown(*records: logging.LogRecord) -> list[str]:
    """What a build of a figure and two runs says in a file, without the lines of status."""
    made = Build(plain(stream := io.StringIO()), live=False, runtimes=Runtimes({}))
    made.thread.start = lambda: None  # type: ignore[method-assign]
    made.take(record(event="grokking_plan", jobs=[Job(1, "draw_figure"), train(2, "a"), train(3, "b")]))
    for one in records:
        made.take(one)
    made.close()
    return stream.getvalue().splitlines()


FINAL = record("Exiting because a job execution failed. Look above for error messages", 40)
STOP = record("Terminating processes on user request, this might take some time.")
EXCEPTION = record("RuleException:\nCommand 'x' returned non-zero exit status 3.", 40, event="error")


def test_a_finished_figure_gets_a_line():
    figure = started(1, "draw_figure", wildcards={"out": "results", "figure": "figure_1"}, output=["f.svg"])
    ends = [record(event="job_finished", job_id=number) for number in (1, 2)]
    assert shown(figure, started(2, "train"), *ends) == ["figure_1  f.svg", "2 of 3 jobs done in 0 s"]


def test_a_build_without_failures_says_nothing_of_them():
    starts = [started(number, "train") for number in (1, 2, 3)]
    ends = [record(event="job_finished", job_id=number) for number in (1, 2, 3)]
    assert shown(*starts, *ends, record("Complete log(s): all.log")) == ["3 jobs done in 0 s"]


def test_a_failure_is_shown_once_with_what_was_raised_or_better_with_the_error_in_its_log(tmp_path):
    (tmp_path / "a.log").write_text("12:00:00 error: diverged\n", encoding="utf-8")
    log, missing = str(tmp_path / "a.log"), str(tmp_path / "no.log")
    start = started(2, "train", wildcards={"run": "a"})
    end = "0 of 3 jobs done in 0 s, 1 failed; all details: all.log"
    details = record("Complete log(s): all.log")
    for logs, error in (
        ((missing,), f"its command returned non-zero exit status 3.  (log: {missing})"),
        ((missing, log), f"error: diverged  (log: {missing}, {log})"),
        ((), "its command returned non-zero exit status 3."),
    ):
        lines = shown(start, EXCEPTION, failed(2, logs), FINAL, details)
        assert lines == ["failed: rule train, run=a", f"  {error}", end]
    assert shown(start, failed(2))[1] == "  its own message is above"


def test_a_job_that_succeeds_when_tried_again_has_not_failed():
    again = (started(2, "train"), failed(2), started(2, "train"), record(event="job_finished", job_id=2))
    assert shown(*again)[-1] == "1 of 3 jobs done in 0 s"


def test_an_error_that_no_failure_follows_is_shown():
    missing = 'MissingOutputException in rule train in file "S", line 2:\nJob 2  completed, but files are missing'
    lines = shown(started(2, "train"), record(missing, 40, event="error"))
    assert lines[:2] == ["failed: rule train", "  Job 2  completed, but files are missing"]
    assert lines[2] == "0 of 3 jobs done in 0 s, 1 failed"
    assert shown(record("no space left", 40, event="error"))[0] == "no space left"


def test_the_last_error_of_snakemake_which_says_nothing_hides_none():
    """A clock that is wrong fails a job without an error of the job."""
    skew = "WorkflowError in rule train:\nOutput b has older modification time (1) than input a (2). A clock skew …"
    final = record("WorkflowError:\nAt least one job did not complete successfully.", 40, event="error")
    lines = shown(started(2, "train"), record(skew, 40, event="error"), FINAL, final)
    assert lines[0] == "error: a is newer than b, which was just made from it: a clock is wrong."


def test_an_error_is_kept_for_a_moment_for_the_failure_that_follows():
    made = Build(plain(stream := io.StringIO()), live=False, runtimes=Runtimes({}))
    made.take(record("no space left", 40, event="error"))
    made._refresh(None, time.time() + 0.5)
    assert "no space left" not in stream.getvalue()
    made._refresh(None, time.time() + 1.5)
    assert stream.getvalue().splitlines()[-1] == "no space left"


def test_jobs_stopped_with_the_build_have_not_failed():
    lines = shown(started(2, "train"), STOP, EXCEPTION, failed(2))
    assert lines == ["0 of 3 jobs done in 0 s, stopped; repeat the command to continue"]


def test_a_log_gets_a_line_a_minute():
    made = Build(plain(stream := io.StringIO()), live=False, runtimes=Runtimes({}))
    made.take(started(2, "train", wildcards={"run": "a"}))
    for second in range(1, 601):
        made._refresh(None, 1e9 + second)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 10
    assert all("0 of 1 job, " in line and line.endswith("train a") for line in lines)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Select jobs to execute...", None),
        ("Complete log(s): x", None),
        (STOP.getMessage(), None),
        (None, None),
        ("Exception in run_job for rule train: no such account\nTraceback (most recent call last):\n …", None),
        ("Something new", "Something new"),
        ("Nothing to be done", "Nothing to be done"),
        (
            'InputFunctionException in rule x in file "S", line 1:\nError:\n  WorkflowError:\n    no a\nWildcards:\n x',
            "error: no a",
        ),
    ],
)
def test_only_known_chatter_is_left_out(message, said):
    assert message_of(record(message, logging.ERROR)) == said


RULES = (
    ("smoke", (), ("results/smoke/report.html",)),
    ("claims", (), ("results/claims.json",)),
    ("lyu2024_figure_3", (), ("results/figures/lyu2024/figure_3.svg",)),
    ("gromov2023_figure_9", (), (lambda wildcards: (),)),
    ("{name}", ("results/{name}.csv",), ()),
    ("train", ("{run}.csv",), ()),
)


@pytest.mark.parametrize(
    ("target", "alike"),
    [
        ("smok", "near: smoke"),
        ("lyu2024-figure-3", "near: lyu2024_figure_3"),
        ("lyu2024_figure_33", "near: lyu2024_figure_3"),
        ("gromov2023_figure_99", "near: gromov2023_figure_9"),
        ("results/claim.json", "near: results/claims.json"),
        ("figures/lyu2024/figure_3.svg", "near: results/figures/lyu2024/figure_3.svg"),
        ("traim", "near: train"),  # as in --forcerun traim
        ("xyz", "snakemake --list-target-rules shows all"),
    ],
)
def test_a_mistyped_target_is_one_line_with_the_targets_that_it_may_mean(target, alike):
    rules = [
        SimpleNamespace(
            name=name, output=output, input=files, has_wildcards=lambda name=name: name in ("{name}", "train")
        )
        for name, output, files in RULES
    ]
    text = f"MissingRuleException:\nNo rule to produce {target} (if you use input functions make sure that …)."
    said = unknown_target(text, SimpleNamespace(rules=rules))
    assert said.startswith(f"error: {target}: no such target; {alike}")
    assert unknown_target("WorkflowError:\nno", SimpleNamespace(rules=rules)) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "LockException:\nError: Directory cannot be locked. Please make sure that no other Snakemake process is "
            "trying to create the same files in the following directory:\n/a b\nIf you are sure that no other …",
            ["error: /a b is locked: another call of snakemake works there, or one was killed.",
             "If none works there (pgrep -af snakemake), call snakemake --unlock and repeat the command."],
        ),
        (
            'WorkflowError in rule train in file "S", line 9:\nOutput b.csv has older modification time (2026) than '
            "input a.csv (2030). This could indicate a clock skew problem in your network and would …",
            ["error: a.csv is newer than b.csv, which was just made from it: a clock is wrong.",
             "Set the clock of this machine or of the file server, then: touch a.csv; repeat the command."],
        ),
        (
            "Traceback (most recent call last):\n  …\nOSError: [Errno 30] Read-only file system: '/a/.snakemake'",
            ["error: /a/.snakemake: Read-only file system; change its rights, or let snakemake write to another "
             "folder: --directory FOLDER"],
        ),
        (
            "WorkflowError:\nTarget rules may not contain wildcards. Please specify …",
            ["error: a rule inside the workflow, with wildcards, is no target; "
             "snakemake --list-target-rules shows all"],
        ),
    ],
)  # fmt: skip
def test_what_snakemake_says_of_a_lock_a_clock_and_the_disk_has_a_way_out(text, said):
    assert message_of(record(text, logging.ERROR)).splitlines() == said
    assert words.gist(text).splitlines() == said


def test_events_that_are_no_messages_are_left_out():
    messages = Messages(plain(stream := io.StringIO()))
    messages.take(record("Provided cores: 2", event="resources_info"))
    messages.take(record("Deleting a", event=None))
    assert stream.getvalue() == "Deleting a\n"


def test_a_dry_run_with_an_error_shows_only_that():
    dry = DryRun(plain(stream := io.StringIO()), Runtimes({}), 2)
    dry.take(started(2, "train"))
    dry.take(record("MissingInputException in rule train", 40, event="error"))
    dry.close()
    assert stream.getvalue() == "MissingInputException in rule train\n"


# When, and where


@pytest.mark.parametrize(
    ("settings", "command", "environment", "details"),
    [
        ({}, "snakemake all", {}, False),
        ({}, "snakemake all", {"GROKKING_DETAILS": "1"}, True),
        ({}, "snakemake all", {"GROKKING_DETAILS": "0"}, False),
        ({}, "snakemake --touch all", {}, True),
        ({"verbose": True}, "snakemake all", {}, True),
        ({"printshellcmds": True}, "snakemake all", {}, True),
        ({"debug_dag": True}, "snakemake all", {}, True),
        ({"quiet": ["progress"]}, "snakemake all", {}, True),
    ],
)
def test_details_are_one_flag_away(settings, command, environment, details):
    known = {"verbose": False, "debug_dag": False, "printshellcmds": False, "quiet": None}
    assert wants_details(SimpleNamespace(**(known | settings)), command, environment) is details


@pytest.mark.parametrize(("encoding", "expected"), [("utf-8", "λ … é"), ("latin-1", "? ? é"), ("ascii", "? ? ?")])
def test_a_file_gets_neither_codes_nor_characters_that_it_lacks(encoding, expected, tmp_path):
    with open(tmp_path / "out", "w", encoding=encoding) as stream:
        console = console_on(stream, nocolor=False)
        console.print("λ … é", style="red")
    assert not console.is_interactive
    assert (tmp_path / "out").read_text(encoding=encoding) == f"{expected}\n"
