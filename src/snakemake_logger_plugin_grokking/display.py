"""From Snakemake's log records to what is shown of a build or of a dry run."""

import logging
import re
import threading
import time
from typing import Any

from rich.console import Console
from snakemake_interface_logger_plugins.common import LogEvent

from grokking.logs import last_error
from snakemake_logger_plugin_grokking import events, words
from snakemake_logger_plugin_grokking.progress import Job, Progress, Runtimes
from snakemake_logger_plugin_grokking.screen import Log, Terminal

REFRESH = 0.5  # seconds between two looks at the running jobs
FIGURE = "draw_figure"  # the rule whose finished jobs get a line
JOB_OF_MESSAGE = re.compile(r"\b[Jj]ob(?:id:)? (\d+)\b")


class Messages:
    """Prints what Snakemake says to a person."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def take(self, record: Any) -> None:
        """Show one of Snakemake's log records."""
        said = getattr(record, "event", None) in (None, LogEvent.ERROR, LogEvent.JOB_ERROR)
        if said and (message := events.message_of(record)):
            self.console.print(message, style="red" if record.levelno >= logging.ERROR else None)

    def close(self) -> None:
        """End the display."""


class DryRun(Messages):
    """Shows at the end how many jobs of each rule there are, and how long they may take."""

    def __init__(self, console: Console, runtimes: Runtimes, cores: int) -> None:
        super().__init__(console)
        self.runtimes, self.cores = runtimes, cores
        self.jobs: list[Job] = []
        self.failed = False

    def take(self, record: Any) -> None:
        """Collect a job, or show what else Snakemake says."""
        self.failed = self.failed or record.levelno >= logging.ERROR
        if getattr(record, "event", None) == LogEvent.JOB_INFO:
            self.jobs.append(events.job_of(record))
        else:
            super().take(record)

    def close(self) -> None:
        """Show the table, unless an error has ended the call."""
        if self.jobs and not self.failed:
            self.console.print(words.dry_run(self.jobs, self.runtimes))
            self.console.print(words.estimate(self.jobs, self.runtimes, self.cores))
            self.console.print("A dry run: nothing was done. Every job and its reason: add -p.")


class Build(Messages):
    """Follows the jobs of a build; on a `live` terminal the status is redrawn in place."""

    def __init__(self, console: Console, live: bool, runtimes: Runtimes) -> None:
        super().__init__(console)
        self.live = live
        self.progress = Progress(runtimes, started=time.time())
        self.held: dict[int | None, tuple[float, Any]] = {}  # errors by thread, and when they came
        self.log: str | None = None
        self.stopped = False
        self.lock, self.ended = threading.RLock(), threading.Event()
        self.thread = threading.Thread(target=self._follow, daemon=True)

    def take(self, record: Any) -> None:
        """Follow one of Snakemake's log records."""
        with self.lock:
            match getattr(record, "event", None):
                case LogEvent.RUN_INFO:
                    self.progress.total = record.stats["total"]
                    self.thread.start()
                case LogEvent.RESOURCES_INFO:
                    lanes = getattr(record, "cores", None) or getattr(record, "nodes", None)
                    self.progress.lanes = lanes or self.progress.lanes
                case events.PLAN:
                    self.progress.plan(record.jobs)
                case LogEvent.JOB_INFO:
                    self.progress.start(events.job_of(record), record.created)
                case LogEvent.JOB_FINISHED:
                    self._finished(record)
                case LogEvent.JOB_ERROR:
                    self._failed(record)
                case LogEvent.ERROR:
                    self.held[record.thread] = (record.created, record)
                case None:
                    self._message(record)

    def _finished(self, record: Any) -> None:
        job = self.progress.finish(record.job_id, record.created)
        if job and job.rule == FIGURE:
            self.console.print("  ".join([words.subject(job), *job.output[:1]]), style="green")

    def _failed(self, record: Any) -> None:
        """Show a failure with the error in the job's logs, or else the one raised before it."""
        job = self.progress.fail(record.jobid) or Job(record.jobid, record.rule_name)
        raised = self.held.pop(record.thread, None)
        if self.stopped:
            self.progress.failed.discard(record.jobid)
            return
        error = next(filter(None, map(last_error, record.log)), None)
        reason = words.gist(raised[1].getMessage() if raised else record.rule_msg or "")
        said = f"error: {error}" if error else reason or "its own message is above"
        self.console.print(words.failure(job, said, record.log), style="red")

    def _message(self, record: Any) -> None:
        message = record.getMessage()
        self.stopped = self.stopped or message.startswith(events.STOPPED)
        if message.startswith(events.LOGS):
            self.log = message.removeprefix(events.LOGS)
        super().take(record)

    def _show_held(self, before: float) -> None:
        """Show the errors that no failure of a job has followed."""
        for thread, (created, record) in list(self.held.items()):
            if created < before:
                del self.held[thread]
                message = record.getMessage()
                number = JOB_OF_MESSAGE.search(message)
                if job := self.progress.fail(int(number[1])) if number else None:
                    self.console.print(words.failure(job, words.gist(message)), style="red")
                else:
                    super().take(record)

    def _follow(self) -> None:
        """Keep the status up to date until the end."""
        screen = Terminal(self.console) if self.live else Log(self.console)
        try:
            while not self.ended.wait(REFRESH):
                with self.lock:
                    self._show_held(time.time() - 2 * REFRESH)
                    for running in self.progress.running.values():
                        running.look()
                    screen.show(words.status(self.progress, time.time()), self.stopped)
        finally:
            screen.close(self.stopped)

    def close(self) -> None:
        """Give the terminal back and say how the build ended."""
        self.ended.set()
        if self.thread.is_alive():
            self.thread.join()
        if not self.stopped:
            self._show_held(float("inf"))
        if self.progress.total:
            ending = words.summary(self.progress, time.time(), self.stopped, self.log)
            self.console.print(ending)
