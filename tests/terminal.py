"""A terminal as small as the tests need it."""

import os
import pty
import re
import subprocess
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


def on_a_terminal(command: list[str], folder: Path | None = None) -> str:
    """All that a command, which has to succeed, writes to its terminal."""
    ours, theirs = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k not in ("CI", "GROKKING_DETAILS")} | {"TERM": "xterm"}
    process = subprocess.Popen(command, cwd=folder, env=env, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    written = b""
    try:
        while data := os.read(ours, 65536):
            written += data
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    assert process.wait() == 0, written.decode()
    return written.decode()
