"""A terminal as small as the tests need it."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import time
from contextlib import suppress
from pathlib import Path

PIECE = re.compile(r"\x1b\[\??(\d*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


def terminal(written: str) -> list[str]:
    """The lines on a wide terminal after all that was written."""
    rows, row, column = [""], 0, 0
    for number, code, control, letters in PIECE.findall(written):
        if code == "A":
            row -= int(number)
        elif code == "K":
            rows[row] = rows[row][:column] if number != "2" else ""
        elif control == "\r":
            column = 0
        elif control == "\n":
            row, column = row + 1, 0
            rows += [""] * (row == len(rows))
        elif letters:
            rows[row] = rows[row][:column].ljust(column) + letters + rows[row][column + len(letters) :]
            column += len(letters)
    return rows


def on_a_terminal(
    command: list[str], folder: Path | None = None, interrupt: bytes = b"", times: int = 1
) -> tuple[int, str]:
    """The exit code of a command and all that it writes to its terminal, which is 40 columns wide.

    Its stdin is no terminal. At the first sight of `interrupt` Ctrl-C is pressed, `times` in a row.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 40, 0, 0))
    env = {k: v for k, v in os.environ.items() if k not in ("CI", "GROKKING_DETAILS")} | {"TERM": "xterm"}
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, preexec_fn=take_terminal
    )
    os.close(theirs)
    written = b""
    with suppress(OSError):  # how Linux says that the other end is closed
        while data := os.read(ours, 65536):
            written += data
            if interrupt and interrupt in written:
                for _ in range(times):
                    os.write(ours, b"\x03")
                    time.sleep(0.05)
                interrupt = b""
    os.close(ours)
    return process.wait(), written.decode()


def take_terminal() -> None:
    """Make the terminal that stdout is the one whose Ctrl-C this process gets."""
    os.setsid()
    fcntl.ioctl(1, termios.TIOCSCTTY, 0)
