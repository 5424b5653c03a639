"""What is done, what runs and about how long is left."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import NamedTuple

# As a training job logs it: `step 1000  train_loss 0.01  45%, 12.0 s, about 15 s left`.
REPORT = re.compile(r"(\d+)%, [\d.]+ s, (?:about ([\d.]+) s left|starting)")
TAIL = 4096  # bytes at the end of a log that are searched for such a line


def key_of(rule: str, wildcards: Iterable[str]) -> str:
    """What runtimes list a job by: its rule and its wildcards, as in `draw_figure:results,lyu2024,figure_1a`."""
    return f"{rule}:{','.join(wildcards)}"


@dataclass(frozen=True)
class Job:
    """One job of the workflow, as far as it is shown."""

    id: int
    rule: str
    wildcards: Mapping[str, str] = field(default_factory=dict)
    message: str | None = None
    output: tuple[str, ...] = ()
    log: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What published runtimes list it by."""
        return key_of(self.rule, self.wildcards.values())

    @property
    def is_target(self) -> bool:
        """Whether it only names other jobs' files, and so takes no time."""
        return not self.output and not self.log


class Runtimes:
    """Expected seconds: what was measured for the job, else the median of its rule, else of all, else 1."""

    def __init__(self, seconds: Mapping[str, float]) -> None:
        self.seconds = dict(seconds)
        by_rule: dict[str, list[float]] = {}
        for key, value in seconds.items():
            by_rule.setdefault(key.partition(":")[0], []).append(value)
        self.medians = {rule: median(values) for rule, values in by_rule.items()}
        self.typical = median(seconds.values()) if seconds else 1.0

    @classmethod
    def read(cls, path: Path) -> "Runtimes":
        """From a JSON object of key and seconds; OSError or ValueError where that is not what `path` holds."""
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict) or not all(isinstance(one, int | float) for one in content.values()):
            raise ValueError("expected a JSON object of jobs and seconds")
        return cls(content)

    def of_rule(self, rule: str) -> float:
        return self.medians.get(rule, self.typical)

    def knows(self, job: Job) -> bool:
        """Whether the job itself was measured, or takes no time."""
        return job.is_target or job.key in self.seconds

    def of(self, job: Job) -> float:
        return 0.0 if job.is_target else self.seconds.get(job.key, self.of_rule(job.rule))


class Report(NamedTuple):
    """What a running job says of itself."""

    part: float
    left: float | None


def parse_report(text: str) -> Report | None:
    """The last report in a log."""
    found = REPORT.findall(text)
    return Report(int(found[-1][0]) / 100, float(found[-1][1]) if found[-1][1] else None) if found else None


def tail(path: str | Path, size: int = TAIL) -> str:
    """The end of a file; empty where there is none."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, file.seek(0, 2) - size))
            return file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""


def read_report(job: Job, started: float, now: float) -> Report | None:
    """What the log of a job that runs since `started` says at `now`; a log from before is of an earlier attempt."""
    if not job.log or not (path := Path(job.log[0])).is_file() or (written := path.stat().st_mtime) < started:
        return None
    report = parse_report(tail(path))
    if report is None or report.left is None:
        return report
    return Report(report.part, max(0.0, report.left - (now - written)))


@dataclass
class Progress:
    """The jobs of one call of Snakemake. Times are seconds since some epoch."""

    runtimes: Runtimes
    started: float = 0.0
    total: int = 0
    done: int = 0
    lanes: int = 1  # jobs that can run at once
    remote: bool = False  # what a job takes then includes its wait in a queue, and is no measure of speed
    running: dict[int, tuple[Job, float]] = field(default_factory=dict)
    failed: set[int] = field(default_factory=set)
    planned: dict[int, Job] = field(default_factory=dict)  # not started, where the Snakefile announced its jobs
    counted: Counter[str] = field(default_factory=Counter)  # not started, by rule, where it did not
    expected_done: float = 0.0
    _expected: float = 0.0  # of finished jobs whose time was measured, and what they took
    _actual: float = 0.0

    def count(self, stats: Mapping[str, int]) -> None:
        self.counted = Counter({rule: n for rule, n in stats.items() if rule != "total"})
        self.total = stats.get("total", self.counted.total())

    def plan(self, jobs: Iterable[Job]) -> None:
        """Which jobs there are to do; `count` only tells how many of each rule."""
        self.planned = {job.id: job for job in jobs}
        self.counted.clear()

    def start(self, job: Job, now: float) -> None:
        self.planned.pop(job.id, None)
        if job.id not in self.failed and self.counted[job.rule] > 0:
            self.counted[job.rule] -= 1
        self.failed.discard(job.id)
        self.running[job.id] = (job, now)

    def finish(self, job_id: int, now: float) -> Job | None:
        """Take note that a job is done; the job, if it was known to run."""
        job, started = self.running.pop(job_id, (None, now))
        self.done += 1
        if job is not None:
            expected = self.runtimes.of(job)
            self.expected_done += expected
            self._expected += expected
            self._actual += now - started if expected else 0.0
        return job

    def fail(self, job_id: int) -> Job | None:
        self.failed.add(job_id)
        return self.running.pop(job_id, (None, 0.0))[0]

    @property
    def ratio(self) -> float | None:
        """How much longer jobs take than expected; the expectation itself counts like one finished job."""
        prior = self.runtimes.typical if self.runtimes.seconds else 0.0
        if self.remote and prior:
            return 1.0
        return (self._actual + prior) / (self._expected + prior) if self._expected + prior else None

    def reports(self, now: float) -> dict[int, Report]:
        """What the running jobs say of themselves, by job."""
        found = ((i, read_report(job, started, now)) for i, (job, started) in self.running.items())
        return {i: report for i, report in found if report is not None}

    def part(self, job: Job, started: float, now: float, report: Report | None) -> float:
        """The part of a running job that is done; without a report, from the clock."""
        if report:
            return report.part
        expected = self.runtimes.of(job) * (self.ratio or 0.0)
        return min(0.95, (now - started) / expected) if expected else 0.0

    def _waiting(self) -> list[tuple[float, int]]:
        """Expected seconds of jobs that have not started, and how many there are of them."""
        planned = [(self.runtimes.of(job), 1) for job in self.planned.values()]
        return planned + [(self.runtimes.of_rule(rule), n) for rule, n in self.counted.items() if n > 0]

    def fraction(self, now: float, reports: Mapping[int, Report]) -> float:
        """The part of all work that is done."""
        running = [
            (self.runtimes.of(job), self.part(job, t, now, reports.get(i))) for i, (job, t) in self.running.items()
        ]
        done = self.expected_done + sum(expected * part for expected, part in running)
        everything = self.expected_done + sum(e for e, _ in running) + sum(e * n for e, n in self._waiting())
        return done / everything if everything else float(self.done >= self.total)

    def seconds_left(self, now: float, reports: Mapping[int, Report]) -> float | None:
        """Wall seconds: all work spread over the lanes, and at least the longest job; None while nothing is known."""
        ratio = self.ratio
        if ratio is None:
            return None
        running = [self._left(job, t, now, reports.get(i)) for i, (job, t) in self.running.items()]
        waiting = [(seconds * ratio, n) for seconds, n in self._waiting()]
        return spread(running, waiting, self.lanes)

    def _left(self, job: Job, started: float, now: float, report: Report | None) -> float:
        if report is not None and report.left is not None:
            return report.left
        part = self.part(job, started, now, report)
        expected = self.runtimes.of(job) * (self.ratio or 1.0)
        return max(expected - (now - started), expected * (1 - part) if report else 0.0, 0.0)


def spread(running: Iterable[float], waiting: Iterable[tuple[float, int]], lanes: int) -> float:
    """Seconds until all jobs are done on so many lanes, from each one's seconds and how many there are like it."""
    jobs = [(seconds, 1) for seconds in running] + list(waiting)
    work, count = sum(seconds * n for seconds, n in jobs), sum(n for _, n in jobs)
    return max(work / max(1, min(lanes, count)), *(seconds for seconds, _ in jobs), 0.0) if jobs else 0.0
