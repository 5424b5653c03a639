"""Snakemake's terminal display for this workflow: what runs, how far it is, how long is left.

`--logger grokking` switches it on. Snakemake's own output comes back with `--printshellcmds` (`-p`), `--verbose`,
`--debug-dag`, `--quiet …` or the environment variable GROKKING_DETAILS=1.
"""

import logging
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.settings import LogHandlerSettingsBase

from snakemake_logger_plugin_grokking.display import Build, DryRun
from snakemake_logger_plugin_grokking.events import announce
from snakemake_logger_plugin_grokking.progress import Runtimes
from snakemake_logger_plugin_grokking.screen import Screen, is_live

__all__ = ["LogHandler", "LogHandlerSettings", "announce"]

PUBLISHED = "results/published/runtimes.json"
# With these, Snakemake talks to the person or does something else than run jobs.
NOT_FOR_DISPLAY = {"--touch", "-t", "--debug", "--edit-notebook", "--draft-notebook"}
CORES = re.compile(r"(?:^|\s)(?:--cores|-c|--jobs|-j)[ =]?(\d+)\b")


@dataclass
class LogHandlerSettings(LogHandlerSettingsBase):
    """Settings, each of them also an option `--logger-grokking-…` of Snakemake."""

    runtimes: str = field(
        default="", metadata={"help": f"JSON file with the expected seconds of each job (default: {PUBLISHED})."}
    )
    figure_rules: str = field(
        default="draw_figure", metadata={"help": "Rules whose finished jobs get a line, separated by commas."}
    )


def wants_own_output(settings: Any, environment: Mapping[str, str]) -> bool:
    """Whether Snakemake's own output was asked for; a quiet build does not tell what the display needs."""
    details = environment.get("GROKKING_DETAILS", "") not in ("", "0")
    quiet = settings.quiet and not settings.dryrun
    return bool(details or quiet or settings.verbose or settings.debug_dag or settings.printshellcmds)


def own_handler(settings: Any) -> logging.Handler:
    """The handler that Snakemake uses without a plugin."""
    from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter

    handler = ColorizingTextHandler(settings.nocolor, stream=sys.stdout if settings.stdout else sys.stderr)
    shown = (settings.quiet, settings.debug_dag, settings.verbose, settings.dryrun, settings.printshellcmds)
    handler.addFilter(DefaultFilter(*shown))
    handler.setFormatter(DefaultFormatter(settings.quiet, settings.show_failed_logs))
    return handler


def cores_of(command: str) -> int:
    """How many cores a command asks for, else how many there are."""
    found = CORES.search(command)
    return int(found[1]) if found and int(found[1]) else os.cpu_count() or 1


class LogHandler(LogHandlerBase):
    """Passes records on to Snakemake's own output until jobs are about to run, and then to the display."""

    def __post_init__(self) -> None:
        self.display: Build | DryRun | None = None
        self.own = own_handler(self.common_settings)
        self.details = wants_own_output(self.common_settings, os.environ)

    def emit(self, record: logging.LogRecord) -> None:
        if self.display is None and not self.details and getattr(record, "event", None) == LogEvent.WORKFLOW_STARTED:
            self.display = self._start(record)
        elif self.display is None:
            self._pass_on(record)
        else:
            self._show(self.display, record)

    def _show(self, display: Build | DryRun, record: logging.LogRecord) -> None:
        """A mistake in the display must not cost what there is to say."""
        try:
            display.take(record)
        except Exception as error:
            self._give_up(error)
            self._pass_on(record)

    def _pass_on(self, record: logging.LogRecord) -> None:
        if self.details or not record.getMessage().startswith("Assuming unrestricted shared filesystem usage"):
            self.own.handle(record)

    def _give_up(self, error: Exception) -> None:
        display, self.display, self.details = self.display, None, True
        try:
            if display is not None:
                display.close()
        finally:
            sys.stderr.write(f"display: {error!r}; going on with Snakemake's own output\n")

    def _start(self, record: Any) -> Build | DryRun | None:
        """The display of a call that runs jobs, or would; none where it is better left to Snakemake."""
        if NOT_FOR_DISPLAY & set(record.cmd.split()):
            self.details = True
            self._pass_on(record)
            return None
        stream = sys.stdout if self.common_settings.stdout else sys.stderr
        colour = not (self.common_settings.nocolor or os.environ.get("NO_COLOR"))
        screen = Screen(stream, is_live(stream, os.environ), colour)
        runtimes = self._runtimes(screen, record)
        if self.common_settings.dryrun:
            return DryRun(screen, runtimes, cores_of(record.cmd))
        return Build(screen, runtimes, self._settings().figure_rules.split(","))

    def _settings(self) -> LogHandlerSettings:
        return self.settings if isinstance(self.settings, LogHandlerSettings) else LogHandlerSettings()

    def _runtimes(self, screen: Screen, record: Any) -> Runtimes:
        """Published runtimes; without them, all jobs count the same."""
        asked = self._settings().runtimes
        places = [Path(asked)] if asked else [Path(record.basedir, PUBLISHED), Path(record.cwd, PUBLISHED)]
        path = next((place for place in places if place.exists()), Path(asked) if asked else None)
        try:
            return Runtimes.read(path) if path else Runtimes({})
        except (OSError, ValueError) as error:
            screen.say(f"no expected times from {path}: {error}")
            return Runtimes({})

    def close(self) -> None:
        """Called by Snakemake when all records have been handled, and once more at exit."""
        display, self.display = self.display, None
        if display is not None:
            display.close()
        super().close()

    @property
    def writes_to_stream(self) -> bool:
        return True

    @property
    def writes_to_file(self) -> bool:
        return False

    @property
    def has_filter(self) -> bool:
        return True

    @property
    def has_formatter(self) -> bool:
        return True

    @property
    def needs_rulegraph(self) -> bool:
        return False
