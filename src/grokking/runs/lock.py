"""The lock on a run: two processes never train the same one."""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

log = logging.getLogger(__name__)


@contextmanager
def only_one(checkpoint: Path) -> Iterator[None]:
    """A context in which this process alone works on the run with that `checkpoint`; others say for whom they wait.

    The operating system frees the lock of a process that dies. The empty file beside the checkpoint stays until the run
    is finished and `forget` takes it away.
    """
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    lock, owner = FileLock(checkpoint.with_suffix(".lock")), checkpoint.with_suffix(".owner")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        log.warning("%s trains this run (it holds %s); waiting for it", named(owner), lock.lock_file)
        lock.acquire()
    try:
        owner.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def forget(checkpoint: Path) -> None:
    """Remove a checkpoint, its lock and the log beside it, unless another process works on the run.

    The lock is held while it is removed: a file that another process holds would let a second one in.
    """
    lock = FileLock(checkpoint.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return
    try:
        for suffix in (checkpoint.suffix, ".owner", ".log", ".lock"):
            checkpoint.with_suffix(suffix).unlink(missing_ok=True)
    finally:
        lock.release()


def named(owner: Path) -> str:
    """Who holds a lock, as far as it has said so."""
    try:
        return owner.read_text(encoding="utf-8")
    except OSError:
        return "another process"
