"""The progress of runs on stderr, a terminal or a file."""

import logging
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from grokking.logs import Report

LOG_INTERVAL = 20.0  # seconds between lines if stderr is not a terminal


class Line(logging.Handler):
    """Overwrites one line of a terminal with each message of a run.

    A file gets a message every `LOG_INTERVAL` seconds, and all warnings.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stream, self.last, self.latest = sys.stderr, float("-inf"), ""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a report in words, or any other message as it is."""
        self.latest = words(record.msg) if isinstance(record.msg, Report) else record.getMessage()
        if self.stream.isatty():
            width = shutil.get_terminal_size().columns - 1
            self.stream.write(f"\r{self.latest[:width]:{width}}")
        elif record.levelno >= logging.WARNING or time.monotonic() > self.last + LOG_INTERVAL:
            self.last = time.monotonic()
            self.stream.write(f"{self.latest}\n")
        self.stream.flush()

    def end(self) -> None:
        """Leave the last message on the terminal, or write it to the file."""
        self.stream.write("\n" if self.stream.isatty() else f"{self.latest}\n")
        self.stream.flush()


def words(report: Report) -> str:
    """A report as one line: progress, time left and the columns of the latest row."""
    left = "starting"
    if report.left is not None:
        left = f"about {report.left:.0f} s left" + (" at most" if report.at_most else "")
    columns = "  ".join(f"{key} {value:.6g}" for key, value in report.row.items())
    return f"{report.done:.0%}, {report.seconds:.1f} s, {left}  {columns}"


@contextmanager
def told(wanted: bool) -> Iterator[None]:
    """Return a context manager: inside it, runs report their progress on stderr.

    A terminal shows one line that is overwritten; a file gets a line every 20 s, and all warnings.
    Nothing is reported if `wanted` is false or the process has no stderr.
    """
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
