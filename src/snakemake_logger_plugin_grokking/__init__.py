"""Snakemake's terminal display for this workflow: running jobs, progress and time left.

`--logger grokking` switches it on. Snakemake's own output comes back with `--printshellcmds`
(`-p`), `--verbose`, `--debug-dag`, `--quiet …` or the environment variable GROKKING_DETAILS=1.
"""

import logging
import os
import re
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO

from rich.console import Console
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from grokking.interrupts import end_calmly
from grokking.logs import replace_unprintable
from grokking.store.paths import RESULTS
from snakemake_logger_plugin_grokking import words
from snakemake_logger_plugin_grokking.display import Build, DryRun, Messages
from snakemake_logger_plugin_grokking.errors import unknown_target
from snakemake_logger_plugin_grokking.events import RULES, announce, announce_rules
from snakemake_logger_plugin_grokking.jobs import Runtimes

__all__ = ["LogHandler", "announce", "announce_rules"]

PUBLISHED = "results/published/runtimes.json"
# Options with which Snakemake is interactive, or runs no jobs.
NOT_FOR_DISPLAY = {"--touch", "-t", "--debug", "--edit-notebook", "--draft-notebook"}
CORES = re.compile(r"(?:^|\s)(?:--cores|-c|--jobs|-j)[ =]?([1-9]\d*)\b")


def wants_details(settings: Any, command: str, environment: Mapping[str, str]) -> bool:
    """Return whether to show Snakemake's own output: on request, or for options that need it."""
    flags = (settings.quiet, settings.verbose, settings.debug_dag, settings.printshellcmds)
    asked = environment.get("GROKKING_DETAILS", "") not in ("", "0")
    return asked or any(flags) or bool(NOT_FOR_DISPLAY & set(command.split()))


def cores_of(command: str) -> int:
    """Return the number of cores that a command asks for, else that of the machine."""
    number = CORES.search(command)
    return int(number[1]) if number else os.cpu_count() or 1


def console_on(stream: TextIO, nocolor: bool) -> Console:
    """Return a console on a duplicate of a stream.

    It still works if a pipe replaces the stream.
    """
    file = os.fdopen(os.dup(stream.fileno()), "w", encoding=stream.encoding, errors="replace")
    plain = partial(Console, soft_wrap=True, markup=False, emoji=False, highlight=False)
    return plain(file=file, no_color=nocolor or None)


class LogHandler(LogHandlerBase):
    """Passes Snakemake's log records to a display, which is chosen when jobs are about to run."""

    def __post_init__(self) -> None:
        settings = self.common_settings
        self.details = wants_details(settings, " ".join(sys.argv), os.environ)
        self.console = console_on(sys.stdout if settings.stdout else sys.stderr, settings.nocolor)
        self.display = Messages(self.console)
        self.workflow: Any = SimpleNamespace(rules=())
        replace_unprintable()
        end_calmly(lambda: self.console.print(words.STOPPED))

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record; `logging` prints the traceback of an error in the display."""
        if self.details:
            return
        try:
            event = getattr(record, "event", None)
            if event == RULES:
                self.workflow = record.workflow  # type: ignore[attr-defined]
            if event == LogEvent.WORKFLOW_STARTED:
                self.display = self._start(record)
            if event == LogEvent.ERROR and (unknown := unknown_target(record.getMessage(), self.workflow)):
                self.console.print(unknown, style="red")
            else:
                self.display.take(record)
        except Exception:
            self.handleError(record)

    def _start(self, record: Any) -> Messages:
        runtimes = Runtimes.read(Path(record.basedir, PUBLISHED), RESULTS.root)
        if self.common_settings.dryrun:
            return DryRun(self.console, runtimes, cores_of(record.cmd))
        live = self.console.is_interactive and not os.environ.get("CI")
        return Build(self.console, live, runtimes)

    def close(self) -> None:
        """End the display; Snakemake calls this after the last record, and once more at exit."""
        display, self.display = self.display, Messages(self.console)
        display.close()
        super().close()

    @property
    def writes_to_stream(self) -> bool:
        """Whether Snakemake leaves the terminal to this handler."""
        return not self.details

    writes_to_file = False
    has_filter = has_formatter = True
    needs_rulegraph = False
