"""A terminal as small as the tests need it."""

import re

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
