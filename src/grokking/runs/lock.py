"""The lock on a run: two processes never train the same run."""

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
    """Hold the lock on the run with this `checkpoint`.

    If another process holds the lock, log a warning and wait. The operating system frees the lock
    of a process that dies. The lock file stays next to the checkpoint until `forget` removes it.
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


def forget(checkpoint: Path, state: Path | None = None) -> None:
    """Remove a run's checkpoint, lock and job log, unless another process trains the run.

    With a path `state` the checkpoint is kept there, for a longer run to continue from.
    The lock is held meanwhile: removing a lock file that a process holds would let a second one in.
    """
    lock = FileLock(checkpoint.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return
    try:
        if state and checkpoint.exists():
            state.parent.mkdir(parents=True, exist_ok=True)
            checkpoint.replace(state)
        for suffix in (checkpoint.suffix, ".owner", ".log", ".lock"):
            checkpoint.with_suffix(suffix).unlink(missing_ok=True)
    finally:
        lock.release()


def named(owner: Path) -> str:
    """The process and host that hold a lock, or `another process` if unknown."""
    try:
        return owner.read_text(encoding="utf-8")
    except OSError:
        return "another process"
