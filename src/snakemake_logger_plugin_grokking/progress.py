"""What of a build is done, what runs and about how long is left; times are seconds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import mul
from pathlib import Path
from statistics import median

from grokking.logs import Report, last_report
from grokking.study.names import key_of


@dataclass(frozen=True)
class Job:
    """A job of the workflow, as far as it is shown."""

    id: int
    rule: str
    wildcards: Mapping[str, str] = field(default_factory=dict)
    message: str | None = None
    output: Sequence[str] = ()
    log: Sequence[str] = ()

    @property
    def key(self) -> str:
        """The name of the job in a list of run times."""
        return key_of(self.rule, self.wildcards.values())

    @property
    def is_target(self) -> bool:
        """Whether the job only names other jobs' files, and so takes no time."""
        return not self.output and not self.log


class Runtimes:
    """Expected times of jobs: the published ones, else the median of the rule, of all, or 1 s."""

    def __init__(self, seconds: Mapping[str, float]) -> None:
        self.seconds = seconds
        by_rule = defaultdict(list)
        for key, value in seconds.items():
            by_rule[key.partition(":")[0]].append(value)
        self.medians = {rule: median(values) for rule, values in by_rule.items()}
        self.typical = median(seconds.values()) if seconds else 1.0

    def knows(self, job: Job) -> bool:
        """Whether the time of the job itself is published, or is none."""
        return job.is_target or job.key in self.seconds

    def of(self, job: Job) -> float:
        """The expected time of a job."""
        typical = self.medians.get(job.rule, self.typical)
        return 0.0 if job.is_target else self.seconds.get(job.key, typical)


@dataclass
class Running:
    """A job that runs since `started`, with the latest report in its log, written at `reported`."""

    job: Job
    started: float
    report: Report | None = None
    reported: float = 0.0

    def look(self) -> None:
        """Read the job's log; a log from before the job's start is of an earlier attempt."""
        log = Path(self.job.log[0]) if self.job.log else None
        if log and log.exists() and (written := log.stat().st_mtime) >= self.started:
            self.report, self.reported = last_report(log), written


class Progress:
    """The jobs of one call of Snakemake, `total` of them, on `lanes` cores or nodes."""

    def __init__(self, runtimes: Runtimes, started: float) -> None:
        self.runtimes, self.started = runtimes, started
        self.total, self.done, self.lanes = 0, 0, 1
        self.waiting: dict[int, Job] = {}
        self.running: dict[int, Running] = {}
        self.failed: set[int] = set()
        self.expected = self.taken = 0.0  # times of all finished jobs

    def plan(self, jobs: Iterable[Job]) -> None:
        """Take the jobs that are to be done; all count the same where few have a published time."""
        self.waiting = {job.id: job for job in jobs}
        if 2 * sum(map(self.runtimes.knows, self.waiting.values())) < len(self.waiting):
            self.runtimes = Runtimes({})

    def start(self, job: Job, now: float) -> None:
        """Note that a job has started, for the first time or again."""
        self.waiting.pop(job.id, None)
        self.failed.discard(job.id)
        self.running[job.id] = Running(job, now)

    def finish(self, job_id: int, now: float) -> Job | None:
        """Note that a job is done; the job, where it was seen to start."""
        self.done += 1
        if running := self.running.pop(job_id, None):
            expected = self.runtimes.of(running.job)
            self.expected += expected
            self.taken += now - running.started if expected else 0.0
        return running.job if running else None

    def fail(self, job_id: int) -> Job | None:
        """Note that a job has failed; the job, where it was seen to start."""
        self.failed.add(job_id)
        running = self.running.pop(job_id, None)
        return running.job if running else None

    @property
    def slowness(self) -> float:
        """How much longer jobs take than expected; published times count like one finished job."""
        prior = self.runtimes.typical if self.runtimes.seconds else 0.0
        return (self.taken + prior) / (self.expected + prior) if self.expected + prior else 0.0

    def expect(self, job: Job) -> float:
        """The expected time of a job at the present pace."""
        return self.slowness * self.runtimes.of(job)

    def part(self, running: Running, now: float) -> float:
        """The part of a running job that is done, by its report or else by the clock."""
        if running.report:
            return running.report.done
        expected = self.expect(running.job)
        return min(0.95, (now - running.started) / expected) if expected else 0.0

    def rest(self, running: Running, now: float) -> float:
        """The time that a running job still needs, by its report or else by the clock."""
        if running.report and running.report.left is not None:
            return max(0.0, running.report.left - (now - running.reported))
        return max(0.0, self.expect(running.job) - (now - running.started))

    def fraction(self, now: float) -> float:
        """The part of all work that is done."""
        weights = [self.runtimes.of(running.job) for running in self.running.values()]
        parts = [self.part(running, now) for running in self.running.values()]
        waiting = sum(map(self.runtimes.of, self.waiting.values()))
        everything = self.expected + sum(weights) + waiting
        return (self.expected + sum(map(mul, weights, parts))) / everything if everything else 0.0

    def left(self, now: float) -> float | None:
        """The time until all jobs are done; None as long as nothing is known."""
        waiting = [self.expect(job) for job in self.waiting.values()]
        running = [self.rest(running, now) for running in self.running.values()]
        return spread(waiting + running, self.lanes) if self.slowness else None


def spread(seconds: Sequence[float], lanes: int) -> float:
    """The time that jobs take on some lanes, from the time of each: at least that of the longest."""
    return max(0.0, sum(seconds) / max(1, min(lanes, len(seconds))), *seconds)
