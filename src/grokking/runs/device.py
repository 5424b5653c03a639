"""The choice of the device and its precision."""

import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from filelock import FileLock, Timeout

from grokking.parts.errors import ConfigError

log = logging.getLogger(__name__)


@contextmanager
def picked_device(name: str) -> Iterator[torch.device]:
    """Return a context with the device for a job: `auto` is CUDA if available, else the CPU.

    On a machine with several GPUs it is a GPU that no other job uses. Raises `ConfigError` for an
    unknown or missing device.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise ConfigError("device", name, "must be auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device", name, "no CUDA device is available here; use auto or cpu")
    if name == "cpu" or not torch.cuda.is_available():
        yield torch.device("cpu")
    else:
        # Streams and graphs use the current device.
        with free_gpu(visible_gpus()) as number, torch.cuda.device(number):
            yield torch.device("cuda", number)


def visible_gpus() -> list[str]:
    """Return the UUIDs of the visible GPUs, by number.

    UUIDs identify GPUs across jobs: a scheduler may show a different GPU as number 0 to each job.
    """
    numbers = range(torch.cuda.device_count())
    return [str(torch.cuda.get_device_properties(number).uuid) for number in numbers]


@contextmanager
def free_gpu(uuids: Sequence[str]) -> Iterator[int]:
    """Return a context that holds the lock of a free GPU and gives its number.

    If all GPUs are locked, one is shared.
    """
    for number, uuid in enumerate(uuids):
        lock = FileLock(lock_of(uuid))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        try:
            yield number
        finally:
            lock.release()
        return
    number = os.getpid() % len(uuids)
    log.info("all %d GPUs are in use; sharing number %d", len(uuids), number)
    yield number


def lock_of(uuid: str) -> Path:
    """Return the lock file of a GPU, one per user: users cannot write each other's files."""
    return Path(tempfile.gettempdir()) / f"grokking-{os.getuid()}-gpu-{uuid}.lock"
