"""The lock on a run: two processes never train the same run."""

import errno
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import BaseFileLock, FileLock, SoftFileLock, Timeout

log = logging.getLogger(__name__)
# What a file system without locks answers, such as NFS or Lustre mounted without them. To ENOSYS
# filelock itself has the same answer as `acquired`.
NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP)


@contextmanager
def only_one(checkpoint: Path) -> Iterator[None]:
    """Return a context that holds the lock on the run with this `checkpoint`.

    If another process holds the lock, it logs a warning and waits. The operating system frees the
    lock of a process that dies. The lock file stays next to the checkpoint until `forget` removes
    it.
    """
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    owner = checkpoint.with_suffix(".owner")
    try:
        lock = acquired(checkpoint, timeout=0)
    except Timeout as held:
        log.warning("%s trains this run (it holds %s); waiting for it", named(owner), held.lock_file)
        lock = acquired(checkpoint, timeout=-1)
    try:
        owner.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def acquired(checkpoint: Path, timeout: float) -> BaseFileLock:
    """Acquire and return the lock on a run; a negative `timeout`, in seconds, waits for ever.

    On a file system without locks, a file that names its process takes the place of the lock. If
    that process dies on another machine, somebody has to delete the file. Raises `Timeout`.
    """
    lock: BaseFileLock = FileLock(checkpoint.with_suffix(".lock"))
    try:
        lock.acquire(timeout)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        lock = SoftFileLock(checkpoint.with_suffix(".held"))
        log.info("this file system has no locks; %s takes their place", lock.lock_file)
        lock.acquire(timeout)
    return lock


def forget(checkpoint: Path, state: Path | None = None) -> None:
    """Remove a run's checkpoint, lock and job log, unless another process trains the run.

    With a path `state` the checkpoint is kept there, for a longer run to continue from. The lock is
    held meanwhile: removing a lock file that a process holds would let a second process in.
    """
    try:
        lock = acquired(checkpoint, timeout=0)
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
    """Return the process and host that hold a lock, or `another process` if unknown."""
    try:
        return owner.read_text(encoding="utf-8")
    except OSError:
        return "another process"
