"""The set-up of a process that computes a result: one thread, the chosen arithmetic."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch

from grokking import arithmetic
from grokking.kernels.portable import portable_kernels

log = logging.getLogger(__name__)


@contextmanager
def computing() -> Iterator[None]:
    """A context for whatever computes a result: a run, an analysis, reference solutions.

    It sets one thread, because the number of threads changes the last digits of a product, and an
    adaptive step amplifies them. On exit the old number is restored.
    """
    threads = torch.get_num_threads()
    if arithmetic.reason():
        log.warning("native arithmetic: %s", arithmetic.reason())
    torch.set_num_threads(1)
    try:
        with portable_kernels() if arithmetic.kind() == "portable" else nullcontext():
            yield
    finally:
        torch.set_num_threads(threads)
