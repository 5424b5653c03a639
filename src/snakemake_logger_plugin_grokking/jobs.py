"""The jobs of a build: expected times, progress, and time left, all in seconds."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from grokking.durations import spread
from grokking.logs import Report, last_report
from grokking.store.checksums import is_unchanged
from grokking.store.paths import RESULTS
from grokking.study.names import key_of

TRAIN = "train"  # the rule whose jobs resume from a checkpoint of their own


@dataclass
class Job:
    """A job of the workflow; all times are in seconds.

    `report` is the latest report in the job's log, written at the time `reported`.
    """

    id: int
    rule: str
    wildcards: Mapping[str, str] = field(default_factory=dict)
    message: str | None = None
    output: Sequence[str] = ()
    log: Sequence[str] = ()
    expected: float = 0.0
    begun: float = 0.0  # the fraction that an earlier call had done
    started: float | None = None
    ended: float | None = None
    failed: bool = False
    report: Report | None = None
    reported: float = 0.0

    @property
    def ahead(self) -> float:
        """The expected time, in seconds, of what is left to do when the job starts."""
        return self.expected * (1 - self.begun)

    def recall(self) -> None:
        """Note the fraction done by an earlier call, from which the job resumes."""
        log = RESULTS.checkpoint(self.wildcards.get("run", "")).with_suffix(".log")
        report = last_report(log) if self.rule == TRAIN else None
        self.begun = report.done if report else 0.0

    def elapsed(self, now: float) -> float:
        """Return the seconds since the job started; 0 if it has not started."""
        return 0.0 if self.started is None else now - self.started

    def look(self) -> None:
        """Read the latest report in the log, unless the log is older than the job's start."""
        log = Path(self.log[0]) if self.log else None
        if log and log.exists() and (written := log.stat().st_mtime) >= (self.started or 0.0):
            self.report, self.reported = last_report(log), written


class Runtimes:
    """Expected run times of jobs in seconds.

    The time of a job is the published one, else the median of its rule or of all jobs, else 1 s.
    """

    def __init__(self, seconds: Mapping[str, float], source: str = "the published run times") -> None:
        self.seconds, self.source = seconds, source
        by_rule = defaultdict(list)
        for key, value in seconds.items():
            by_rule[key.partition(":")[0]].append(value)
        self.medians = {rule: median(values) for rule, values in by_rule.items()}
        self.typical = median(seconds.values()) if seconds else 1.0

    @classmethod
    def read(cls, published: Path, results: Path) -> "Runtimes":
        """Read the published times, and those of the presets that were built in the folder `results`, unless edited."""
        presets = sorted(filter(is_unchanged, results.glob("*/runtimes.json")))
        files = [file for file in (published, *presets) if file.exists()]
        seconds = {key: time for file in files for key, time in json.loads(file.read_text(encoding="utf-8")).items()}
        return cls(seconds, "the published run times" + (" and those of builds here" if presets else ""))

    def known(self, job: Job) -> float | None:
        """Return the published time of a job, or None; 0 for a job without files, a mere target."""
        if not job.output and not job.log:
            return 0.0
        return self.seconds.get(key_of(job.rule, job.wildcards.values()))

    def of(self, job: Job) -> float:
        """Return the expected time of a job in seconds."""
        known = self.known(job)
        return self.medians.get(job.rule, self.typical) if known is None else known


class Progress:
    """All jobs of a build, by id, on `lanes` cores or nodes."""

    def __init__(self, runtimes: Runtimes, started: float) -> None:
        self.runtimes, self.started, self.lanes = runtimes, started, 1
        self.jobs: dict[int, Job] = {}
        self.expected = self.taken = 0.0  # total times of finished jobs

    def plan(self, jobs: Sequence[Job]) -> None:
        """Add the planned jobs; weight all equally if fewer than half have a published time."""
        if 2 * sum(self.runtimes.known(job) is not None for job in jobs) < len(jobs):
            self.runtimes = Runtimes({})
        for job in jobs:
            self.add(job)

    def add(self, job: Job, started: float | None = None) -> None:
        """Add a job, or note that it has started or restarted."""
        job.recall()
        job.expected, job.started = self.runtimes.of(job), started
        self.jobs[job.id] = job

    def finish(self, job: Job, now: float) -> None:
        """Note that a job is finished; update the pace if its start is known."""
        job.ended = now
        if job.started and job.expected:
            self.expected += job.ahead
            self.taken += job.elapsed(now)

    @property
    def failed(self) -> int:
        """The number of jobs that failed and were not restarted."""
        return sum(job.failed for job in self.jobs.values())

    @property
    def done(self) -> int:
        """The number of jobs that succeeded."""
        return sum(bool(job.ended) for job in self.jobs.values()) - self.failed

    @property
    def running(self) -> list[Job]:
        """The running jobs, the longest running first."""
        running = [job for job in self.jobs.values() if job.started and not job.ended]
        return sorted(running, key=lambda job: job.started or 0.0)

    @property
    def pace(self) -> float:
        """The actual over the expected time of finished jobs; 0 if unknown.

        If there are published times, one typical job with pace 1 is added: the first jobs do not
        decide alone.
        """
        prior = self.runtimes.typical if self.runtimes.seconds else 0.0
        expected = self.expected + prior
        return (self.taken + prior) / expected if expected else 0.0

    def part(self, job: Job, now: float) -> float:
        """Return the finished fraction of a job, from its report or else from the clock."""
        if job.ended:
            return 0.0 if job.failed else 1.0
        if job.report:
            return job.report.done
        ahead = self.pace * job.ahead
        return job.begun + (1 - job.begun) * min(0.95, job.elapsed(now) / ahead) if ahead else job.begun

    def rest(self, job: Job, now: float) -> float:
        """Return the seconds left for a job, from its report or else from the clock."""
        if job.report and job.report.left is not None:
            return max(0.0, job.report.left - (now - job.reported))
        return max(0.0, self.pace * job.ahead - job.elapsed(now))

    def fraction(self, now: float) -> float:
        """Return the finished fraction of all work."""
        jobs = self.jobs.values()
        everything = sum(job.expected for job in jobs)
        done = sum(job.expected * self.part(job, now) for job in jobs)
        return done / everything if everything else 0.0

    def left(self, now: float) -> float:
        """Return the seconds until all jobs are finished; 0 if the pace is unknown."""
        rests = [self.rest(job, now) for job in self.jobs.values() if not job.ended]
        return spread(rests, self.lanes) if self.pace else 0.0
