"""The jobs of a build: how long they take, how far they are, about how many seconds are left."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from grokking.logs import Report, last_report
from grokking.study.names import key_of


@dataclass
class Job:
    """A job of the workflow, with the latest report in its log, written at `reported`."""

    id: int
    rule: str
    wildcards: Mapping[str, str] = field(default_factory=dict)
    message: str | None = None
    output: Sequence[str] = ()
    log: Sequence[str] = ()
    expected: float = 0.0
    started: float | None = None
    ended: float | None = None
    failed: bool = False
    report: Report | None = None
    reported: float = 0.0

    def elapsed(self, now: float) -> float:
        """The time since the start of the job; 0 before."""
        return 0.0 if self.started is None else now - self.started

    def look(self) -> None:
        """Read the job's log; a log from before the job's start is of an earlier attempt."""
        log = Path(self.log[0]) if self.log else None
        if log and log.exists() and (written := log.stat().st_mtime) >= (self.started or 0.0):
            self.report, self.reported = last_report(log), written


class Runtimes:
    """Expected times of jobs: the published ones, else the median of the rule, of all, or 1 s."""

    def __init__(self, seconds: Mapping[str, float]) -> None:
        self.seconds = seconds
        by_rule = defaultdict(list)
        for key, value in seconds.items():
            by_rule[key.partition(":")[0]].append(value)
        self.medians = {rule: median(values) for rule, values in by_rule.items()}
        self.typical = median(seconds.values()) if seconds else 1.0

    def known(self, job: Job) -> float | None:
        """The published time of a job, if any; 0 of a job that only names the files of others."""
        if not job.output and not job.log:
            return 0.0
        return self.seconds.get(key_of(job.rule, job.wildcards.values()))

    def of(self, job: Job) -> float:
        """The expected time of a job."""
        known = self.known(job)
        return self.medians.get(job.rule, self.typical) if known is None else known


class Progress:
    """All jobs of a build, by id, on `lanes` cores or nodes."""

    def __init__(self, runtimes: Runtimes, started: float) -> None:
        self.runtimes, self.started, self.lanes = runtimes, started, 1
        self.jobs: dict[int, Job] = {}
        self.expected = self.taken = 0.0  # times of the jobs that are done

    def plan(self, jobs: Sequence[Job]) -> None:
        """Take the jobs that are to be done; all count the same where few have a published time."""
        if 2 * sum(self.runtimes.known(job) is not None for job in jobs) < len(jobs):
            self.runtimes = Runtimes({})
        for job in jobs:
            self.add(job)

    def add(self, job: Job, started: float | None = None) -> None:
        """Note that a job is to be done, or has started, for the first time or again."""
        job.expected, job.started = self.runtimes.of(job), started
        self.jobs[job.id] = job

    def finish(self, job: Job, now: float) -> None:
        """Note that a job is done; where its start is known, the pace follows from it."""
        job.ended = now
        if job.started and job.expected:
            self.expected += job.expected
            self.taken += job.elapsed(now)

    @property
    def failed(self) -> int:
        """How many jobs have failed, and were not tried again."""
        return sum(job.failed for job in self.jobs.values())

    @property
    def done(self) -> int:
        """How many jobs have ended well."""
        return sum(bool(job.ended) for job in self.jobs.values()) - self.failed

    @property
    def running(self) -> list[Job]:
        """The jobs that run, the longest running first."""
        running = [job for job in self.jobs.values() if job.started and not job.ended]
        return sorted(running, key=lambda job: job.started or 0.0)

    @property
    def pace(self) -> float:
        """The time that jobs take for each second expected, 0 as long as nothing is known.

        Published times count like one finished job.
        """
        prior = self.runtimes.typical if self.runtimes.seconds else 0.0
        expected = self.expected + prior
        return (self.taken + prior) / expected if expected else 0.0

    def part(self, job: Job, now: float) -> float:
        """The part of a job that is done, by its report or else by the clock."""
        if job.ended:
            return 0.0 if job.failed else 1.0
        if job.report:
            return job.report.done
        expected = self.pace * job.expected
        return min(0.95, job.elapsed(now) / expected) if expected else 0.0

    def rest(self, job: Job, now: float) -> float:
        """The time that a job still needs, by its report or else by the clock."""
        if job.report and job.report.left is not None:
            return max(0.0, job.report.left - (now - job.reported))
        return max(0.0, self.pace * job.expected - job.elapsed(now))

    def fraction(self, now: float) -> float:
        """The part of all work that is done."""
        jobs = self.jobs.values()
        everything = sum(job.expected for job in jobs)
        done = sum(job.expected * self.part(job, now) for job in jobs)
        return done / everything if everything else 0.0

    def left(self, now: float) -> float:
        """The time until all jobs are done; 0 as long as nothing is known."""
        rests = [self.rest(job, now) for job in self.jobs.values() if not job.ended]
        return spread(rests, self.lanes) if self.pace else 0.0


def spread(seconds: Sequence[float], lanes: int) -> float:
    """The time that jobs take on some lanes: their sum shared out, at least that of the longest."""
    return max(0.0, sum(seconds) / max(1, min(lanes, len(seconds))), *seconds)
