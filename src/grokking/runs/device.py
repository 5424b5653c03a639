"""The one place that picks the device and sets how it computes."""

import logging
import os
import tempfile
from collections.abc import Iterator
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
        with free_gpu(torch.cuda.device_count()) as number, torch.cuda.device(number):
            yield torch.device("cuda", number)


@contextmanager
def free_gpu(count: int) -> Iterator[int]:
    """The number of a GPU that no other process holds in this way; of one that is shared where all are held.

    A scheduler that shows a job the GPU it may use shows it as the only one.
    """
    for number in range(count):
        lock = FileLock(lock_of(number))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        try:
            yield number
        finally:
            lock.release()
        return
    number = os.getpid() % count
    log.info("all %d GPUs are in use; sharing number %d", count, number)
    yield number


def lock_of(number: int) -> Path:
    """The file that whoever uses a GPU locks: one for each user of the machine, for files belong to users."""
    return Path(tempfile.gettempdir()) / f"grokking-{os.getuid()}-gpu-{number}.lock"
