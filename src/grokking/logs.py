"""One place where a workflow job sets up its log and turns an expected failure into one or two lines."""

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
    """Log to the file `path`; an expected failure is written there and to stderr, and ends the job with exit code 1."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        filename=path, filemode="w", level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S",
        encoding="utf-8",
    )  # fmt: skip
    try:
        yield
    except (Failure, ConfigError, OSError) as error:
        message = in_words(error)
        logging.error("error: %s", message)
        sys.exit(f"error: {message}")
    except Exception:
        logging.exception("error: unexpected failure")
        raise


def in_words(error: Exception) -> str:
    """The message; for the operating system's errors with the file and without the number (a full disk)."""
    if isinstance(error, OSError) and error.errno and error.filename:
        return f"{error.filename}: {os.strerror(error.errno)}"
    return str(error)
