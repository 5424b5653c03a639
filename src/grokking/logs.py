"""One place where a workflow job sets up its log and turns a failure into its last line."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grokking.failures import Failure
from grokking.specs.fields import ConfigError


@contextmanager
def job_log(path: str) -> Iterator[None]:
    """Log to the end of the file `path`; a failure ends with a line `error: …` there, and the job with exit code 1.

    One that is expected is that line alone, any other has its traceback before it. What a killed job has logged before
    stays.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        filename=path, filemode="a", level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S",
        encoding="utf-8",
    )  # fmt: skip
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
