"""How progress, failures and dry runs are worded; pure functions of numbers and names."""

import re
from collections.abc import Iterable, Mapping, Sequence

from snakemake_logger_plugin_grokking.progress import Job, Progress, Report, Runtimes, spread, tail

HIDDEN_WILDCARDS = {"out"}  # the folder of a build: the same for nearly all jobs of a call
HASH = re.compile(r"-[0-9a-f]{8}\b")  # at the end of a run's name; means nothing to a person
# In an exception that Snakemake tells: its class, the line of a Snakefile, the traceback.
WHERE = re.compile(r"^\w+(Exception|Error):$| in file .*, line \d+:$|^  File ")
COMMAND = re.compile(r"^Command '.*' (returned non-zero exit status \d+|died with \w+)")
ADVICE = "For further error details see the cluster/cloud log and the log files of the involved rule(s)."
ERROR = re.compile(r"error: *\S", re.IGNORECASE)  # with something behind it
TIME = re.compile(r"^\d\d:\d\d:\d\d ")
PLAIN = {"…": "...", "×": "x", "–": "-", "→": "->", "−": "-", "λ": "lambda", "α": "alpha"}


def printable(text: str, encoding: str | None) -> str:
    """`text` without the characters that a stream's encoding lacks."""
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        replaced = "".join(PLAIN.get(letter, letter) for letter in text)
        return replaced.encode(encoding or "ascii", errors="replace").decode(encoding or "ascii")
    return text


def clip(text: str, width: int) -> str:
    """At most `width` characters."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"


def duration(seconds: float) -> str:
    """As a person says it: 40 s, 12 min, 2 h 5 min."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def percent(fraction: float) -> str:
    """Whole percent; 100 only when all is done."""
    return f"{min(99, int(100 * fraction)) if fraction < 1 else 100} %"


def subject(job: Job) -> str:
    """What a job is about: the rule's `message`, else its wildcards."""
    return job.message or HASH.sub("", " ".join(v for k, v in job.wildcards.items() if k not in HIDDEN_WILDCARDS))


def name(job: Job) -> str:
    """A job in words: its rule and what it is about."""
    return f"{job.rule.replace('_', ' ')} {subject(job)}".rstrip()


def figure_line(job: Job) -> str:
    """A finished figure and where it is."""
    return f"{subject(job)}  {job.output[0]}" if job.output else subject(job)


def headline(progress: Progress, now: float, reports: Mapping[int, Report]) -> str:
    """How far it is and how long is left."""
    failed = f", {len(progress.failed)} failed" if progress.failed else ""
    left = progress.seconds_left(now, reports)
    remaining = f", about {duration(left)} left" if left is not None else ""
    done = percent(min(progress.fraction(now, reports), 1.0 if progress.done == progress.total else 0.99))
    spent = duration(now - progress.started)
    return f"{done:>5}  {progress.done} of {progress.total} jobs{failed}, {spent}{remaining}"


def running_jobs(progress: Progress, now: float, reports: Mapping[int, Report]) -> list[tuple[str, str]]:
    """Every running job, the longest running first, and how far it is."""
    return [
        (name(job), percent(reports[i].part) if i in reports else duration(now - started))
        for i, (job, started) in sorted(progress.running.items(), key=lambda item: item[1][1])
    ]


def status(progress: Progress, now: float, reports: Mapping[int, Report], width: int) -> list[str]:
    """One to three lines that fit `width`: the headline, and two of the running jobs."""
    jobs = running_jobs(progress, now, reports)
    lines = [clip(headline(progress, now, reports), width)]
    for position, (label, state) in enumerate(jobs[:2]):
        more = f", and {len(jobs) - 2} more" if position == 1 and len(jobs) > 2 else ""
        end = f"  {state}{more}"
        lines.append(clip(f"       {clip(label, width - 7 - len(end))}{end}", width))
    return lines


def progress_line(progress: Progress, now: float, reports: Mapping[int, Report], width: int = 120) -> str:
    """The status in one line, for a log."""
    jobs = ", ".join(f"{label} ({state})" for label, state in running_jobs(progress, now, reports))
    return clip(headline(progress, now, reports).lstrip() + (f"; now: {jobs}" if jobs else ""), width)


def summary(progress: Progress, now: float, stopped: bool, log: str | None) -> str:
    """The last line of a build."""
    complete = progress.done >= progress.total and not progress.failed
    done = f"{progress.done} jobs" if complete else f"{progress.done} of {progress.total} jobs"
    line = f"{done} done in {duration(now - progress.started)}"
    if progress.failed:
        line += f", {len(progress.failed)} failed"
    if stopped:
        line += ", stopped; the same call goes on from here"
    return line if complete or stopped or not log else f"{line}; all details: {log}"


def own_error(paths: Iterable[str]) -> str | None:
    """What a failed job says of itself: the last line with an `error: …` in the first of its logs that has one."""
    for path in paths:
        lines = [TIME.sub("", line.strip()) for line in tail(path).splitlines()]
        if found := [line for line in lines if ERROR.search(line)]:
            return found[-1]
    return None


def gist(message: str) -> str:
    """One line of an exception that Snakemake prints on many: what happened, without where in which file."""
    lines = [line.strip() for line in message.replace(ADVICE, "").splitlines() if not WHERE.search(line)]
    return COMMAND.sub(r"its command \1", " ".join(line for line in lines if line))


def failure(job: Job, logs: Sequence[str], error: str) -> list[str]:
    """Two lines: which job failed, and its error with the path of the log that holds more."""
    wildcards = ", ".join(f"{key}={value}" for key, value in job.wildcards.items())
    what = f"failed: rule {job.rule}" + (f", {wildcards}" if wildcards else "")
    where = f"  (log: {', '.join(logs)})" if logs else ""
    return [what, f"  {clip(error, 300)}{where}"]


def dry_run(jobs: Sequence[Job], runtimes: Runtimes, cores: int, rows: int = 30) -> list[str]:
    """What a build would do: jobs and expected time by rule, and in all, as far as their runtimes are published."""
    rules = list(dict.fromkeys(job.rule for job in jobs))
    groups = [(rule, [job for job in jobs if job.rule == rule]) for rule in rules]
    if len(groups) > rows:
        rest = [job for _, own in groups[rows - 1 :] for job in own]
        groups[rows - 1 :] = [(f"{len(groups) - rows + 1} other rules", rest)]
    table = [(title, len(own), expected(own, runtimes)) for title, own in (*groups, ("total", jobs))]
    lines = [f"{clip(title, 50):50} {n:>6}  {time:>12}".rstrip() for title, n, time in table]
    head = f"{'rule':50} {'jobs':>6}  {'on one core' if runtimes.seconds else '':>12}".rstrip()
    return [head, *lines, *_time(jobs, runtimes, cores)]


def expected(jobs: Sequence[Job], runtimes: Runtimes) -> str:
    """The published time of some jobs on one core, with a + where some have none, and ? where none has any."""
    known = [job for job in jobs if runtimes.knows(job)]
    if not runtimes.seconds:
        return ""
    if len(known) < len(jobs) and all(job.is_target for job in known):
        return "?"
    return duration(sum(runtimes.of(job) for job in known)) + (" +" if len(known) < len(jobs) else "")


def _time(jobs: Sequence[Job], runtimes: Runtimes, cores: int) -> list[str]:
    if not runtimes.seconds:
        return []
    known = [job for job in jobs if runtimes.knows(job)]
    new = len(jobs) - len(known)
    if all(job.is_target for job in known):
        return ["no job of these has a published runtime"]
    left = spread([], [(runtimes.of(job), 1) for job in known], cores)
    told = f"about {duration(left)} on {cores} core{'s' if cores > 1 else ''}, from the published runtimes"
    return [told + (f"; {new} job{'s have' if new > 1 else ' has'} none" if new else "")]
