"""How a process of a build ends when its user stops it: without a traceback."""

import signal
import sys
import time
from collections.abc import Callable
from types import FrameType, TracebackType

# Ctrl-C, and a terminal that is closed, which Windows does not have.
STOPS = [getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)]
PATIENCE = 5.0  # seconds for cleaning up, which a second Ctrl-C does not interrupt


class Interrupt:
    """A signal handler that raises `KeyboardInterrupt`, once within `PATIENCE` seconds."""

    def __init__(self) -> None:
        self.raised = float("-inf")

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle the signal `number`. Raises `KeyboardInterrupt`."""
        now = time.monotonic()
        if now > self.raised + PATIENCE:
            self.raised = now
            raise KeyboardInterrupt


def end_calmly(say: Callable[[], None] = lambda: None) -> None:
    """End this process without a traceback on Ctrl-C or a closed terminal, from now on.

    Ignored signals, as under nohup, stay ignored. `say` is called if nothing catches the
    `KeyboardInterrupt`. Only the main thread may call `end_calmly`.
    """
    interrupt, usual = Interrupt(), sys.excepthook
    for number in STOPS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, interrupt)

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            say()
        else:
            usual(kind, error, trace)

    sys.excepthook = hook
