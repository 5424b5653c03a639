"""The status of a build at the bottom of a terminal."""

import os
from collections.abc import Sequence
from contextlib import suppress

from rich.console import Console
from rich.live import Live
from rich.text import Text


class Terminal:
    """A status that is redrawn in place, below the output of jobs.

    Jobs inherit the file descriptors 1 and 2; a pipe replaces those that are a terminal until
    `close`.
    """

    def __init__(self, console: Console) -> None:
        self.console, self.printed, self.rest = console, "", b""
        self.saved = {number: os.dup(number) for number in (1, 2) if os.isatty(number)}
        self.source, sink = os.pipe()
        os.set_blocking(self.source, False)
        for number in self.saved:
            os.dup2(sink, number)
        os.close(sink)
        self.live = Live(console=console, auto_refresh=False, transient=True)
        self.live.start()

    def show(self, lines: Sequence[str], stopped: bool) -> None:
        """Replace the status, and print the output of jobs up to the previous call.

        Ctrl-C reaches the jobs before the build is `stopped`; this hides their tracebacks.
        """
        if self.printed and not stopped:
            self.console.print(self.printed)
        self.printed = self.read()
        self.fit()
        status = Text("\n".join(lines), no_wrap=True, overflow="ellipsis")
        self.live.update(status, refresh=True)

    def fit(self) -> None:
        """Set the size of the terminal; rich would ask the descriptors, which are a pipe now."""
        with suppress(OSError):
            size = os.get_terminal_size(self.console.file.fileno())
            self.console.size = (size.columns or 80, size.lines or 25)

    def read(self) -> str:
        """The complete lines that jobs printed since the last call."""
        with suppress(BlockingIOError):
            while data := os.read(self.source, 65536):
                self.rest += data
        lines, _, self.rest = self.rest.rpartition(b"\n")
        return lines.decode("utf-8", errors="replace")

    def close(self, stopped: bool) -> None:
        """Restore the descriptors, print the rest of the output, and erase the status."""
        for number, saved in self.saved.items():
            os.dup2(saved, number)
            os.close(saved)
        for printed in (self.printed, self.read(), self.rest.decode("utf-8", errors="replace")):
            if printed and not stopped:
                self.console.print(printed)
        os.close(self.source)
        self.live.stop()
