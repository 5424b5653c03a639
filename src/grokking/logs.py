"""Write the log of a workflow job, and read it for the display of a build.

Two kinds of lines have a fixed form: `progress {"done": 0.45, …}` for the progress of a run, and
`error: …` for the failure of a job.
"""

import errno
import io
import json
import logging
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from grokking import machine
from grokking.failures import Failure
from grokking.parts.errors import ConfigError
from grokking.parts.own import place_in_own

FORMAT = "%(asctime)s %(message)s"
PROGRESS, ERROR = "progress ", "error: "
TAIL = 4096  # bytes at the end of a log that are read


@dataclass(frozen=True)
class Report:
    """The progress of a run; logged as a message, it becomes one line of the log.

    `done` is the finished fraction of the work, `seconds` the time since the call began. `left` is
    the estimate of the seconds left, an upper bound if `at_most`, None if unknown. `row` is the
    latest observation.
    """

    done: float
    seconds: float
    left: float | None
    at_most: bool
    row: Mapping[str, float]

    def __str__(self) -> str:
        return PROGRESS + json.dumps(asdict(self))

    @classmethod
    def parse(cls, line: str) -> "Report | None":
        """Read the report in a line of a log; None if the line holds no complete report."""
        with suppress(ValueError, TypeError):
            return cls(**json.loads(line.partition(PROGRESS)[2]))
        return None


class LogFile(logging.FileHandler):
    """The log file of a job.

    A line that cannot be written, as on a full disk, does not stop the job.
    """

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(file, "a", encoding="utf-8")

    def handleError(self, record: logging.LogRecord) -> None:
        """Drop a line that cannot be written.

        What the job writes next, such as a checkpoint, fails for the same reason and says so.
        """


@contextmanager
def job_log(path: str, history: Path | None = None) -> Iterator[None]:
    """Return a context that logs a job to the file `path` and ends a failed job with exit code 1.

    A failure adds a line `error: …` to the log; an unexpected failure logs its traceback before. If
    the log cannot be written, the line goes to stderr. Snakemake removes the log of a job that it
    restarts; the log of a killed job is restored from the file `history`, which Snakemake does not
    know.
    """
    replace_unprintable()
    try:
        start_log(Path(path), history)
        yield
    except Exception as error:
        words = in_words(error)
        if logging.root.handlers:
            if words is None:
                logging.exception("unexpected failure")
            logging.error("%s%s", ERROR, words or unexpected(error))
        sys.exit(1 if last_error(path) else f"{ERROR}{words or unexpected(error)}")


def start_log(path: Path, history: Path | None) -> None:
    """Log to the files `path` and `history`; `path` begins as a copy of an earlier `history`."""
    if history and history.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(history, path)
    handlers = [LogFile(file) for file in (path, history) if file]
    logging.basicConfig(handlers=handlers, level=logging.INFO, format=FORMAT, datefmt="%d %b %H:%M:%S")


def replace_unprintable() -> None:
    """Print ? from now on for a character that stdout cannot encode, such as λ in ASCII."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def in_words(error: Exception) -> str | None:
    """Return the message of an expected failure or of an `OSError` or `MemoryError`, else None.

    For the latter it names the file, the reason and what to do.
    """
    if isinstance(error, (Failure, ConfigError)):
        return str(error)
    if isinstance(error, MemoryError):
        return machine.in_words(errno.ENOMEM, None)
    if isinstance(error, OSError) and error.errno:
        return machine.in_words(error.errno, error.filename and str(error.filename))
    return None


def unexpected(error: Exception) -> str:
    """Return the message of an unexpected failure: its type and text.

    If the error comes from a file in `grokking/own/`, the message begins with this file and line.
    """
    place = place_in_own(error)
    return f"{place and f'{place}: '}{type(error).__name__}: {error}"


def last_report(path: str | Path) -> Report | None:
    """Read the latest report at the end of a log; None where the log has none or is missing."""
    return next(filter(None, map(Report.parse, reversed(tail(path)))), None)


def last_error(path: str | Path) -> str | None:
    """Read the latest error at the end of a log; None where the log has none or is missing."""
    return next(filter(None, (line.partition(ERROR)[2] for line in reversed(tail(path)))), None)


def tail(path: str | Path) -> list[str]:
    """Read the last lines of a file, the first possibly cut; empty where there is no file."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
            return file.read().decode("utf-8", errors="replace").splitlines()
    except OSError:
        return []
