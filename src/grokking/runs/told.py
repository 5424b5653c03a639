"""The progress of runs, told to a person at a terminal or to a file."""

import logging
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from grokking.logs import Report

SELDOM = 20.0  # seconds between two lines where nobody looks on


class Line(logging.Handler):
    """Writes each message of a run's log over the one before; to a file one now and then, and all warnings."""

    def __init__(self) -> None:
        super().__init__()
        self.stream, self.last, self.latest = sys.stderr, float("-inf"), ""

    def emit(self, record: logging.LogRecord) -> None:
        """Show a report in words, or a message as it is."""
        self.latest = words(record.msg) if isinstance(record.msg, Report) else record.getMessage()
        if self.stream.isatty():
            width = shutil.get_terminal_size().columns - 1
            self.stream.write(f"\r{self.latest[:width]:{width}}")
        elif record.levelno >= logging.WARNING or time.monotonic() > self.last + SELDOM:
            self.last = time.monotonic()
            self.stream.write(f"{self.latest}\n")
        self.stream.flush()

    def end(self) -> None:
        """What was said last stays."""
        self.stream.write("\n" if self.stream.isatty() else f"{self.latest}\n")
        self.stream.flush()


def words(report: Report) -> str:
    """How far a run is, and then the columns of its latest row."""
    left = "starting"
    if report.left is not None:
        left = f"about {report.left:.0f} s left" + (" at most" if report.at_most else "")
    columns = "  ".join(f"{key} {value:.6g}" for key, value in report.row.items())
    return f"{report.done:.0%}, {report.seconds:.1f} s, {left}  {columns}"


@contextmanager
def told(wanted: bool) -> Iterator[None]:
    """A context in which the progress of runs is told, if it is `wanted` and there is somewhere to tell it."""
    if not wanted or sys.stderr is None:
        yield
        return
    source, handler = logging.getLogger("grokking.runs"), Line()
    level = source.level
    source.addHandler(handler)
    source.setLevel(logging.INFO)
    try:
        yield
    finally:
        source.removeHandler(handler)
        source.setLevel(level)
        handler.end()
