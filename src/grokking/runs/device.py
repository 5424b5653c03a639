"""The one place that picks the device and sets how it computes."""

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
    """The device for a job: `auto` is CUDA where there is one, else the CPU.

    Of several GPUs it is one that no other job here has. Raises `ConfigError` for a device that is not there.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise ConfigError("device", name, "must be auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device", name, "no CUDA device is available here; use auto or cpu")
    torch.set_float32_matmul_precision("highest")  # no TF32: three digits are not enough for a stiff flow
    torch.set_flush_denormal(True)  # parameters that decay towards 0 would otherwise slow every product down
    if name == "cpu" or not torch.cuda.is_available():
        yield torch.device("cpu")
    else:
        # Streams and graphs are made on the current device.
        with free_gpu(visible_gpus()) as number, torch.cuda.device(number):
            yield torch.device("cuda", number)


def visible_gpus() -> list[str]:
    """The UUIDs of the GPUs that this process sees, by their numbers.

    A scheduler that gives each job a GPU shows it as number 0 to every job; the UUIDs tell the GPUs apart.
    """
    numbers = range(torch.cuda.device_count())
    return [str(torch.cuda.get_device_properties(number).uuid) for number in numbers]


@contextmanager
def free_gpu(uuids: Sequence[str]) -> Iterator[int]:
    """The number of a GPU that no other process has locked; where all are locked, the number of one to share."""
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
    """The file that a process locks while it uses a GPU; files belong to users, so each user has one."""
    return Path(tempfile.gettempdir()) / f"grokking-{os.getuid()}-gpu-{uuid}.lock"
