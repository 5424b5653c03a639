"""From Snakemake's events to what is shown of a build or of a dry run."""

import logging
import threading
import time
from collections.abc import Collection, Iterable
from typing import Any

from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_grokking import text
from snakemake_logger_plugin_grokking.events import JOB_OF_MESSAGE, PLAN, STOPPED, job_of, message_of
from snakemake_logger_plugin_grokking.progress import Job, Progress, Runtimes
from snakemake_logger_plugin_grokking.screen import GREEN, RED, Capture, Pacer, Screen

REFRESH = 0.5  # seconds between two looks at the running jobs
SHORTEST = 0.2  # the same when a job has just started or finished


class DryRun:
    """Collects the jobs and shows at the end how many there are of each rule, and how long they may take."""

    def __init__(self, screen: Screen, runtimes: Runtimes, cores: int) -> None:
        self.screen, self.runtimes, self.cores = screen, runtimes, cores
        self.jobs: list[Job] = []
        self.stats: dict[str, int] = {}
        self.failed = False

    def take(self, record: Any) -> None:
        event = getattr(record, "event", None)
        if event == LogEvent.JOB_INFO:
            self.jobs.append(job_of(record))
        elif event == LogEvent.RUN_INFO:
            self.stats = {rule: n for rule, n in record.stats.items() if rule != "total"}
        elif event in (None, LogEvent.ERROR) and (message := message_of(record)):
            self.failed = self.failed or record.levelno >= logging.ERROR
            self.screen.say(message, RED if record.levelno >= logging.ERROR else "")

    def close(self) -> None:
        jobs = self.jobs or [Job(0, rule, output=("?",)) for rule, n in self.stats.items() for _ in range(n)]
        if jobs and not self.failed:
            order = list(self.stats)
            jobs.sort(key=lambda job: order.index(job.rule) if job.rule in order else len(order))
            self.screen.say("\n".join(text.dry_run(jobs, self.runtimes, self.cores)))
            self.screen.say("A dry run: nothing was done. Every job and its reason: add -p.")


class Build:
    """Follows the jobs and shows them on a screen; all methods may be called from any thread."""

    def __init__(self, screen: Screen, runtimes: Runtimes, figure_rules: Collection[str]) -> None:
        self.screen, self.figure_rules = screen, figure_rules
        self.progress = Progress(runtimes, started=time.time())
        self.pacer = Pacer(last=float("-inf"))
        self.lock = threading.RLock()
        self.held: dict[int | None, tuple[float, str]] = {}  # by thread: may be told by the failure that follows
        self.log: str | None = None
        self.stopped = self.begun = False
        self.ended, self.changed = threading.Event(), threading.Event()
        self.ticker = threading.Thread(target=self._tick, daemon=True)
        self.capture: Capture | None = None

    def take(self, record: Any) -> None:
        """One of Snakemake's log records."""
        takers = {
            LogEvent.RUN_INFO: self._begin,
            LogEvent.RESOURCES_INFO: self._resources,
            PLAN: lambda record: self.progress.plan(record.jobs),
            LogEvent.JOB_INFO: lambda record: self.progress.start(job_of(record), record.created),
            LogEvent.JOB_FINISHED: self._finished,
            LogEvent.PROGRESS: self._counted,
            LogEvent.JOB_ERROR: self._failed,
            LogEvent.ERROR: self._error,
            None: self._message,
        }
        with self.lock:
            if taker := takers.get(getattr(record, "event", None)):
                taker(record)
        self.changed.set()

    def _begin(self, record: Any) -> None:
        self.progress.count(record.stats)
        if not self.begun:
            self.begun = True
            if self.screen.live:
                self.capture = Capture(self._relay)
                self.screen.stream = self.capture.terminal()
            self.ticker.start()

    def _resources(self, record: Any) -> None:
        self.progress.remote = hasattr(record, "nodes")
        self.progress.lanes = getattr(record, "cores", None) or getattr(record, "nodes", None) or self.progress.lanes

    def _finished(self, record: Any) -> None:
        job = self.progress.finish(record.job_id, record.created)
        if job is not None and job.rule in self.figure_rules:
            self.screen.say(text.figure_line(job), GREEN)

    def _counted(self, record: Any) -> None:
        self.progress.done, self.progress.total = record.done, record.total

    def _failed(self, record: Any) -> None:
        if self.stopped:  # killed with everything else
            self.progress.running.pop(record.jobid, None)
            return
        known = self.progress.fail(record.jobid)
        _, otherwise = self.held.pop(record.thread, (0.0, str(record.rule_msg or "")))
        logs = [str(path) for path in record.log or ()]
        job = known or Job(record.jobid, record.rule_name)
        error = text.own_error(logs) or text.gist(otherwise) or "its own message is above"
        self._say(text.failure(job, logs, error), RED)

    def _error(self, record: Any) -> None:
        """Told at once, or, while jobs run, kept for a moment: most are followed by the failure of their job."""
        if (message := message_of(record)) is None:
            return
        if self.progress.running:
            self.held[record.thread] = (record.created, message)
        else:
            self._say([message], RED)

    def _message(self, record: Any) -> None:
        self.stopped = self.stopped or record.getMessage().startswith(STOPPED)
        if record.getMessage().startswith("Complete log(s): "):
            self.log = record.getMessage().removeprefix("Complete log(s): ")
        if message := message_of(record):
            self._say([message], RED if record.levelno >= logging.ERROR else "")

    def _say(self, lines: Iterable[str], colour: str = "") -> None:
        self.screen.say("\n".join(lines), colour)

    def _relay(self, printed: str) -> None:
        with self.lock:
            self.screen.say(printed)

    def _tell_held(self, before: float) -> None:
        """Errors that no failure of a job has followed."""
        for thread, (created, message) in list(self.held.items()):
            if created < before:
                del self.held[thread]
                found = JOB_OF_MESSAGE.search(message)
                job = self.progress.fail(int(found[1])) if found else None
                self._say(text.failure(job, [], text.gist(message)) if job else [message], RED)

    def _tick(self) -> None:
        """Redraw, or write a line to a log where one is due, until the end."""
        while not self.ended.wait(SHORTEST):
            self.changed.wait(REFRESH - SHORTEST)
            self.changed.clear()
            with self.lock:
                self.refresh(time.time())

    def refresh(self, now: float) -> None:
        self._tell_held(now - 2 * REFRESH)
        if not self.progress.total:
            return
        reports = self.progress.reports(now)
        if self.screen.live:
            self.screen.show(text.status(self.progress, now, reports, self.screen.width))
        elif self.pacer.due(now, self.progress.fraction(now, reports)):
            self._say([text.progress_line(self.progress, now, reports)])

    def close(self) -> None:
        """Give the terminal back and say how it ended."""
        self.ended.set()
        self.changed.set()
        if self.ticker.is_alive():
            self.ticker.join()
        if self.capture is not None:
            self.capture.stop()
        with self.lock:
            self.screen.hide()
            if not self.stopped:
                self._tell_held(float("inf"))
            if self.begun:
                self._say([text.summary(self.progress, time.time(), self.stopped, self.log)])
