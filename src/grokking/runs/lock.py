"""The lock on a run: two processes never train the same one."""

import logging
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

log = logging.getLogger(__name__)


def only_one(checkpoint: Path) -> AbstractContextManager[Any]:
    """A context in which this process alone works on the run with that `checkpoint`; others say that they wait for it.

    The operating system frees the lock of a process that dies. The empty file beside the checkpoint stays until
    the run is finished: whoever removed it before could let two in, one by the old file and one by a new one.
    """
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(checkpoint.with_suffix(".lock"))
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        log.warning("another process trains this run (it holds %s); waiting for it", lock.lock_file)
        return lock.acquire()
