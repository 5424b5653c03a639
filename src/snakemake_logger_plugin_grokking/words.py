"""How progress, failures and dry runs are worded."""

import re
from collections.abc import Sequence

from rich.table import Table

from snakemake_logger_plugin_grokking.progress import Job, Progress, Running, Runtimes, spread

HASH = re.compile(r"-[0-9a-f]{8}\b")  # at the end of a run's name
# In an exception as Snakemake words it: its class, the line of a Snakefile, a traceback, advice.
WHERE = re.compile(
    r"^\w+(Exception|Error):$|^.* in file .*, line \d+:$|^  File .*|For further error details see.*",
    re.MULTILINE,
)
COMMAND = re.compile(r"Command '.*' (?=returned non-zero exit status|died with)", re.DOTALL)


def duration(seconds: float) -> str:
    """A time in words: 40 s, 12 min, 2 h 5 min."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def percent(fraction: float) -> str:
    """Whole per cent; 100 only when all is done."""
    return f"{int(100 * fraction)} %"


def subject(job: Job) -> str:
    """What a job is about: its message, else its wildcards but for the folder of the build."""
    wildcards = " ".join(value for key, value in job.wildcards.items() if key != "out")
    return job.message or HASH.sub("", wildcards)


def status(progress: Progress, now: float) -> list[str]:
    """A line on the whole build and one on each of the two jobs that have run longest."""
    longest = sorted(progress.running.values(), key=lambda running: running.started)[:2]
    return [headline(progress, now), *(line_of(running, now) for running in longest)]


def headline(progress: Progress, now: float) -> str:
    """How much of a build is done, and about how long the rest will take."""
    running = f", {len(progress.running)} running" if len(progress.running) > 2 else ""
    left = progress.left(now)
    rest = f", about {duration(left)} left" if left is not None else ""
    counted = f"{progress.done} of {progress.total} jobs{running}{failures(progress)}"
    spent = duration(now - progress.started)
    return f"{percent(progress.fraction(now)):>6}  {counted}, {spent}{rest}"


def line_of(running: Running, now: float) -> str:
    """How far a running job is, or how long it has run, and its name."""
    time = duration(now - running.started)
    state = percent(running.report.done) if running.report else time
    return f"{state:>6}  {running.job.rule.replace('_', ' ')} {subject(running.job)}".rstrip()


def failures(progress: Progress) -> str:
    """How many jobs have failed, if any, at the end of a list."""
    return f", {len(progress.failed)} failed" if progress.failed else ""


def summary(progress: Progress, now: float, stopped: bool, log: str | None) -> str:
    """The last line of a build."""
    complete = progress.done >= progress.total and not progress.failed
    jobs = f"{progress.done} jobs" if complete else f"{progress.done} of {progress.total} jobs"
    line = f"{jobs} done in {duration(now - progress.started)}{failures(progress)}"
    if stopped:
        return f"{line}, stopped; the same call goes on from here"
    return line if complete or not log else f"{line}; all details: {log}"


def gist(message: str) -> str:
    """What happened, in one line, from an exception as Snakemake words it."""
    lines = WHERE.sub("", COMMAND.sub("its command ", message)).splitlines()
    return " ".join(filter(None, map(str.strip, lines)))


def failure(job: Job, error: str, logs: Sequence[str] = ()) -> str:
    """Two lines: which job failed, and its error with the logs that hold more."""
    wildcards = "".join(f", {key}={value}" for key, value in job.wildcards.items())
    where = f"  (log: {', '.join(logs)})" if logs else ""
    return f"failed: rule {job.rule}{wildcards}\n  {error}{where}"


def dry_run(jobs: Sequence[Job], runtimes: Runtimes) -> Table:
    """How many jobs of each rule there are, in the order of their start, and how long they take."""
    table = Table("rule", box=None, pad_edge=False, header_style="")
    table.add_column("jobs", justify="right")
    table.add_column("on one core", justify="right")
    for rule in dict.fromkeys(job.rule for job in jobs):
        same = [job for job in jobs if job.rule == rule]
        table.add_row(rule, f"{len(same)}", expected(same, runtimes))
    table.add_row("total", f"{len(jobs)}", expected(jobs, runtimes))
    return table


def expected(jobs: Sequence[Job], runtimes: Runtimes, cores: int = 1) -> str:
    """The published time of some jobs; with a + where some have none, and ? where no job has."""
    times = [runtimes.of(job) for job in jobs if runtimes.knows(job)]
    if len(times) < len(jobs) and not any(times):
        return "?"
    return duration(spread(times, cores)) + (" +" if len(times) < len(jobs) else "")


def estimate(jobs: Sequence[Job], runtimes: Runtimes, cores: int) -> str:
    """How long a build takes on some cores, as far as the times of its jobs are published."""
    unknown = sum(not runtimes.knows(job) for job in jobs)
    time = expected(jobs, runtimes, cores).removesuffix(" +")
    if time == "?":
        return "no job of these has a published run time"
    rest = f"; jobs without one: {unknown}" if unknown else ""
    return f"about {time} on {cores} core{'s' * (cores > 1)}, from the published run times{rest}"
