"""One place where a workflow job sets up its log and turns a failure into its last line."""

import logging
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grokking.failures import Failure
from grokking.parts.errors import ConfigError

FORMAT = "%(asctime)s %(message)s"


@contextmanager
def job_log(path: str, history: Path | None = None) -> Iterator[None]:
    """Log to the file `path`; a failure ends with a line `error: …` there, and the job with exit code 1.

    One that is expected is that line alone, any other has its traceback before it. Snakemake removes the log of a job
    that it starts again; what a killed job has said comes back from `history`, a file that Snakemake does not know.
    """
    files = [Path(path), *([history] if history else [])]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
    if history and history.exists():
        shutil.copyfile(history, path)
    handlers = [logging.FileHandler(file, "a", encoding="utf-8") for file in files]
    logging.basicConfig(handlers=handlers, level=logging.INFO, format=FORMAT, datefmt="%d %b %H:%M:%S")
    try:
        yield
    except Exception as error:
        words = in_words(error)
        if words is None:
            logging.exception("unexpected failure")
            words = f"{type(error).__name__}: {error}"
        logging.error("error: %s", words)
        sys.exit(1)


def in_words(error: Exception) -> str | None:
    """The message of an expected failure; the operating system's with the file, without the number (a full disk)."""
    if isinstance(error, (Failure, ConfigError)):
        return str(error)
    if isinstance(error, OSError) and error.errno and error.filename:
        return f"{error.filename}: {os.strerror(error.errno)}"
    return None
