"""Messages on progress, failures and dry runs."""

import re
from collections.abc import Sequence

from rich.table import Table

from grokking.durations import counted, duration, spread
from snakemake_logger_plugin_grokking import errors
from snakemake_logger_plugin_grokking.jobs import Job, Progress, Runtimes

SMOKE, TINY = "results/smoke", 5  # tiny problems; the median seconds of their jobs, most of it to start
HASH = re.compile(r"-[0-9a-f]{8}\b")  # at the end of a run's name
# In Snakemake's text of an exception: its class, the line of a Snakefile, a traceback, advice.
WHERE = re.compile(
    r"^\w+(Exception|Error):$|^.* in file .*, line \d+:$|^  File .*|For further error details see.*",
    re.MULTILINE,
)
FINISHING = "stopping when the running jobs have ended; Ctrl-C stops these, too"
STOPPED = "stopped; repeat the command to continue"
COMMAND = re.compile(r"Command '.*' (?=returned non-zero exit status|died with)", re.DOTALL)

KILLED = re.compile(r"Signals\.SIGKILL|non-zero exit status 137\b")


def subject(job: Job) -> str:
    """Return the message of a job, else its wildcards without the folder of the build."""
    wildcards = " ".join(value for key, value in job.wildcards.items() if key != "out")
    return job.message or HASH.sub("", wildcards)


def status(progress: Progress, now: float) -> list[str]:
    """Return a line on the build, and a line on each of the two longest running jobs."""
    running, left = progress.running, progress.left(now)
    state = f"{int(100 * progress.fraction(now))} %"
    facts = [
        f"{progress.done} of {counted(len(progress.jobs), 'job')}",
        f"{len(running)} running" if len(running) > 2 else "",
        f"{progress.failed} failed" if progress.failed else "",
        duration(now - progress.started),
        f"about {duration(left)} left" if left else "",
    ]
    head = f"{state:>6}  {', '.join(filter(None, facts))}"
    return [head, *(line_of(job, now) for job in running[:2])]


def line_of(job: Job, now: float) -> str:
    """Return a line on a running job: its progress, else its time, and its name."""
    state = f"{int(100 * job.report.done)} %" if job.report else duration(job.elapsed(now))
    return f"{state:>6}  {job.rule.replace('_', ' ')} {subject(job)}".rstrip()


def summary(progress: Progress, now: float, stopped: bool, log: str | None) -> str:
    """Return the last line of a build: how many jobs finished and failed, and the log."""
    complete, total = progress.done == len(progress.jobs), counted(len(progress.jobs), "job")
    jobs = total if complete else f"{progress.done} of {total}"
    failed = f", {progress.failed} failed" if progress.failed else ""
    line = f"{jobs} done in {duration(now - progress.started)}{failed}"
    if stopped:
        return f"{line}, {STOPPED}"
    return line if complete or not log else f"{line}; all details: {log}"


def left_out(jobs: int) -> str:
    """Return a line on jobs that `--until` leaves out."""
    need, them = ("needs", "it") if jobs == 1 else ("need", "them")
    return f"--until leaves out {counted(jobs, 'job')} that {need} results of this call; repeat the call for {them}"


def gist(message: str) -> str:
    """Return the cause of an exception in a line or two, from Snakemake's text of it."""
    if known := errors.in_words(message):
        return known
    if KILLED.search(message):
        return "it was killed, as the system does when memory runs out: use fewer --cores"
    lines = WHERE.sub("", COMMAND.sub("its command ", message)).splitlines()
    return " ".join(filter(None, map(str.strip, lines)))


def failure(job: Job, error: str, logs: Sequence[str] = ()) -> str:
    """Return two lines: which job failed, and its error with the logs that say more."""
    wildcards = "".join(f", {key}={value}" for key, value in job.wildcards.items())
    where = f"  (log: {', '.join(logs)})" if logs else ""
    return f"failed: rule {job.rule}{wildcards}\n  {error}{where}"


def dry_run(jobs: Sequence[Job], runtimes: Runtimes) -> Table:
    """Return a table of the number and the expected time of jobs by rule, in order of start."""
    table = Table("rule", box=None, pad_edge=False, header_style="")
    table.add_column("jobs", justify="right")
    table.add_column("on one core", justify="right")
    for rule in dict.fromkeys(job.rule for job in jobs):
        of_rule = [job for job in jobs if job.rule == rule]
        table.add_row(rule, f"{len(of_rule)}", expected(of_rule, runtimes))
    table.add_row("total", f"{len(jobs)}", expected(jobs, runtimes))
    return table


def expected(jobs: Sequence[Job], runtimes: Runtimes, cores: int = 1) -> str:
    """Return the published time of what is left of jobs, as text.

    A + follows if some jobs have no published time; ? stands for the time if none has one.
    """
    times = [time * (1 - job.begun) for job in jobs if (time := runtimes.known(job)) is not None]
    if len(times) < len(jobs) and not any(times):
        return "?"
    return duration(spread(times, cores)) + (" +" if len(times) < len(jobs) else "")


def estimate(jobs: Sequence[Job], runtimes: Runtimes, cores: int) -> str:
    """Return the expected time of a build on `cores` cores, from published times of its jobs."""
    time, on = expected(jobs, runtimes, cores), f"on {counted(cores, 'core')}"
    if time == "?" and any(job.wildcards.get("out") == SMOKE for job in jobs):
        return f"about {duration(spread([TINY] * len(jobs), cores))} {on}, at {TINY} s for each tiny job"
    if time == "?":
        return "no run times are published for these jobs"
    unknown = sum(runtimes.known(job) is None for job in jobs)
    rest = f"; jobs without one: {unknown}" if unknown else ""
    return f"about {time.removesuffix(' +')} {on}, from {runtimes.source}{rest}"
