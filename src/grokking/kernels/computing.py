"""How this process computes while it makes a result: on one thread, and with the arithmetic that was chosen."""

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

    One thread, for their number changes the last digits of a product, and an adaptive step amplifies them. The number
    that torch had before is put back.
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
