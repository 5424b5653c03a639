"""Displays of a build or a dry run, fed with Snakemake's log records."""

import logging
import re
import threading
import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from snakemake_interface_logger_plugins.common import LogEvent

from grokking.logs import last_error
from snakemake_logger_plugin_grokking import events, words
from snakemake_logger_plugin_grokking.jobs import Job, Progress, Runtimes
from snakemake_logger_plugin_grokking.terminal import Terminal

REFRESH = 0.5  # seconds between updates of the status
LOG_INTERVAL = 60.0  # seconds between status lines if they cannot be redrawn
FIGURE = "draw_figure"  # the rule whose finished jobs get a line
JOB_OF_MESSAGE = re.compile(r"\b[Jj]ob(?:id:)? (\d+)\b")


class Messages:
    """Shows Snakemake's messages, errors in red."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def take(self, record: Any) -> None:
        """Show one of Snakemake's log records, if it is a message."""
        is_message = getattr(record, "event", None) in (None, LogEvent.ERROR, LogEvent.JOB_ERROR)
        if is_message and (message := events.message_of(record)):
            self.console.print(message, style="red" if record.levelno >= logging.ERROR else None)

    def close(self) -> None:
        """End the display."""


class DryRun(Messages):
    """Shows, at the end of a dry run, the number of jobs of each rule and the expected time."""

    def __init__(self, console: Console, runtimes: Runtimes, cores: int) -> None:
        super().__init__(console)
        self.runtimes, self.cores = runtimes, cores
        self.jobs: list[Job] = []
        self.failed = False

    def take(self, record: Any) -> None:
        """Collect a job, or show a message."""
        self.failed = self.failed or record.levelno >= logging.ERROR
        if getattr(record, "event", None) == LogEvent.JOB_INFO:
            self.jobs.append(job := events.job_of(record))
            job.recall()
        else:
            super().take(record)

    def close(self) -> None:
        """Show the table, unless an error has ended the call."""
        if self.jobs and not self.failed:
            self.console.print(words.dry_run(self.jobs, self.runtimes))
            self.console.print(words.estimate(self.jobs, self.runtimes, self.cores))
            self.console.print("Dry run, nothing was executed. Add -p to list every job and why.")


class Build(Messages):
    """Follows the jobs of a build; a `live` terminal shows a status that is redrawn in place."""

    def __init__(self, console: Console, live: bool, runtimes: Runtimes) -> None:
        super().__init__(console)
        self.live = live
        self.progress = Progress(runtimes, started=time.time())
        self.raised: dict[int | None, Any] = {}  # the latest error of each thread
        self.log: str | None = None
        self.stopped, self.due = False, 0.0
        self.lock, self.ended = threading.RLock(), threading.Event()
        self.thread = threading.Thread(target=self._follow, daemon=True)

    def take(self, record: Any) -> None:
        """Process one of Snakemake's log records."""
        with self.lock:
            match getattr(record, "event", None):
                case LogEvent.RESOURCES_INFO:
                    lanes = getattr(record, "cores", None) or getattr(record, "nodes", None)
                    self.progress.lanes = lanes or self.progress.lanes
                case events.PLAN:
                    self.progress.plan(record.jobs)
                    self.thread.start()
                case LogEvent.JOB_INFO:
                    self.progress.add(events.job_of(record), started=record.created)
                case LogEvent.JOB_FINISHED:
                    self._finished(self.progress.jobs[record.job_id], record.created)
                case LogEvent.JOB_ERROR:
                    self._failed(self.progress.jobs[record.jobid], record)
                case LogEvent.ERROR if events.message_of(record):  # chatter replaces no error
                    self.raised[record.thread] = record
                case None:
                    self._message(record)

    def _finished(self, job: Job, now: float) -> None:
        self.progress.finish(job, now)
        if job.rule == FIGURE:
            self.console.print(f"{words.subject(job)}  {job.output[0]}", style="green")

    def _failed(self, job: Job, record: Any) -> None:
        """Show a failed job with the error in its logs, else with the error raised before."""
        raised = self.raised.pop(record.thread, None)
        error = next(filter(None, map(last_error, record.log)), None)
        reason = words.gist(raised.getMessage() if raised else record.rule_msg or "")
        if self.stopped:  # by the user, so no failure
            job.started = None
        else:
            message = f"error: {error}" if error else reason or "its own message is above"
            self._fail(job, message, record.log)

    def _fail(self, job: Job, error: str, logs: Sequence[str] = ()) -> None:
        job.ended, job.failed = time.time(), True
        self.console.print(words.failure(job, error, logs), style="red")

    def _message(self, record: Any) -> None:
        message = record.getMessage()
        if message.startswith(events.FINISHING) and not self.stopped:
            self.console.print(words.FINISHING)
        self.stopped = self.stopped or message.startswith(events.STOPPED)
        if message.startswith(events.LOGS):
            self.log = message.removeprefix(events.LOGS)
        super().take(record)

    def _show_raised(self, before: float) -> None:
        """Show errors raised before a time that no failed job followed; some name their job."""
        for thread, record in list(self.raised.items()):
            if record.created < before:
                del self.raised[thread]
                number = JOB_OF_MESSAGE.search(record.getMessage())
                job = self.progress.jobs.get(int(number[1])) if number else None
                if job:
                    self._fail(job, words.gist(record.getMessage()))
                else:
                    super().take(record)

    def _follow(self) -> None:
        """Update the status until the build ends."""
        terminal = Terminal(self.console) if self.live else None
        try:
            while not self.ended.wait(REFRESH):
                with self.lock:
                    self._refresh(terminal, time.time())
        finally:
            if terminal:
                terminal.close(self.stopped)

    def _refresh(self, terminal: Terminal | None, now: float) -> None:
        self._show_raised(now - 2 * REFRESH)
        for job in self.progress.running:
            job.look()
        status = words.status(self.progress, now)
        if terminal:
            terminal.show(status, self.stopped)
        elif now > self.due and not self.stopped:
            self.due = now + LOG_INTERVAL
            self.console.print("; ".join(line.strip() for line in status))

    def close(self) -> None:
        """Release the terminal and print a summary."""
        self.ended.set()
        if self.thread.is_alive():
            self.thread.join()
        if not self.stopped:
            self._show_raised(float("inf"))
        if self.progress.jobs:
            now = time.time()
            self.console.print(words.summary(self.progress, now, self.stopped, self.log))
