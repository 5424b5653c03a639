"""One place where a workflow job sets up its log and turns an expected failure into one or two lines."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grokking.files import DamagedResult
from grokking.params import ConfigError

# ArithmeticError: a divergence, or a solver that misses its certificate
EXPECTED = (ConfigError, DamagedResult, ArithmeticError)


@contextmanager
def job_log(path: str) -> Iterator[None]:
    """Log to the file `path`; a failure is written there, ends with a line `error: …`, and the job with exit code 1."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        filename=path, filemode="w", level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S"
    )
    try:
        yield
    except EXPECTED as error:
        logging.error("error: %s", error)
        sys.exit(1)
    except Exception as error:
        logging.exception("unexpected failure")
        logging.error("error: %s: %s", type(error).__name__, error)
        sys.exit(1)
