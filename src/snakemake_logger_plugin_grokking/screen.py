"""Where the display writes: permanent lines, below them on a terminal a status that is redrawn in place."""

import os
import select
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from snakemake_logger_plugin_grokking.text import clip, printable

RED, GREEN, RESET = "\033[31m", "\033[32m", "\033[0m"


def is_live(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether lines can be redrawn in place and somebody may be looking."""
    return stream.isatty() and environment.get("TERM") != "dumb" and not environment.get("CI")


@dataclass
class Pacer:
    """When a line of progress is due in a log: at most every `shortest` seconds, and then if enough has happened."""

    last: float
    shown: float = 0.0
    shortest: float = 20.0
    longest: float = 60.0
    step: float = 0.05

    def due(self, now: float, fraction: float) -> bool:
        waited = now - self.last
        if waited < self.shortest or (waited < self.longest and fraction < self.shown + self.step):
            return False
        self.last, self.shown = now, fraction
        return True


def redraw(old: int, lines: Sequence[str], above: str | None = None) -> str:
    """What to send to a terminal to replace `old` status lines by text that stays and by new status lines.

    The cursor rests at the end of the status; every line is overwritten before its rest is erased, so nothing flickers.
    """
    up = "\r" + (f"\033[{old - 1}A" if old > 1 else "")
    stays = "".join(f"{line}\033[K\n" for line in above.split("\n")) if above is not None else ""
    return up + stays + "\033[K\n".join(lines) + "\033[K\033[J"


class Screen:
    """A stream that shows permanent lines and, where it is a terminal, a status below them."""

    def __init__(self, stream: TextIO, live: bool, colour: bool) -> None:
        self.stream, self.live, self.colour = stream, live, colour and live
        self.lines: list[str] = []

    @property
    def width(self) -> int:
        try:
            return (os.get_terminal_size(self.stream.fileno()).columns or 80) - 1  # some terminals say 0
        except OSError:
            return 79

    def say(self, text: str, colour: str = "") -> None:
        """Lines that stay."""
        text = printable(text, self.stream.encoding)
        if colour and self.colour:
            text = "\n".join(f"{colour}{line}{RESET}" for line in text.split("\n"))
        self._write(redraw(len(self.lines), self.lines, text) if self.lines else text + "\n")

    def show(self, lines: Sequence[str]) -> None:
        """A new status, instead of the last one."""
        new = [clip(printable(line, self.stream.encoding), self.width) for line in lines]
        if new != self.lines:
            self._write(redraw(len(self.lines), new))
            self.lines = new

    def hide(self) -> None:
        """Take the status away."""
        if self.lines:
            self._write(redraw(len(self.lines), []))
            self.lines = []

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()


class Capture:
    """What jobs and Snakemake itself print on the terminal, line by line, so that it can be put above the status.

    Jobs inherit file descriptors 1 and 2; those that are the terminal become a pipe until `stop`.
    """

    def __init__(self, relay: Callable[[str], None]) -> None:
        self.relay, self.stopping = relay, False
        _flush()
        self.saved = {number: os.dup(number) for number in (1, 2) if os.isatty(number)}
        self.source, sink = os.pipe()
        for number in self.saved:
            os.dup2(sink, number)
        os.close(sink)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def terminal(self) -> TextIO:
        """The terminal itself, past the pipe."""
        return open(self.saved[2], "w", encoding=sys.stderr.encoding, errors="replace", closefd=False)

    def _read(self) -> None:
        """Until all writers are gone; children that outlive Snakemake do not keep it waiting."""
        rest = b""
        while (ready := self._ready(0.0 if self.stopping else 0.2)) or not self.stopping:
            if not ready:
                continue
            if not (data := self._burst()):
                break
            *lines, rest = (rest + data).split(b"\n")
            if lines:
                self.relay(b"\n".join(lines).decode("utf-8", errors="replace"))
        if rest:
            self.relay(rest.decode("utf-8", errors="replace"))

    def _ready(self, wait: float) -> bool:
        return bool(select.select([self.source], [], [], wait)[0])

    def _burst(self) -> bytes:
        """What is printed without a pause, so that a table stays in one piece."""
        data = more = os.read(self.source, 65536)
        while more and len(data) < 2**20 and self._ready(0.02):
            data += (more := os.read(self.source, 65536))
        return data

    def stop(self) -> None:
        """Give the descriptors back, after everything printed so far has been relayed."""
        _flush()
        for number, saved in self.saved.items():
            os.dup2(saved, number)
        self.stopping = True
        self.thread.join(timeout=2)
        os.close(self.source)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
