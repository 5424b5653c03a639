"""A job that Snakemake runs again: it resumes an interrupted attempt, or repeats a finished one.

Snakemake removes the outputs of a job before it runs it again. The runs of a sweep are no outputs,
so that a killed job keeps those that it has finished; a repeated job must remove them itself.
"""

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from grokking.runs.training import Order

log = logging.getLogger(__name__)


def is_finished(history: Path, benchmark: Path) -> bool:
    """Whether the last attempt of a job was finished.

    Each attempt writes its log `history`, and Snakemake writes `benchmark` when one is finished.
    """
    return benchmark.exists() and not is_newer(history, benchmark)


def repeat(orders: Sequence[Order], benchmark: Path) -> None:
    """Remove what the finished attempt of a job, which ended with `benchmark`, has left of its runs.

    These are checkpoints, and the results if all are up to date: then nothing has changed, and the
    job runs because it was forced or its mark was deleted.
    """
    for order in orders:
        if not is_newer(order.checkpoint, benchmark):
            order.checkpoint.unlink(missing_ok=True)
    if all(order.is_done() for order in orders):
        log.info("the finished job is repeated: its %d runs are trained again", len(orders))
        for order in orders:
            shutil.rmtree(order.directory)


def is_newer(file: Path, other: Path) -> bool:
    """Whether `file` exists and was written after `other`."""
    return file.exists() and file.stat().st_mtime > other.stat().st_mtime
