"""Remove the results of a finished training job that Snakemake runs again, so that it trains anew.

If the last attempt was interrupted, the job resumes; if it finished, the job repeats it. Snakemake
removes the outputs of a job before it runs it again. The runs of a sweep are no outputs, so that a
killed job keeps those that it has finished; a repeated job must remove them itself.
"""

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from grokking.runs.training import Order
from grokking.store.sealed import RUN

log = logging.getLogger(__name__)


def forget_finished_attempt(orders: Sequence[Order], benchmark: Path) -> None:
    """Remove the checkpoints and results that the last finished attempt of a job has left.

    Snakemake writes the file `benchmark` at the end of each finished attempt; newer files come from
    an interrupted attempt and stay. Results are removed only if all runs in `orders` are up to
    date: the job then runs not because something has changed, but because it was forced or its mark
    was deleted.
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
    """Return whether `file` exists and was written before `time`, in seconds since 1970."""
    return file.exists() and file.stat().st_mtime <= time
