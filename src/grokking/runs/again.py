"""A job that Snakemake runs again: it resumes an interrupted attempt, or repeats a finished one.

Snakemake removes the outputs of a job before it runs it again. The runs of a sweep are no outputs,
so that a killed job keeps those that it has finished; a repeated job must remove them itself.
"""

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from grokking.runs.training import Order
from grokking.store.sealed import RUN

log = logging.getLogger(__name__)


def forget_finished_attempt(orders: Sequence[Order], benchmark: Path) -> None:
    """Remove what the last finished attempt of a job has left of its runs.

    Snakemake writes the file `benchmark` at the end of each such attempt; what is newer was left by
    an interrupted one, and stays. Removed are checkpoints, and results if all of the job are up to
    date: then nothing has changed, and the job runs because it was forced or its mark was deleted.
    """
    if not benchmark.exists():
        return
    ended = benchmark.stat().st_mtime
    for order in orders:
        if is_older(order.checkpoint, ended):
            order.checkpoint.unlink()
    if all(order.is_done() for order in orders):
        for order in orders:
            if is_older(order.directory / RUN, ended):
                log.info("%s is trained again, because its job was asked for again", order.directory)
                shutil.rmtree(order.directory)


def is_older(file: Path, time: float) -> bool:
    """Whether `file` exists and was written before a time."""
    return file.exists() and file.stat().st_mtime <= time
