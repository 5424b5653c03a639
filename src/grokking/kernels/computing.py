"""The settings of a process that computes a result, whatever the user has set.

Python code that calls `grokking.train` may have set threads, types and modes of torch and numpy.
This module fixes every such setting that could change a number or the number of threads, and
restores the caller's settings at the end.
"""

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any, NamedTuple

import numpy as np
import torch

from grokking import arithmetic
from grokking.kernels.portable import portable_kernels

log = logging.getLogger(__name__)
ALONE = threading.RLock()  # the settings belong to the process: threads take turns


class Setting(NamedTuple):
    """A setting of the process: how to `read` and `write` it, and the `value` used in computing."""

    read: Callable[[], Any]
    write: Callable[[Any], Any]
    value: Any

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Return a context in which the setting has its `value`; on exit the old value returns."""
        before = self.read()
        self.write(self.value)
        try:
            yield
        finally:
            self.write(before)


def precision(backend: Any) -> Setting:
    """Return the setting that makes a backend multiply float32 matrices in full precision.

    TF32 and bfloat16, which a backend such as `torch.backends.cuda` may use, are too coarse for a
    stiff flow.
    """
    return Setting(
        lambda: backend.matmul.fp32_precision, lambda value: setattr(backend.matmul, "fp32_precision", value), "ieee"
    )


def autocast(device: str) -> Setting:
    """Return the setting that switches off `torch.autocast` on a kind of device, such as `cpu`."""
    return Setting(
        lambda: torch.is_autocast_enabled(device), lambda value: torch.set_autocast_enabled(device, value), False
    )


SETTINGS = (
    # the number of threads changes the last digits of a product, and an adaptive step amplifies them
    Setting(torch.get_num_threads, torch.set_num_threads, 1),
    Setting(torch.get_default_dtype, torch.set_default_dtype, torch.float32),
    Setting(torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode, 0),
    *map(precision, (torch.backends.cuda, torch.backends.mkldnn)),
    *map(autocast, ("cpu", "cuda")),
)
# Denormal parameters slow down every product of a training. torch cannot be asked whether they are 0.
FLUSHING = Setting(lambda: sys.float_info.min / 2 == 0, torch.set_flush_denormal, True)


@contextmanager
def computing() -> Iterator[None]:
    """Return a context for whatever computes a result: a run, an analysis, reference solutions.

    Inside, there is one thread, the chosen arithmetic, and torch's and numpy's settings are those
    of a new process. On exit, also after an error, the caller's settings come back. Other threads
    of the process that enter the context wait.
    """
    if arithmetic.reason():
        log.warning("native arithmetic: %s", arithmetic.reason())
    with ALONE, ExitStack() as stack:
        for setting in SETTINGS:
            stack.enter_context(setting.applied())
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        stack.enter_context(torch._C.DisableTorchFunction())  # the default device is the CPU
        stack.enter_context(np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"))
        stack.enter_context(portable_kernels() if arithmetic.kind() == "portable" else nullcontext())
        yield
